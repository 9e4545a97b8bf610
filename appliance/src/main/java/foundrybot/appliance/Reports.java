// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.GivenPlans.Given;
import foundrybot.appliance.hardware.KeptReports;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.report.Chronicle;
import foundrybot.appliance.report.ClusterReport;
import foundrybot.appliance.report.ClusterReport.Artifact;
import foundrybot.appliance.report.SignedReport;
import foundrybot.appliance.report.Sources;
import foundrybot.appliance.store.Store;
import foundrybot.appliance.store.Store.LeaseRow;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.ipxe.BootProgram;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the record of the cluster from what is durable: the journal, the plan, what nodes were
 * given, and leases.
 */
final class Reports {
  /** The header field that has the signature, in base64. */
  static final String SIGNATURE = "Report-Signature";

  private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

  private final Fleet fleet;
  private final Store store;
  private final GivenPlans plans;
  private final ArtifactLibrary artifacts;
  private final Map<String, String> programs = new HashMap<>();
  private final ClusterKey cluster;
  private final KeptHardware hardware;
  private final InstantSource clock;

  Reports(
      Fleet fleet,
      Store store,
      GivenPlans plans,
      ArtifactLibrary artifacts,
      Map<String, BootProgram> programs,
      Map<String, byte[]> signedPrograms,
      ClusterKey cluster,
      KeptHardware hardware,
      InstantSource clock) {
    this.fleet = fleet;
    this.store = store;
    this.plans = plans;
    this.artifacts = artifacts;
    this.cluster = cluster;
    this.hardware = hardware;
    this.clock = clock;
    programs.forEach((name, program) -> this.programs.put(name, program.sha256()));
    signedPrograms.forEach((name, bytes) -> this.programs.put(name, sha256(bytes)));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Reads the whole journal; one at a time, since that is work for memory and disk. */
  synchronized SignedReport report() {
    RackFile rack = fleet.rack();
    Chronicle chronicle = new Chronicle(rack);
    store.replay(Chronicle.kinds(), chronicle::see);
    Instant now = clock.instant();
    ClusterReport report =
        chronicle.report(
            new Sources(
                "FoundryBot " + Appliance.VERSION,
                cluster.id(),
                this::given,
                name -> programs.getOrDefault(name, ""),
                leases(now),
                node -> last(node, hardware.inspections()),
                node -> last(node, hardware.erasures())),
            now);
    return SignedReport.sign(report, cluster.signer());
  }

  HttpAnswer answer() {
    SignedReport report = report();
    return HttpAnswer.Body.of(200, "application/json", report.bytes(), "api: report")
        .with(Map.of(SIGNATURE, report.signature()));
  }

  private Function<Node, List<String>> leases(Instant now) {
    Map<String, List<String>> byMac =
        store.leases().stream()
            .filter(lease -> lease.expires().isAfter(now))
            .collect(
                Collectors.groupingBy(
                    LeaseRow::mac, Collectors.mapping(LeaseRow::address, Collectors.toList())));
    return node -> byMac.getOrDefault(node.mac().toString(), List.of()).stream().sorted().toList();
  }

  private Sources.Given given(Node node) {
    return kept(node)
        .map(
            given ->
                new Sources.Given(
                    given.run(),
                    files(given.plan().texts().getOrDefault(NodePlan.BOOT_FILES, "")),
                    given.plan().digest()))
        .orElseGet(() -> new Sources.Given(0, files(artifacts.digests(node.profile())), ""));
  }

  private static <T> Optional<T> last(Node node, KeptReports<T> kept) {
    try {
      return kept.of(node.mac());
    } catch (IOException e) {
      LOG.warn("not in the report: what node={} reported cause={}", node.name(), e.getMessage());
      return Optional.empty();
    }
  }

  /** Of its present run; one that cannot be read is told of in the log, and is none. */
  private Optional<Given> kept(Node node) {
    try {
      return plans.of(node.mac()).filter(it -> it.run() == fleet.state(node.mac()).run());
    } catch (IOException e) {
      LOG.warn("not in the report: what node={} was given cause={}", node.name(), e.getMessage());
      return Optional.empty();
    }
  }

  /** Lines as {@code sha256sum} writes them. */
  private static List<Artifact> files(String digests) {
    return digests
        .lines()
        .map(line -> line.split(" +", 2))
        .filter(words -> words.length == 2)
        .map(words -> new Artifact(words[1], words[0]))
        .toList();
  }
}
