// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.AnswerFile;
import foundrybot.answerfiles.AnswerFiles;
import foundrybot.answerfiles.ImageRef;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.Profiles;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RunContext;
import foundrybot.appliance.ArtifactLibrary.Item;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import foundrybot.images.cast.FirstBoot;
import foundrybot.ipxe.GrubConfig;
import foundrybot.ipxe.Platform;
import foundrybot.ipxe.Script;
import foundrybot.ipxe.Scripts;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;

/**
 * What machines ask over HTTP: their script by MAC, everything else by the token that the script
 * carried. A report is answered when it is durable, never before.
 */
final class NodeRoutes {
  /** Steps a machine may report; each is progress, none opens anything. */
  private static final Set<String> STEPS =
      Set.of(
          "partitioned",
          "partitioning",
          "base-installed",
          "image-written",
          "identity-written",
          "bootloader-installed");

  private static final Set<String> MILESTONES =
      Set.of("installer-started", "progress", "installed", "first-boot", "failed");

  /** The installer's wget can only GET; a HEAD or a DELETE is nobody's report. */
  private static final Set<String> REPORTING = Set.of("GET", "POST");

  private static final Pattern EVENT = Pattern.compile("[a-z][a-z-]{0,39}");
  private static final int MAX_FACTS = 400;

  /** What a machine says of itself is cut at 400 characters; this is room for it, encoded. */
  private static final int MAX_REPORT_BYTES = 8 * 1024;

  /** As long as a token, so that a HEAD tells the length of what a GET would bring. */
  private static final String NO_TOKEN = "0".repeat(Tokens.LENGTH);

  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final ArtifactLibrary artifacts;
  private final Tokens tokens;
  private final URI appliance;
  private final Executor blocking;

  NodeRoutes(
      Fleet fleet,
      FlightRecorder recorder,
      ArtifactLibrary artifacts,
      Tokens tokens,
      URI appliance,
      Executor blocking) {
    this.fleet = fleet;
    this.recorder = recorder;
    this.artifacts = artifacts;
    this.tokens = tokens;
    this.appliance = appliance;
    this.blocking = blocking;
  }

  /**
   * {@code /boot/MAC/bios.ipxe}.
   *
   * @param head whether only the header is asked for, which mints no token and moves no machine
   */
  CompletionStage<HttpAnswer> script(String macText, String file, boolean head) {
    Optional<MacAddress> mac = MacAddress.parse(macText);
    Optional<ScriptKind> kind = ScriptKind.called(file);
    if (mac.isEmpty() || kind.isEmpty()) {
      return done(Answers.notFound("script of nobody"));
    }
    Optional<Node> node = fleet.node(Answers.mac(mac.get()));
    if (node.isEmpty()) {
      return done(stranger(mac.get(), kind.get().firmware()));
    }
    NodeState state = fleet.state(node.get().mac());
    if (state.bootsFromDisk()) {
      recorder.noteClaimed(mac.get(), "boot.local", "told to boot from its disk");
      return done(print(Scripts.localDisk(kind.get().firmware()), mac.get(), "script: local disk"));
    }
    if (!head && !recorder.admitsScript(node.get().mac())) {
      return done(Answers.text(429, "too many requests; wait a minute", "script: too often"));
    }
    return install(node.get(), mac.get(), kind.get().architecture(), head);
  }

  /** Who was last heard from that address. */
  Optional<MacAddress> at(InetAddress address) {
    return fleet.at(address).map(Answers::mac);
  }

  private HttpAnswer stranger(MacAddress mac, Platform.Firmware firmware) {
    return switch (fleet.rack().appliance().unknown()) {
      case IGNORE -> Answers.notFound("script of an unknown machine").of(mac);
      case DISCOVER ->
          print(
              Scripts.discover(appliance.resolve("/discover"), firmware),
              mac,
              "script: discover an unknown machine");
    };
  }

  private CompletionStage<HttpAnswer> install(
      Node node, MacAddress mac, String architecture, boolean head) {
    String kernel = ArtifactLibrary.kernel(node.profile(), architecture);
    if (artifacts.find(node.profile(), kernel).isEmpty()) {
      return done(
          Answers.notFound(
                  "script: profile " + node.profile().name() + " has no kernel for " + architecture)
              .of(mac));
    }
    String token = head ? NO_TOKEN : tokens.mint();
    Script script =
        Scripts.start(payload(node, context(node, token), architecture), Scripts.Patience.usual());
    if (head) {
      return done(print(script, mac, "script: HEAD"));
    }
    // Durable first: a token that the appliance forgets at a crash would leave the node stuck.
    return recorder
        .record(node.mac(), FactKind.TOKEN_MINTED.text(), Tokens.hash(token))
        .thenApply(_ -> print(script, mac, "script: install " + node.profile().name()));
  }

