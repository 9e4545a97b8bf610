// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.hardware.HardwareTable;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.logs.LogLine;
import foundrybot.appliance.page.Action;
import foundrybot.appliance.page.BmcView;
import foundrybot.appliance.page.NodeStory;
import foundrybot.appliance.page.NodeView;
import foundrybot.appliance.page.Progress;
import foundrybot.appliance.page.RackView;
import foundrybot.appliance.page.Reported;
import foundrybot.appliance.power.BmcDesk;
import foundrybot.bootserver.http.HttpAnswer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The status in the form in which the page shows it. */
final class PageViews {
  /** The way of an installation; what is beside it is shown as where a node is, not as a step. */
  private static final List<String> STEPS =
      Arrays.stream(Stage.values()).filter(Stage::isOfRun).map(Stage::toString).toList();

  /** How words of what was refused begin. */
  static final String NOT_DONE = "Not done: ";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Map<String, String> WORDS =
      Map.of(
          "BEGUN", "Begun",
          "BY_HAND", "Open, to be switched on by hand",
          "UNDER_WAY", "Under way already",
          "READY", "Ready already",
          "REFUSED", "Refused");

  private PageViews() {}

  static RackView rack(FleetStatus status, Fleet fleet) {
    return new RackView(
        status.cluster(),
        STEPS,
        status.nodes().stream().map(node -> node(node, fleet)).toList(),
        status.phases().stream().map(PageViews::phase).toList(),
        status.strangers().stream()
            .map(s -> new RackView.Stranger(s.mac(), Instant.parse(s.at()), s.said()))
            .toList(),
        status.rackFault(),
        status.brake(),
        plain(status.appliance()));
  }

  /** Without evidence, whose times and numbers change with every look. */
  private static Diagnosis plain(Diagnosis own) {
    return new Diagnosis(own.code(), own.why(), List.of(), own.causes(), own.tries());
  }

  private static RackView.Phase phase(FleetStatus.PhaseStatus phase) {
    return new RackView.Phase(
        phase.number(),
        phase.name(),
        phase.state(),
        phase.ready(),
        phase.need(),
        phase.of(),
        Stream.concat(phase.blockedBy().stream(), phase.waitsFor().stream())
            .map(pending -> new RackView.Pending(pending.node(), pending.why()))
            .toList());
  }

  static NodeView node(FleetStatus.NodeStatus node, Fleet fleet) {
    Optional<Node> planned = fleet.nodeNamed(node.name());
    return new NodeView(
        node.name(),
        node.mac(),
        node.role(),
        node.profile(),
        node.stage(),
        STEPS.indexOf(node.stage()),
        node.condition(),
        node.stage().equals(Stage.GOAL.toString()),
        Instant.parse(node.since()),
        node.evidence(),
        Instant.parse(node.evidenceAt()),
        node.run(),
        node.attempt(),
        node.diagnosis(),
        node.power(),
        node.power().equals("wanted") && !node.next().isEmpty() ? node.next() : node.powerSaid(),
        node.purpose(),
        node.access(),
        planned.flatMap(Node::place).map(p -> new NodeView.Place(p.rack(), p.unit())),
        planned.flatMap(Node::bmc).map(bmc -> bmc.url().toString()).orElse(""),
        progress(node.progress()));
  }

  private static Progress progress(NodeProgress progress) {
    long total = progress.total();
    return new Progress(
        progress.percent(),
        progress.step(),
        progress.what(),
        total <= 0 ? 0 : Math.clamp(Math.round(100.0 * progress.done() / total), 0, 100),
        Optional.of(progress.until()).filter(at -> !at.isEmpty()).map(Instant::parse));
  }

  /** What a node was found to be made of. */
  static Reported inspected(HardwareReports.Inspected last) {
    boolean same = last.differences().isEmpty();
    return new Reported(
        "Made of",
        Instant.parse(last.at()),
        same ? "As the rack file says." : "Not as the rack file says:",
        same,
        last.differences(),
        List.of(
            HardwareTable.machine(last.inventory()),
            HardwareTable.disks(last.inventory()),
            HardwareTable.cards(last.inventory())));
  }

  /** What came of a node's last erasure. */
  static Reported erased(HardwareReports.ErasedNode last) {
    boolean proof = last.fault().isEmpty();
    return new Reported(
        "Erasure",
        Instant.parse(last.at()),
        proof ? "Proved, read back: " + last.report().proof() + "." : "No proof: " + last.fault(),
        proof,
        last.still()
            ? List.of()
            : List.of("It is not at 'erased' any more: this is no proof of today."),
        List.of(HardwareTable.of(last.report())));
  }

