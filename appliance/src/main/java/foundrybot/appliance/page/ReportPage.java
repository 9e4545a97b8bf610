// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import static foundrybot.appliance.page.Html.all;
import static foundrybot.appliance.page.Html.el;
import static foundrybot.appliance.page.Html.text;
import static foundrybot.appliance.page.Html.when;

import foundrybot.appliance.hardware.Erased;
import foundrybot.appliance.hardware.HardwareTable;
import foundrybot.appliance.hardware.Inspection;
import foundrybot.appliance.report.ClusterReport;
import foundrybot.appliance.report.ClusterReport.Artifact;
import foundrybot.appliance.report.ClusterReport.Check;
import foundrybot.appliance.report.ClusterReport.Member;
import foundrybot.appliance.report.ClusterReport.Phase;
import foundrybot.appliance.report.SignedReport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A report for people: one file that needs no other, with the JSON that it was made of and that
 * one's signature in it. A pure function of these two, so whoever has the file can make it again.
 */
public final class ReportPage {
  private static final String STYLE = new String(Assets.load("report.css"), StandardCharsets.UTF_8);
  private static final String JSON_BEGIN = "<pre id=\"record\">";
  private static final String JSON_END = "</pre>";
  private static final String SIGNATURE_BEGIN = "<code id=\"signature\">";
  private static final String SIGNATURE_END = "</code>";

  private ReportPage() {}

  /**
   * The whole file.
   *
   * @param report what {@code signed} says
   */
  public static String of(ClusterReport report, SignedReport signed) {
    // The only text that is no value, and it is ours: an element of Html takes no style.
    String head =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
            + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
            + "<meta name=\"color-scheme\" content=\"light dark\">"
            + el("title", report.cluster() + " · report · FoundryBot").written()
            + "<style>\n"
            + STYLE
            + "</style></head>\n";
    Html body =
        el(
            "body",
            el("h1", report.summary()).classes(report.complete() ? "complete" : "unfinished"),
            whole(report),
            proof(signed),
            phases(report),
            pace(report),
            table(report),
            nodes(report),
            deeds(report),
            record(signed));
    return head + body.written() + "</html>\n";
  }

  /**
   * The report that a file of this kind was made of, without a look at its signature; empty if
   * there is none in it.
   */
  public static Optional<SignedReport> recordIn(String html) {
    Optional<String> signature = between(html, SIGNATURE_BEGIN, SIGNATURE_END);
    // What is between cannot have the end in it: there all angle brackets are escaped.
    Optional<String> json = between(html, JSON_BEGIN, JSON_END).map(ReportPage::unescaped);
    return signature.flatMap(sig -> json.map(text -> new SignedReport(text, sig)));
  }

  private static Optional<String> between(String text, String begin, String end) {
    int from = text.indexOf(begin);
    int to = from < 0 ? -1 : text.indexOf(end, from + begin.length());
    return to < 0 ? Optional.empty() : Optional.of(text.substring(from + begin.length(), to));
  }

