// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.NodeCheck;
import foundrybot.answerfiles.Phase;
import foundrybot.answerfiles.RackFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When a phase of the cluster would have its nodes. That their checks pass takes longer: they run
 * after the enrollment, on the machines.
 *
 * @param need how many of its nodes let the next phase begin
 * @param opens when all phases before it have theirs; empty where one of them never has
 * @param done when so many of its own are enrolled, and it is open; empty where they never are
 * @param checks names of what its nodes would have to prove then
 */
record PhaseTimes(
    int number,
    String name,
    int need,
    int of,
    Optional<Duration> opens,
    Optional<Duration> done,
    List<String> checks) {
  PhaseTimes {
    checks = List.copyOf(checks);
  }

  /** Of those that have nodes, in their order. */
  static List<PhaseTimes> of(RackFile rack, Map<Mac, Duration> enrolled) {
    List<PhaseTimes> all = new ArrayList<>();
    Optional<Duration> opens = Optional.of(Duration.ZERO);
    for (Phase phase : rack.phases()) {
      List<Node> nodes = phase.of(rack.nodes());
      if (nodes.isEmpty()) {
        continue;
      }
      int need = phase.need().of(nodes.size());
      Optional<Duration> done = opens.flatMap(from -> done(nodes, need, from, enrolled));
      List<String> checks = phase.checks().stream().map(NodeCheck::name).toList();
      all.add(
          new PhaseTimes(all.size() + 1, phase.name(), need, nodes.size(), opens, done, checks));
      opens = done;
    }
    return all;
  }

  private static Optional<Duration> done(
      List<Node> nodes, int need, Duration from, Map<Mac, Duration> enrolled) {
    List<Duration> times =
        nodes.stream()
            .map(node -> Optional.ofNullable(enrolled.get(node.mac())))
            .flatMap(Optional::stream)
            .sorted()
            .toList();
    if (times.size() < need) {
      return Optional.empty();
    }
    Duration last = need == 0 ? from : times.get(need - 1);
    return Optional.of(last.compareTo(from) > 0 ? last : from);
  }

  /** One line. */
  String line() {
    String proves = checks.isEmpty() ? "" : "; then its checks: " + String.join(", ", checks);
    return "phase %d %s: %d of %d enrolled %s, opens %s%s"
        .formatted(number, name, need, of, at(done), at(opens), proves);
  }

  private static String at(Optional<Duration> time) {
    return time.map(it -> "at " + Report.text(it)).orElse("never");
  }
}