  /** What came of an action, for people: the API's own words, or those in its list. */
  static String said(Action action, HttpAnswer answer) {
    if (!(answer instanceof HttpAnswer.Body body)) {
      return "";
    }
    String text = new String(body.bytes(), StandardCharsets.UTF_8).strip();
    if (body.status() >= 300) {
      return NOT_DONE + text;
    }
    return body.contentType().equals("application/json")
        ? StreamSupport.stream(begun(text).spliterator(), false)
            .map(PageViews::said)
            .collect(Collectors.joining("\n"))
        : action.key() + ": " + (text.isEmpty() ? "done" : text);
  }

  /** Whether nothing was done: a deployment says that of each node, in an answer that is none. */
  static boolean isRefused(HttpAnswer answer) {
    if (!(answer instanceof HttpAnswer.Body body)) {
      return false;
    }
    return body.status() >= 300
        || (body.contentType().equals("application/json")
            && StreamSupport.stream(
                    begun(new String(body.bytes(), StandardCharsets.UTF_8)).spliterator(), false)
                .allMatch(one -> one.path("answer").asString("").equals("REFUSED")));
  }

  /** One of {@code Begun}, or of {@code Released}, which tells of the power, too. */
  private static String said(JsonNode one) {
    String answer = WORDS.getOrDefault(one.path("answer").asString(""), "");
    String power = one.path("power").asString("");
    return one.path("name").asString("")
        + ": "
        + (answer.isEmpty() ? "" : answer + ": ")
        + one.path("said").asString("")
        + (power.isEmpty() ? "" : "\n" + power);
  }

  private static Iterable<JsonNode> begun(String json) {
    JsonNode read = JSON.readTree(json);
    return read.isArray() ? read : List.of(read);
  }

  /**
   * A node's page.
   *
   * @param facts oldest first; more of them than are shown
   * @param shown how many are
   * @param mismatch why its BMC may be another machine's; else empty
   * @param own what is wrong with the appliance itself
   * @param reported what its machine said of its hardware
   */
  static NodeStory story(
      NodeView node,
      List<Fact> facts,
      int shown,
      List<LogLine> log,
      String mismatch,
      Diagnosis own,
      List<Reported> reported) {
    return new NodeStory(
        node,
        STEPS,
        facts.subList(Math.max(0, facts.size() - shown), facts.size()).stream()
            .map(f -> new NodeStory.Event(f.at(), f.kind(), f.shown()))
            .toList(),
        log.stream().map(l -> new NodeStory.Line(l.at(), l.from(), l.text())).toList(),
        bmc(facts, mismatch),
        own,
        reported);
  }

  /** What was heard of the BMC, each thing as it came last. */
  private static BmcView bmc(List<Fact> facts, String mismatch) {
    Optional<Fact> events = newest(facts, BmcDesk.EVENTS);
    return new BmcView(
        newest(facts, BmcDesk.POWER, "power.off", FactKind.POWER_TOLD.text())
            .map(fact -> new BmcView.Known(power(fact), fact.at())),
        known(facts, BmcDesk.PROGRESS),
        known(facts, "power.identity"),
        known(
            facts,
            BmcDesk.FAILED,
            "power.retry",
            FactKind.POWER_REFUSED.text(),
            FactKind.POWER_UNKNOWN.text()),
        events.map(Fact::at),
        events.map(fact -> List.of(fact.shown().split(" \\| ", 8))).orElse(List.of()),
        mismatch);
  }

  private static String power(Fact fact) {
    return switch (fact.kind()) {
      case "power.off" -> "off; " + fact.shown();
      case BmcDesk.POWER -> fact.shown();
      default -> "on, told by a deployment; " + fact.shown();
    };
  }

  private static Optional<BmcView.Known> known(List<Fact> facts, String... kinds) {
    return newest(facts, kinds).map(fact -> new BmcView.Known(fact.shown(), fact.at()));
  }

  private static Optional<Fact> newest(List<Fact> facts, String... kinds) {
    List<String> wanted = List.of(kinds);
    return facts.reversed().stream().filter(fact -> wanted.contains(fact.kind())).findFirst();
  }
}