  private static String unescaped(String text) {
    return text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  private static Html whole(ClusterReport report) {
    List<Html> rows = new ArrayList<>();
    row(rows, "Cluster", report.cluster() + " (" + report.clusterId() + ")");
    row(rows, "Made at", report.madeAt());
    row(rows, "Made by", report.product());
    row(rows, "Rack file", "SHA-256 " + report.rackFile());
    report
        .takenIn()
        .forEach(file -> row(rows, "It takes in", file.name() + ", SHA-256 " + file.sha256()));
    row(rows, "Began", report.began());
    row(rows, "Complete at", report.completeAt());
    row(rows, "Time to complete", span(report.seconds()));
    return el("dl").with(rows);
  }

  private static Html proof(SignedReport signed) {
    return all(
        el("h2", "Signature"),
        el(
            "dl",
            el("dt", "SHA-256 of the JSON"),
            el("dd", el("code", signed.sha256()).at("id", "digest")),
            el("dt", "Ed25519 signature of the JSON"),
            el("dd", el("code", signed.signature()).at("id", "signature")),
            el("dt", "To verify"),
            el("dd", el("code", "bootserver report --verify FILE"))));
  }

  private static Html phases(ClusterReport report) {
    return when(
        !report.phases().isEmpty(),
        all(
            el("h2", "Phases"),
            rows(
                "",
                List.of("Phase", "State", "Ready", "Needs", "Done at", "Waits for"),
                report.phases().stream().map(ReportPage::phase).toList()),
            checks(report)));
  }

  private static List<String> phase(Phase phase) {
    return List.of(
        phase.number() + " " + phase.name(),
        phase.state(),
        phase.ready() + " of " + phase.of(),
        String.valueOf(phase.need()),
        phase.doneAt(),
        String.join("; ", phase.waitsFor()));
  }

  private static Html checks(ClusterReport report) {
    List<List<String>> lines = new ArrayList<>();
    for (Phase phase : report.phases()) {
      for (Check check : phase.checks()) {
        String state = check.since().isEmpty() ? "not reported" : check.passed() ? "ok" : "failed";
        lines.add(
            List.of(phase.name(), check.node(), check.check(), state, check.since(), check.said()));
      }
    }
    return when(
        !lines.isEmpty(),
        rows(
            "What the nodes proved",
            List.of("Phase", "Node", "Check", "Result", "Since", "Said"),
            lines));
  }

  private static Html pace(ClusterReport report) {
    return when(
        !report.stages().isEmpty(),
        all(
            el("h2", "Times"),
            rows(
                "What nodes took for each stage",
                List.of("Stage", "Stays", "Median", "Longest"),
                report.stages().stream()
                    .map(
                        it ->
                            List.of(
                                it.stage(),
                                String.valueOf(it.stays()),
                                span(it.medianSeconds()),
                                span(it.longestSeconds())))
                    .toList()),
            rows(
                "The longest stays",
                List.of("Node", "Stage", "Attempt", "Time"),
                report.slowest().stream()
                    .map(
                        it ->
                            List.of(
                                it.node(),
                                it.stage(),
                                String.valueOf(it.attempt()),
                                span(it.seconds())))
                    .toList())));
  }

  private static Html table(ClusterReport report) {
    return all(
        el("h2", "Nodes"),
        rows(
            "",
            List.of("Node", "Role", "Profile", "Stage", "Run", "Attempt", "Enrolled at", "Time"),
            report.nodes().stream()
                .map(
                    node ->
                        List.of(
                            node.name(),
                            node.role(),
                            node.profile(),
                            node.stage()
                                + (node.condition().equals("ok") ? "" : ", " + node.condition()),
                            String.valueOf(node.run()),
                            String.valueOf(node.attempt()),
                            node.enrolledAt(),
                            span(node.seconds())))
                .toList()));
  }

  private static Html nodes(ClusterReport report) {
    return all(report.nodes().stream().map(ReportPage::node).toList());
  }

  private static Html node(Member node) {
    List<Html> facts = new ArrayList<>();
    row(facts, "MAC", node.mac());
    row(facts, "Role", node.role());
    row(facts, "System", node.system() + " (" + node.profile() + ")");
    row(facts, "Addresses", String.join(", ", node.addresses()));
    row(facts, "Firmware", node.firmware());
    row(facts, "UUID", node.uuid());
    row(facts, "UUID by its BMC", node.bmcUuid());
    row(facts, "Boot program", file(node.bootProgram()));
    row(facts, "Run", node.run() + ", attempt " + node.attempt());
    row(facts, "Time to complete", span(node.seconds()));
    row(facts, "Mesh bundle", node.bundleSerial() < 0 ? "" : "serial " + node.bundleSerial());
    row(facts, "Given in this run", node.plan().isEmpty() ? "" : "SHA-256 " + node.plan());
    return el(
            "section",
            el("h3", node.name()),
            el("dl").with(facts),
            rows(
                node.given() ? "Artifacts that it was given" : "Artifacts that it would be given",
                List.of("File", "SHA-256"),
                node.artifacts().stream().map(it -> List.of(it.name(), it.sha256())).toList()),
            rows(
                "Its way"
                    + (node.staysLeftOut() > 0
                        ? "; " + node.staysLeftOut() + " earlier stays are left out"
                        : ""),
                List.of("Stage", "Attempt", "At", "Time"),
                node.stages().stream()
                    .map(
                        it ->
                            List.of(
                                it.stage(),
                                String.valueOf(it.attempt()),
                                it.at(),
                                span(it.seconds())))
                    .toList()),
            rows(
                "Retries",
                List.of("At", "By", "Why"),
                node.retries().stream().map(it -> List.of(it.at(), it.by(), it.why())).toList()),
            rows(
                "What was wrong",
                List.of("From", "Until", "Diagnosis", "Why"),
                node.diagnoses().stream()
                    .map(it -> List.of(it.from(), it.until(), it.code(), it.why()))
                    .toList()),
            all(node.inspected().stream().map(ReportPage::inspected).toList()),
            all(node.erased().stream().map(ReportPage::erased).toList()))
        .classes("node");
  }

  private static Html inspected(Inspection last) {
    String at = ", as it said at " + last.at();
    return all(
        rows("Made of", at, HardwareTable.machine(last.inventory())),
        rows("Disks", at, HardwareTable.disks(last.inventory())),
        rows("Network cards", at, HardwareTable.cards(last.inventory())));
  }

  private static Html erased(Erased last) {
    String verdict =
        last.fault().isEmpty()
            ? "proved, read back: " + last.report().proof()
            : "no proof: " + last.fault();
    return rows(
        "Last erasure",
        ", reported at " + last.at() + "; " + verdict,
        HardwareTable.of(last.report()));
  }

  private static Html rows(String caption, String more, HardwareTable table) {
    return table.rows().isEmpty()
        ? el("p", caption + more + ": none")
        : rows(caption + more, table.head(), table.rows());
  }

  private static String file(Artifact file) {
    return file.sha256().isEmpty() ? file.name() : file.name() + ", SHA-256 " + file.sha256();
  }

  private static Html deeds(ClusterReport report) {
    return when(
        !report.deeds().isEmpty(),
        all(
            el("h2", "Who did what"),
            rows(
                report.deedsLeftOut() > 0 ? report.deedsLeftOut() + " older ones are left out" : "",
                List.of("At", "Operator", "From", "Node", "What", "Result", "Command-Id"),
                report.deeds().stream()
                    .map(
                        it ->
                            List.of(
                                it.at(),
                                it.who(),
                                it.from(),
                                it.node(),
                                it.what(),
                                it.result().isEmpty() ? "no outcome" : it.result(),
                                it.commandId()))
                    .toList())));
  }

  private static Html record(SignedReport signed) {
    return el(
            "details",
            el("summary", "The JSON that is signed"),
            el("pre", signed.json()).at("id", "record"))
        .classes("record");
  }

  /** A table, or nothing where it has no lines. */
  private static Html rows(String caption, List<String> head, List<List<String>> lines) {
    if (lines.isEmpty()) {
      return Html.none();
    }
    List<Html> body =
        lines.stream()
            .<Html>map(line -> el("tr").with(line.stream().map(cell -> el("td", cell)).toList()))
            .toList();
    List<Html> names = head.stream().<Html>map(name -> el("th", name).at("scope", "col")).toList();
    return el(
            "div",
            el(
                "table",
                when(!caption.isEmpty(), el("caption", caption)),
                el("thead", el("tr").with(names)),
                el("tbody").with(body)))
        .classes("wide");
  }

  private static void row(List<Html> rows, String name, String value) {
    if (!value.isEmpty()) {
      rows.add(el("dt", name));
      rows.add(el("dd", text(value)));
    }
  }

  /** {@code 1 h 4 min}, {@code 3 min 20 s}; nothing where it is not over. */
  private static String span(long seconds) {
    if (seconds < 0) {
      return "";
    }
    return seconds < 60
        ? seconds + " s"
        : seconds < 3600
            ? seconds / 60 + " min " + seconds % 60 + " s"
            : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
  }
}
