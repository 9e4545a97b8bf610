// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.report;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.report.ClusterReport.Deed;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What operators did, by the audit log: each change with what came of it. */
final class Deeds {
  /** Lines that a report has, the newest. */
  private static final int MOST = 5_000;

  private final Map<String, String> names = new HashMap<>();
  private final Map<String, String> commands = new HashMap<>();
  private final Map<String, AuditEntry> asked = new HashMap<>();
  private final Set<String> answered = new HashSet<>();
  private final Deque<AuditEntry> entries = new ArrayDeque<>();
  private int dropped;

  Deeds(RackFile rack) {
    for (Node node : rack.nodes()) {
      names.put(node.mac().toString(), node.name());
    }
  }

  /** Takes the next fact, if it is of the audit log. */
  void see(Fact fact) {
    if (fact.kind().equals(AuditEntry.BEGUN)) {
      String id = fact.detail().split(" ", 2)[0];
      commands.put(AuditEntry.idOf(id), id);
    } else if (AuditEntry.ofOperator(fact)) {
      AuditEntry.of(fact).ifPresent(this::take);
    }
  }

  private void take(AuditEntry entry) {
    if (entry.result().isEmpty()) {
      asked.put(entry.id(), entry);
    } else {
      answered.add(entry.id());
    }
    entries.addLast(entry);
    if (entries.size() > 2 * MOST) {
      dropped += entries.removeFirst().result().isEmpty() ? 0 : 1;
    }
  }

  /**
   * What is told.
   *
   * @param deeds the newest, oldest first; a change that came to nothing is one, too
   * @param leftOut how many older ones there are
   */
  record Told(List<Deed> deeds, int leftOut) {}

  Told told() {
    List<Deed> all = new ArrayList<>();
    for (AuditEntry entry : entries) {
      if (!entry.result().isEmpty() || !answered.contains(entry.id())) {
        all.add(deed(entry));
      }
    }
    all.sort(Comparator.comparing(deed -> Instant.parse(deed.at())));
    int left = Math.max(0, all.size() - MOST);
    return new Told(List.copyOf(all.subList(left, all.size())), dropped + left);
  }

  private Deed deed(AuditEntry entry) {
    boolean over = !entry.result().isEmpty();
    AuditEntry begin = asked.getOrDefault(entry.id(), entry);
    return new Deed(
        begin.at(),
        entry.who(),
        entry.from(),
        Mac.parse(entry.mac()).isPresent() ? names.getOrDefault(entry.mac(), entry.mac()) : "",
        entry.what(),
        entry.result(),
        over ? entry.at() : "",
        commands.getOrDefault(entry.id(), ""));
  }
}