  /**
   * What GRUB is to do on a node, under Secure Boot.
   *
   * @return completes when it is durable
   */
  CompletionStage<GrubConfig> grub(Node node) {
    if (fleet.state(node.mac()).bootsFromDisk()) {
      recorder.noteClaimed(Answers.mac(node.mac()), "boot.local", "told to boot from its disk");
      return CompletableFuture.completedStage(GrubConfig.localDisk());
    }
    if (!recorder.admitsScript(node.mac())) {
      return CompletableFuture.completedStage(GrubConfig.ofAnyone());
    }
    String token = tokens.mint();
    String folder = "/" + Answers.mac(node.mac()).hyphenated() + "/";
    GrubConfig config =
        GrubConfig.start(
            node.name() + ": " + node.profile().name(),
            folder + ArtifactLibrary.kernel(node.profile()),
            folder + ArtifactLibrary.initrd(node.profile()),
            Profiles.kernelArguments(fleet.rack(), node, context(node, token)));
    return recorder
        .record(node.mac(), FactKind.TOKEN_MINTED.text(), Tokens.hash(token))
        .thenApply(_ -> config);
  }

  private Scripts.Payload payload(Node node, RunContext run, String architecture) {
    Profile profile = node.profile();
    String base = run.nodeUrl() + "/artifact/";
    return new Scripts.Payload(
        node.name() + ": " + profile.name(),
        URI.create(base + ArtifactLibrary.kernel(profile, architecture)),
        List.of(URI.create(base + ArtifactLibrary.initrd(profile, architecture))),
        Profiles.kernelArguments(fleet.rack(), node, run));
  }

  private RunContext context(Node node, String token) {
    URI nodeUrl = appliance.resolve("/node/" + token);
    Optional<ImageRef> image =
        artifacts
            .find(node.profile(), ArtifactLibrary.ROOT_IMAGE)
            .map(
                item ->
                    new ImageRef(
                        URI.create(nodeUrl + "/artifact/" + ArtifactLibrary.ROOT_IMAGE),
                        item.sha256(),
                        item.size()));
    return new RunContext(
        nodeUrl,
        appliance,
        image,
        FirstBoot.script(),
        FirstBoot.unit(),
        List.of(),
        artifacts.installerSuite(node.profile()));
  }

  /** {@code /node/TOKEN/...}: {@code rest} is what follows the token, split at slashes. */
  CompletionStage<HttpAnswer> ofToken(String token, List<String> rest, HttpRequestView request) {
    Optional<Node> owner = fleet.ownerOf(token);
    if (owner.isEmpty()) {
      return done(Answers.text(404, "unknown or expired token\n", "node: bad token"));
    }
    Node node = owner.get();
    MacAddress mac = Answers.mac(node.mac());
    fleet.heardFrom(node.mac(), request.peer().getAddress());
    boolean enrolled = fleet.state(node.mac()).isComplete();
    if (rest.equals(List.of("enroll"))) {
      return enrolled
          ? done(Answers.text(200, "already enrolled\n", "enroll: again").of(mac))
          : enroll(node, mac, request);
    }
    if (enrolled) {
      return done(Answers.text(410, "this run is over\n", "node: used token").of(mac));
    }
    if (rest.size() == 2 && rest.getFirst().equals("artifact")) {
      return artifact(node, mac, rest.get(1));
    }
    if (rest.size() == 2 && rest.getFirst().equals("report")) {
      return report(node, mac, rest.get(1), request);
    }
    return rest.size() == 1
        ? answerFile(node, mac, token, rest.getFirst(), request.method().equals("HEAD"))
        : done(Answers.notFound("node: no such path").of(mac));
  }

  /** Bytes of body that a request under a token may bring; those of nobody none at all. */
  int bodyLimit(String token, List<String> rest) {
    boolean reports = rest.equals(List.of("enroll")) || rest.getFirst().equals("report");
    return reports && fleet.ownerOf(token).isPresent() ? MAX_REPORT_BYTES : 0;
  }

