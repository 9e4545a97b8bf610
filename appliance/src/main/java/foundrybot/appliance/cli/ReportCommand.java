// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.mesh.BundleSigner;
import foundrybot.appliance.Appliance;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.page.ReportPage;
import foundrybot.appliance.report.ClusterReport;
import foundrybot.appliance.report.SignedReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The signed record of the cluster. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Gives the signed record of the cluster: what became of each node, when, by what files, and"
          + " who did what.",
      "Without an option it says in a few lines what is in it. It can be made at any time; of a"
          + " cluster that is not complete the first line says so.",
      "--verify says whether a file is such a record, as it was signed. That needs no appliance,"
          + " only the public half of the cluster's key: bundles.pem of the data folder, or a copy."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:made, or good",
      "1:not good, or it cannot be written",
      "4:the appliance cannot be asked"
    })
final class ReportCommand implements Callable<Integer> {
  private static final String JSON = "report.json";
  private static final String SIGNATURE = ".sig";
  private static final String HTML = "report.html";
  private static final int MOST_SHOWN = 3;

  /** A page has its JSON in it, and all of that once more for people. */
  private static final int MOST_PAGE_BYTES = 4 * SignedReport.MOST_BYTES;

  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "A folder for report.json, its signature report.json.sig, and report.html.")
  private @Nullable Path out;

  @Option(names = "--json", description = "Prints the JSON, byte for byte as it is signed.")
  private boolean json;

  @Option(names = "--html", paramLabel = "FILE", description = "A file for the HTML alone.")
  private @Nullable Path html;

  @Option(
      names = "--verify",
      paramLabel = "FILE",
      description = "Looks at a file instead: HTML, or JSON with FILE.sig beside it.")
  private @Nullable Path verify;

  @Option(
      names = "--signer",
      paramLabel = "FILE",
      description = "Of --verify: who must have signed, as PEM (default: bundles.pem in --data).")
  private @Nullable Path signer;

  @Override
  public Integer call() {
    checkOptions();
    if (verify != null) {
      Path key = Optional.ofNullable(signer).orElseGet(() -> ClusterKey.publicFile(data.path()));
      System.out.println(verified(verify, SignerFile.read(key)));
      return 0;
    }
    try (ApiClient client = new ApiClient(data.path())) {
      SignedReport signed = client.report();
      if (json) {
        byte[] bytes = signed.bytes();
        System.out.write(bytes, 0, bytes.length);
        System.out.flush();
        return 0;
      }
      ClusterReport report =
          signed
              .report()
              .orElseThrow(
                  () ->
                      new UserException(
                          ApiClient.UNREACHABLE,
                          "report: in a form that this version cannot read (expected: "
                              + ClusterReport.FORMAT
                              + "); use the bootserver of the appliance's version, or --json"));
      write(report, signed);
      System.out.print(text(report, signed));
      return 0;
    }
  }

  private void checkOptions() {
    List<String> given =
        Stream.of(
                out == null ? "" : "--out",
                json ? "--json" : "",
                html == null ? "" : "--html",
                verify == null ? "" : "--verify")
            .filter(name -> !name.isEmpty())
            .toList();
    if (given.size() > 1) {
      throw new UserException(
          Main.USAGE, String.join(" and ", given) + ": together (expected: one of these)");
    }
    if (signer != null && verify == null) {
      throw new UserException(Main.USAGE, "--signer: alone (expected: together with --verify)");
    }
  }

  private void write(ClusterReport report, SignedReport signed) {
    if (html != null) {
      write(html, ReportPage.of(report, signed).getBytes(StandardCharsets.UTF_8));
    }
    if (out != null) {
      try {
        Files.createDirectories(out);
      } catch (IOException e) {
        throw UserException.unwritten("--out", out, e);
      }
      write(out.resolve(JSON), signed.bytes());
      write(out.resolve(JSON + SIGNATURE), signed.rawSignature());
      write(out.resolve(HTML), ReportPage.of(report, signed).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** A file that is there already is replaced as a whole, or stays. */
  private static void write(Path file, byte[] bytes) {
    Path part = file.resolveSibling(file.toFile().getName() + ".part");
    try {
      Files.write(part, bytes);
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw UserException.unwritten("report", file, e);
    }
  }

  private String text(ClusterReport report, SignedReport signed) {
    StringBuilder text = new StringBuilder(report.summary()).append('\n');
    text.append("made at ").append(report.madeAt()).append(" by ").append(report.product());
    text.append("; rack file SHA-256 ").append(report.rackFile()).append('\n');
    if (report.complete()) {
      text.append("from ").append(report.began()).append(" to ").append(report.completeAt());
      text.append(", ").append(StatusTable.span(report.seconds())).append('\n');
    }
    if (!report.slowest().isEmpty()) {
      text.append("longest: ");
      text.append(
          report.slowest().stream()
              .limit(MOST_SHOWN)
              .map(it -> it.node() + " " + StatusTable.span(it.seconds()) + " at " + it.stage())
              .collect(Collectors.joining(", ")));
      text.append('\n');
    }
    text.append("signed JSON of ").append(signed.bytes().length).append(" bytes, SHA-256 ");
    text.append(signed.sha256()).append('\n');
    String kept =
        out != null
            ? "in " + out + ": " + JSON + ", " + JSON + SIGNATURE + ", " + HTML
            : html != null ? "in " + html : "--out DIR keeps it as JSON, signature and HTML";
    return text.append(kept).append('\n').toString();
  }

  /** The sentence about a good file. */
  private static String verified(Path file, BundleSigner.PublicPart key) {
    byte[] bytes = SignerFile.bytes(file, MOST_PAGE_BYTES);
    String content = new String(bytes, StandardCharsets.UTF_8);
    if (!Arrays.equals(content.getBytes(StandardCharsets.UTF_8), bytes)) {
      throw bad(file, "no UTF-8 (expected: a report, unchanged)");
    }
    boolean page = content.startsWith("<!doctype html>");
    SignedReport signed =
        page
            ? ReportPage.recordIn(content)
                .orElseThrow(
                    () -> bad(file, "no report in it (expected: HTML that 'report' has made)"))
            : new SignedReport(content, signatureBeside(file));
    signed
        .fault(key)
        .ifPresent(
            fault -> {
              throw bad(file, fault);
            });
    ClusterReport report =
        signed
            .report()
            .orElseThrow(
                () ->
                    bad(file, "signed, but no report that this version, " + ours() + ", can read"));
    if (page && !ReportPage.of(report, signed).equals(content)) {
      throw bad(
          file,
          report.product().equals(ours())
              ? "its JSON is good, but the page around it is not the one of this JSON; make it"
                  + " again, or trust the JSON alone"
              : "its JSON is good, but whether the page is the one of this JSON only "
                  + report.product()
                  + " can tell (this is "
                  + ours()
                  + ")");
    }
    return file
        + ": good, signed by the key of cluster "
        + report.cluster()
        + " ("
        + report.clusterId()
        + ") and unchanged; made at "
        + report.madeAt()
        + ": "
        + report.summary();
  }

  private static String ours() {
    return "FoundryBot " + Appliance.VERSION;
  }

  private static String signatureBeside(Path file) {
    Path beside = file.resolveSibling(file.toFile().getName() + SIGNATURE);
    if (!Files.exists(beside)) {
      throw bad(
          file, "no signature: " + beside + " is missing (expected: as 'report --out' writes it)");
    }
    return Base64.getEncoder().encodeToString(SignerFile.bytes(beside, 64));
  }

  private static UserException bad(Path file, String why) {
    return new UserException(Main.FAILED, file + ": " + why);
  }
}