  private CompletionStage<HttpAnswer> artifact(Node node, MacAddress mac, String name) {
    Optional<Item> item = artifacts.find(node.profile(), name);
    if (item.isEmpty()) {
      return done(Answers.notFound("artifact: not in profile " + node.profile().name()).of(mac));
    }
    if (ArtifactLibrary.isKernel(node.profile(), name) && recorder.admitsOfRun(node.mac())) {
      recorder.note(node.mac().toString(), FactKind.KERNEL_REQUESTED.text(), name);
    }
    return done(Answers.file(item.get(), "artifact " + name).of(mac));
  }

  /** Rendered off the event loop: it takes a while, and reads what the program brings along. */
  private CompletionStage<HttpAnswer> answerFile(
      Node node, MacAddress mac, String token, String name, boolean head) {
    if (!isAnswerFile(node, name) || !recorder.admitsOfRun(node.mac())) {
      return done(Answers.notFound("node: no such answer file").of(mac));
    }
    RackFile rack = fleet.rack();
    CompletionStage<HttpAnswer> rendered =
        CompletableFuture.supplyAsync(
            () -> {
              RunContext run = context(node, token);
              AnswerFile answer =
                  name.equals("late.sh")
                      ? AnswerFiles.renderLateScript(rack, node, run)
                      : AnswerFiles.render(rack, node, run);
              byte[] bytes = answer.text().getBytes(StandardCharsets.UTF_8);
              return HttpAnswer.Body.of(200, answer.contentType(), bytes, name).of(mac);
            },
            blocking);
    return head
        ? rendered
        : rendered.thenCompose(
            body ->
                recorder
                    .record(node.mac(), FactKind.ANSWER_SERVED.text(), name)
                    .thenApply(_ -> body));
  }

  private static boolean isAnswerFile(Node node, String name) {
    return node.profile().kind() == Profile.Kind.INSTALLER
        ? name.equals("preseed.cfg") || name.equals("late.sh")
        : name.equals("deploy.conf");
  }

  private CompletionStage<HttpAnswer> report(
      Node node, MacAddress mac, String event, HttpRequestView request) {
    if (!REPORTING.contains(request.method())) {
      return done(Answers.text(405, "GET or POST only\n", "report: not a POST").of(mac));
    }
    if (!EVENT.matcher(event).matches() || !(STEPS.contains(event) || MILESTONES.contains(event))) {
      return done(Answers.text(400, "unknown event\n", "report: unknown event").of(mac));
    }
    if (!recorder.admitsOfRun(node.mac())) {
      return done(Answers.text(429, "too many reports\n", "report: too often").of(mac));
    }
    String kind = STEPS.contains(event) ? FactKind.STEP.text() : "report." + event;
    String said = said(request);
    String detail = STEPS.contains(event) ? (event + " " + said).strip() : said;
    return recorder
        .record(node.mac(), kind, detail)
        .thenApply(_ -> Answers.text(200, "ok\n", "report " + event).of(mac));
  }

  private CompletionStage<HttpAnswer> enroll(Node node, MacAddress mac, HttpRequestView request) {
    if (!request.method().equals("POST")) {
      return done(Answers.text(405, "POST only\n", "enroll: not a POST").of(mac));
    }
    if (fleet.state(node.mac()).stage().isBefore(foundrybot.appliance.lifecycle.Stage.INSTALLED)) {
      return done(Answers.text(409, "not installed yet\n", "enroll: too early").of(mac));
    }
    return recorder
        .record(node.mac(), FactKind.ENROLLED.text(), said(request))
        .thenApply(_ -> Answers.text(200, "enrolled\n", "enroll").of(mac));
  }

  /** The machine's own words: its query, or its form, decoded and cut. */
  private static String said(HttpRequestView request) {
    StringBuilder text = new StringBuilder();
    request
        .query()
        .forEach(
            (name, values) ->
                text.append(name).append('=').append(String.join(",", values)).append(' '));
    String body = request.text();
    try {
      text.append(URLDecoder.decode(body, StandardCharsets.UTF_8).replace('&', ' '));
    } catch (IllegalArgumentException e) {
      text.append(body);
    }
    return text.length() > MAX_FACTS ? text.substring(0, MAX_FACTS) : text.toString().strip();
  }

  private static HttpAnswer print(Script script, MacAddress mac, String label) {
    return HttpAnswer.Body.of(200, "text/plain; charset=us-ascii", script.bytes(), label).of(mac);
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedStage(answer);
  }
}
