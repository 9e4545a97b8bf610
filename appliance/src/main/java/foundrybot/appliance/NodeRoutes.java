// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.AnswerFile;
import foundrybot.answerfiles.AnswerFiles;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.mesh.BundleSigner;
import foundrybot.appliance.ArtifactLibrary.Item;
import foundrybot.appliance.Audit.Attempt;
import foundrybot.appliance.Fleet.Bearer;
import foundrybot.appliance.hardware.Erasure;
import foundrybot.appliance.hardware.Inventory;
import foundrybot.appliance.hardware.ReportReader;
import foundrybot.appliance.lifecycle.EraseOrder;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Identity;
import foundrybot.appliance.lifecycle.Mark;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Purpose;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.logs.Secrets;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import foundrybot.ipxe.Trust;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What machines ask over HTTP by the token that their script carried. A report is answered when it
 * is durable, never before.
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

  /** What a machine may report that is not to be installed, by what it was booted for. */
  private static final Map<Purpose, Set<String>> ASIDE =
      Map.of(
          Purpose.RESCUE, Set.of("rescue", "failed"),
          Purpose.INSPECT, Set.of("inspecting", "failed"),
          Purpose.ERASE, Set.of("progress", "failed"));

  private static final Set<String> MILESTONES =
      Set.of("installer-started", "progress", "installed", "first-boot", "failed");

  /** The installer's wget can only GET; a HEAD or a DELETE is nobody's report. */
  private static final Set<String> REPORTING = Set.of("GET", "POST");

  /** The kind of evidence that a machine with a token got nothing for it. */
  private static final String REFUSED = "secrets.refused";

  /** What may be had once with a token: to have been the node. */
  static final String ENROLL = "enroll";

  /** What it is made of, in JSON. */
  private static final String INVENTORY = "inventory";

  /** What was overwritten and read back, in JSON. */
  private static final String ERASURE = "erasure";

  /** Who was given one of these is who reports. */
  private static final String INSPECT_CONF = "inspect.conf";

  private static final String ERASE_CONF = "erase.conf";

  /** Behind the name of an answer file: its signature. */
  private static final String SIGNATURE = ".sig";

  private static final String RESCUE =
      "this machine is in rescue, or inspected; 'bootserver rescue --end' ends that\n";

  private static final String FINISHED =
      "its disk is finished; what installs it is given no more in this run\n";

  private static final String HELD = "this node is held; wait, 'bootserver resume' lets it go on\n";

  private static final List<String> WANTED =
      List.of(
          "artifact",
          "boot",
          MeshRoutes.ROOT,
          "report",
          "enroll",
          INVENTORY,
          ERASURE,
          "preseed.cfg",
          "late.sh",
          "deploy.conf",
          "rescue.conf",
          INSPECT_CONF,
          ERASE_CONF);

  private static final Pattern EVENT = Pattern.compile("[a-z][a-z-]{0,39}");
  private static final int MAX_FACTS = 400;

  /** A machine that tells which URL failed tells its token, which opens what it was given. */
  private static final Pattern OWN_PATH = Pattern.compile("/node/[^/\\s]++");

  /** What a machine says of itself is cut at 400 characters; this is room for it, encoded. */
  private static final int MAX_SAID_BYTES = 8 * 1024;

  /** An installer may report with all that it knows of a hundred disks; who is cut off is lost. */
  static final int MAX_REPORT_BYTES = 512 * 1024;

  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final ArtifactLibrary artifacts;
  private final TokenDesk tokens;
  private final TokenDoor door;
  private final MediumDoor media;
  private final InstallScripts scripts;
  private final ScriptRoutes boot;
  private final Identities identities;
  private final Audit audit;
  private final GivenPlans plans;
  private final BundleSigner signer;
  private final Signatures signatures;
  private final Proofs proofs;
  private final HardwareReports hardware;
  private final Executor blocking;
  private final TokenBinding binding;

  /** What a node must have proved before it enrols. */
  @FunctionalInterface
  interface Proofs {
    /** Why it must not enrol in that run yet. */
    Optional<String> missing(Node node, int run);
  }

  NodeRoutes(
      Fleet fleet,
      FlightRecorder recorder,
      ArtifactLibrary artifacts,
      TokenDesk tokens,
      TokenDoor door,
      MediumDoor media,
      InstallScripts scripts,
      ScriptRoutes boot,
      Identities identities,
      Audit audit,
      GivenPlans plans,
      BundleSigner signer,
      Signatures signatures,
      HardwareReports hardware,
      Proofs proofs,
      Executor blocking) {
    this.fleet = fleet;
    this.recorder = recorder;
    this.artifacts = artifacts;
    this.tokens = tokens;
    this.door = door;
    this.media = media;
    this.scripts = scripts;
    this.boot = boot;
    this.identities = identities;
    this.audit = audit;
    this.plans = plans;
    this.signer = signer;
    this.signatures = signatures;
    this.proofs = proofs;
    this.hardware = hardware;
    this.blocking = blocking;
    this.binding = new TokenBinding(tokens, recorder, audit);
  }

  /** Who was last heard from that address. */
  Optional<MacAddress> at(InetAddress address) {
    return fleet.at(address).map(Answers::mac);
  }

  /** {@code /node/TOKEN/...}: {@code rest} is what follows the token, split at slashes. */
  CompletionStage<HttpAnswer> ofToken(String token, List<String> rest, HttpRequestView request) {
    InetAddress from = request.peer().getAddress();
    Optional<Bearer> found = door.bearer(token, from);
    if (found.isEmpty()) {
      return door.turnedAway(token, from, wanted(rest), "node: bad token");
    }
    Bearer bearer = found.get();
    Optional<HttpAnswer> unheard = unheard(bearer, from, rest);
    if (unheard.isPresent()) {
      return done(unheard.get());
    }
    if (bearer.state().isComplete()) {
      return rest.equals(List.of(ENROLL))
          ? enrolledAgain(bearer, request)
          : done(over(bearer.node().mac(), from, rest));
    }
    return binding
        .refusal(bearer, from, rest.size() == 1 ? rest.getFirst() : "", wanted(rest))
        .thenCompose(
            refusal ->
                refusal
                    .<CompletionStage<HttpAnswer>>map(NodeRoutes::done)
                    .orElseGet(() -> heard(bearer, token, rest, request)));
  }

  /** Who came with a token that is good, from where its machine is. */
  private CompletionStage<HttpAnswer> heard(
      Bearer bearer, String token, List<String> rest, HttpRequestView request) {
    InetAddress from = request.peer().getAddress();
    Node node = bearer.node();
    MacAddress mac = Answers.mac(node.mac());
    if (rest.equals(List.of(ENROLL))) {
      return (bearer.state().isInRescue()
              ? done(Answers.text(409, RESCUE, "enroll: in rescue").of(mac))
              : enroll(bearer, mac, request))
          .thenApply(answer -> noted(answer, node.mac(), from, rest));
    }
    boolean head = request.method().equals("HEAD");
    // What it tells is heard also where it is told nothing, as on hold.
    if (rest.size() == 2 && rest.getFirst().equals("report")) {
      return report(bearer, mac, rest.get(1), request)
          .thenApply(answer -> noted(answer, node.mac(), from, rest));
    }
    if (rest.equals(List.of(INVENTORY))) {
      return inventory(bearer, mac, request)
          .thenApply(answer -> noted(answer, node.mac(), from, rest));
    }
    if (rest.equals(List.of(ERASURE))) {
      return erasure(bearer, mac, request)
          .thenApply(answer -> noted(answer, node.mac(), from, rest));
    }
    Optional<HttpAnswer> keptBack =
        keptBack(bearer, from, rest)
            .or(() -> strange(bearer, from, rest))
            .or(() -> past(bearer, from, rest));
    if (keptBack.isPresent()) {
      return done(keptBack.get());
    }
    if (rest.size() == 2 && rest.getFirst().equals("artifact")) {
      return artifact(bearer, mac, rest.get(1), head, from)
          .thenApply(answer -> noted(answer, node.mac(), from, rest));
    }
    return (rest.size() == 1
            ? answerOrSignature(bearer, mac, token, rest.getFirst(), head, from)
            : done(Answers.notFound("node: no such path").of(mac)))
        .thenApply(answer -> noted(answer, node.mac(), from, rest));
  }

  /**
   * {@code /media/HASH/boot/FILE} and {@code /media/HASH/artifact/NAME}: what is for who has booted
   * from a medium, and proves it. Nothing that is said there holds the token.
   */
  CompletionStage<HttpAnswer> ofMedium(String hash, List<String> rest, HttpRequestView request) {
    return switch (media.asked(hash, wanted(rest), request)) {
      case MediumDoor.Asked.Turned(HttpAnswer answer) -> done(answer);
      case MediumDoor.Asked.Proved(Bearer bearer) -> ofMedium(bearer, rest, request);
    };
  }

  private CompletionStage<HttpAnswer> ofMedium(
      Bearer bearer, List<String> rest, HttpRequestView request) {
    InetAddress from = request.peer().getAddress();
    Mac node = bearer.node().mac();
    boolean head = request.method().equals("HEAD");
    Optional<HttpAnswer> nothing =
        unheard(bearer, from, rest)
            .or(
                () ->
                    bearer.state().isComplete()
                        ? Optional.of(over(node, from, rest))
                        : keptBack(bearer, from, rest));
    return nothing.isPresent()
        ? done(nothing.get())
        : binding
            .refusal(bearer, from, "", wanted(rest))
            .thenCompose(
                refusal ->
                    refusal
                        .<CompletionStage<HttpAnswer>>map(NodeRoutes::done)
                        .orElseGet(() -> heardOfMedium(bearer, rest, from, head)));
  }

  private CompletionStage<HttpAnswer> heardOfMedium(
      Bearer bearer, List<String> rest, InetAddress from, boolean head) {
    Mac node = bearer.node().mac();
    if (rest.getFirst().equals("boot")) {
      return boot.ofMedium(bearer, rest.getLast(), head, from)
          .thenApply(answer -> noted(answer, node, from, rest));
    }
    Optional<HttpAnswer> strange = strange(bearer, from, rest).or(() -> past(bearer, from, rest));
    if (strange.isPresent()) {
      return done(strange.get());
    }
    return (rest.getFirst().equals("artifact")
            ? artifact(bearer, Answers.mac(node), rest.getLast(), head, from)
            : done(Answers.notFound("medium: no such path").of(Answers.mac(node))))
        .thenApply(answer -> noted(answer, node, from, rest));
  }

  /** Why who is the node's is not listened to. */
  private Optional<HttpAnswer> unheard(Bearer bearer, InetAddress from, List<String> rest) {
    Mac node = bearer.node().mac();
    fleet.heardFrom(node, from);
    Optional<String> quarantine = bearer.state().quarantine();
    if (quarantine.isPresent()) {
      audit.refused(Attempt.QUARANTINED, Optional.of(node), from, wanted(rest));
    }
    return quarantine.map(why -> quarantined(Answers.mac(node), why));
  }

  private HttpAnswer over(Mac node, InetAddress from, List<String> rest) {
    audit.refused(Attempt.RUN_OVER, Optional.of(node), from, wanted(rest));
    return Answers.text(410, "this run is over\n", "node: used token").of(Answers.mac(node));
  }

  /** Why the node is told nothing now. */
  private Optional<HttpAnswer> keptBack(Bearer bearer, InetAddress from, List<String> rest) {
    Mac node = bearer.node().mac();
    if (isOnHold(bearer.state())) {
      audit.refused(Attempt.ON_HOLD, Optional.of(node), from, wanted(rest));
      return Optional.of(onHold(Answers.mac(node)));
    }
    if (!tokens.isOpen(bearer.node(), bearer.state())) {
      audit.refused(Attempt.WINDOW_CLOSED, Optional.of(node), from, wanted(rest));
      return Optional.of(TokenBinding.closed(Answers.mac(node)));
    }
    return Optional.empty();
  }

  /**
   * Why it is not given what belongs to a rung that is behind it. Until its disk is finished, the
   * same address may ask again for whatever it had: a transfer breaks off, an answer is lost.
   */
  private Optional<HttpAnswer> past(Bearer bearer, InetAddress from, List<String> rest) {
    MacAddress mac = Answers.mac(bearer.node().mac());
    return bearer.state().bootsFromDisk() && installs(bearer.node(), rest)
        ? Optional.of(
            noted(
                Answers.text(409, FINISHED, "node: its disk is finished").of(mac),
                bearer.node().mac(),
                from,
                rest))
        : Optional.empty();
  }

  /** Whether that is an image or an answer file, or a signature of one. */
  private static boolean installs(Node node, List<String> rest) {
    String name = rest.getFirst();
    return rest.size() == 2
        ? name.equals("artifact")
        : isAnswerFile(node, Optional.empty(), name)
            || (name.endsWith(SIGNATURE)
                && isAnswerFile(
                    node, Optional.empty(), name.substring(0, name.length() - SIGNATURE.length())));
  }

  /** Why it is told nothing, as it is another machine than its BMC holds. */
  private Optional<HttpAnswer> strange(Bearer bearer, InetAddress from, List<String> rest) {
    Node node = bearer.node();
    Optional<Identity.Mismatch> mismatch =
        identities.mismatch(node, bearer.state(), bearer.token());
    if (mismatch.isPresent()) {
      audit.refused(Attempt.MISMATCH, Optional.of(node.mac()), from, wanted(rest));
    }
    return mismatch.map(why -> stranger(Answers.mac(node.mac()), why));
  }

  /** An answer can be lost, so who has enrolled may say so again; others have no part in it. */
  private static boolean isOf(Bearer bearer, InetAddress from) {
    return bearer.token().holder(ENROLL).map(from.getHostAddress()::equals).orElse(true);
  }

  static HttpAnswer quarantined(MacAddress mac, String why) {
    return Answers.text(403, "quarantined, " + why + "\n", "node: " + ScriptRoutes.QUARANTINED)
        .of(mac);
  }

  /** A rescue has no secrets, so it is none that is held back; an erasure is. */
  static boolean isOnHold(NodeState state) {
    return state.isKept();
  }

  static HttpAnswer onHold(MacAddress mac) {
    return HttpAnswer.Body.text(503, HELD, "node: on hold")
        .with(Map.of("Retry-After", "60"))
        .of(mac);
  }

  /** What has a secret in it, or ends a run, is one machine's with each token. */
  private CompletionStage<HttpAnswer> once(
      Bearer bearer, String what, InetAddress from, Supplier<CompletionStage<HttpAnswer>> given) {
    Mac mac = bearer.node().mac();
    return tokens
        .claimed(mac, bearer.token().hash(), from, what)
        .thenCompose(
            quarantine -> {
              if (quarantine.isEmpty()) {
                return given.get();
              }
              audit.refused(Attempt.SECOND_USE, Optional.of(mac), from, quarantine.get());
              return done(quarantined(Answers.mac(mac), quarantine.get()));
            });
  }

  private HttpAnswer noted(HttpAnswer answer, Mac node, InetAddress from, List<String> rest) {
    return audit.noted(answer, node, from, wanted(rest));
  }

  /** What was asked for: a word of ours, never of theirs. */
  private static String wanted(List<String> rest) {
    return WANTED.stream().filter(rest.getFirst()::equals).findFirst().orElse("something else");
  }

  private HttpAnswer stranger(MacAddress mac, Identity.Mismatch mismatch) {
    recorder.noteClaimed(mac, REFUSED, mismatch.why());
    return Answers.text(403, mismatch.why() + "\n", "node: " + ScriptRoutes.MISMATCH).of(mac);
  }

  /** Bytes of body that a request under a token may bring; those of nobody none at all. */
  int bodyLimit(String token, InetAddress from, List<String> rest) {
    boolean report = rest.getFirst().equals("report");
    boolean says = rest.equals(List.of("enroll")) || rest.equals(List.of(MeshRoutes.ROOT));
    boolean hardwareReport = rest.equals(List.of(INVENTORY)) || rest.equals(List.of(ERASURE));
    if (!(report || says || hardwareReport) || door.bearer(token, from).isEmpty()) {
      return 0;
    }
    return report ? MAX_REPORT_BYTES : hardwareReport ? ReportReader.MAX_BYTES : MAX_SAID_BYTES;
  }

  private CompletionStage<HttpAnswer> artifact(
      Bearer bearer, MacAddress mac, String name, boolean head, InetAddress from) {
    Node node = bearer.node();
    boolean rescue = bearer.state().isInRescue();
    Profile profile = artifacts.booted(node, rescue);
    Optional<Item> item = artifacts.find(node, rescue, name);
    if (item.isEmpty() && name.endsWith(Trust.SIGNATURE) && signatures.areMade()) {
      String image = name.substring(0, name.length() - Trust.SIGNATURE.length());
      Optional<Item> signed = artifacts.find(node, rescue, image);
      if (signed.isPresent()) {
        return imageSignature(node, signed.get());
      }
    }
    if (item.isEmpty()) {
      return done(Answers.notFound("artifact: not in profile " + profile.name()).of(mac));
    }
    if (!head) {
      // Nobody waits for it: who comes with the token again says it again.
      var _ = tokens.used(node.mac(), bearer.token(), name, from);
      if (ArtifactLibrary.isKernel(profile, name) && recorder.admitsOfRun(node.mac())) {
        recorder.note(node.mac().toString(), FactKind.KERNEL_REQUESTED.text(), name);
      }
    }
    return done(Answers.file(item.get(), "artifact " + name).of(mac));
  }

  /** It says nothing that is secret, and moves no machine; but it costs the appliance an RSA. */
  private CompletionStage<HttpAnswer> imageSignature(Node node, Item image) {
    MacAddress mac = Answers.mac(node.mac());
    return recorder.admitsOfRun(node.mac())
        ? signatures.of(image.sha256(), "an image's signature").thenApply(answer -> answer.of(mac))
        : done(Answers.text(429, "too many requests\n", "artifact: too often").of(mac));
  }

  /** {@code preseed.cfg}, or {@code preseed.cfg.sig} for who has that file. */
  private CompletionStage<HttpAnswer> answerOrSignature(
      Bearer bearer, MacAddress mac, String token, String name, boolean head, InetAddress from) {
    Optional<Purpose> purpose = bearer.state().purpose();
    if (!name.endsWith(SIGNATURE) || isAnswerFile(bearer.node(), purpose, name)) {
      return answerFile(bearer, mac, token, name, head, from);
    }
    String file = name.substring(0, name.length() - SIGNATURE.length());
    if (!isAnswerFile(bearer.node(), purpose, file) || !recorder.admitsOfRun(bearer.node().mac())) {
      return done(Answers.notFound("node: no such answer file").of(mac));
    }
    return once(
        bearer,
        file,
        from,
        () ->
            CompletableFuture.supplyAsync(
                () ->
                    HttpAnswer.Body.of(
                            200,
                            "application/octet-stream",
                            signer.sign(answer(bearer.node(), purpose, file, token).bytes()),
                            "signature of " + file)
                        .of(mac),
                blocking));
  }

  private AnswerFile answer(Node node, Optional<Purpose> purpose, String name, String token) {
    return answer(fleet.rack(), node, purpose, name, token);
  }

  /** Rendered off the event loop: it takes a while, and reads what the program brings along. */
  private CompletionStage<HttpAnswer> answerFile(
      Bearer bearer, MacAddress mac, String token, String name, boolean head, InetAddress from) {
    Node node = bearer.node();
    Optional<Purpose> purpose = bearer.state().purpose();
    if (!isAnswerFile(node, purpose, name) || !recorder.admitsOfRun(node.mac())) {
      return done(Answers.notFound("node: no such answer file").of(mac));
    }
    RackFile rack = fleet.rack();
    Supplier<CompletionStage<HttpAnswer>> rendered =
        () ->
            CompletableFuture.supplyAsync(
                () -> {
                  AnswerFile answer = answer(rack, node, purpose, name, token);
                  return HttpAnswer.Body.of(200, answer.contentType(), answer.bytes(), name)
                      .of(mac);
                },
                blocking);
    return head
        ? rendered.get()
        : once(
            bearer,
            name,
            from,
            () ->
                rendered
                    .get()
                    .thenCompose(
                        body ->
                            record(bearer, served(purpose), name, name, from)
                                .thenApply(
                                    _ -> {
                                      if (purpose.isEmpty()) {
                                        remember(rack, node, bearer.state().run());
                                      }
                                      return bearer
                                          .state()
                                          .eraseOrder()
                                          .flatMap(it -> withdrawn(it, node))
                                          .orElse(body);
                                    })));
  }

  /** Whoever held the node, or ended this, while its order was being written down, is obeyed. */
  private Optional<HttpAnswer> withdrawn(EraseOrder order, Node node) {
    NodeState now = fleet.state(node.mac());
    MacAddress mac = Answers.mac(node.mac());
    if (now.isErasing(order)) {
      return Optional.empty();
    }
    return Optional.of(
        isOnHold(now)
            ? onHold(mac)
            : Answers.text(409, "this order was taken back\n", "erase.conf: taken back").of(mac));
  }

  /** The machine does not wait for it. */
  private void remember(RackFile rack, Node node, int run) {
    if (plans.lacks(node.mac(), run)) {
      blocking.execute(() -> plans.keep(node.mac(), run, NodePlan.of(rack, node, artifacts)));
    }
  }

  private AnswerFile answer(
      RackFile rack, Node node, Optional<Purpose> purpose, String name, String token) {
    if (purpose.isEmpty()) {
      return AnswerFiles.render(
          rack, node, scripts.context(node, token).withTalos(TalosFile.of(rack, node)), name);
    }
    return switch (purpose.get()) {
      case RESCUE -> AnswerFiles.renderRescue(rack, node);
      case INSPECT -> AnswerFiles.renderInspect(node, behind(node));
      case ERASE -> {
        // It may have been ended a moment ago; then there is no order, and nothing is given.
        EraseOrder order = fleet.state(node.mac()).eraseOrder().orElseThrow();
        yield AnswerFiles.renderErase(node, order.disksText(), order.proof(), behind(node));
      }
    };
  }

  /** Durable before the machine has what it will act by. */
  private static String served(Optional<Purpose> purpose) {
    return purpose.equals(Optional.of(Purpose.ERASE))
        ? FactKind.ERASURE_BEGUN.text()
        : FactKind.ANSWER_SERVED.text();
  }

  /** A machine that only people can switch on stays on. */
  private String behind(Node node) {
    return tokens.hasBmc(node) ? "poweroff" : "wait";
  }

  /** A fact of the run, behind the one that its token is in use. */
  private CompletionStage<Void> record(
      Bearer bearer, String kind, String detail, String what, InetAddress from) {
    Mac mac = bearer.node().mac();
    return tokens
        .used(mac, bearer.token(), what, from)
        .thenCompose(_ -> recorder.record(mac, kind, detail));
  }

  private static boolean isAnswerFile(Node node, Optional<Purpose> purpose, String name) {
    return purpose
        .map(it -> name.equals(it + ".conf"))
        .orElseGet(() -> node.profile().serves(name));
  }

  /** What an inspected machine is made of; kept before it is told so, and its run goes on then. */
  private CompletionStage<HttpAnswer> inventory(
      Bearer bearer, MacAddress mac, HttpRequestView request) {
    if (!request.method().equals("POST")) {
      return done(Answers.text(405, "POST only\n", "inventory: not a POST").of(mac));
    }
    if (!bearer.state().purpose().equals(Optional.of(Purpose.INSPECT))) {
      return done(
          Answers.text(409, "nobody inspects this machine\n", "inventory: not asked").of(mac));
    }
    if (!recorder.admitsOfRun(bearer.node().mac())) {
      return done(Answers.text(429, "too many reports\n", "report: too often").of(mac));
    }
    return once(
        bearer, INSPECT_CONF, request.peer().getAddress(), () -> taken(bearer, mac, request));
  }

  private CompletionStage<HttpAnswer> taken(
      Bearer bearer, MacAddress mac, HttpRequestView request) {
    return switch (ReportReader.inventory(request.body())) {
      case ReportReader.Read.Bad<Inventory>(String why) -> {
        recorder.noteClaimed(mac, "inventory.refused", why);
        yield done(Answers.text(422, "inventory: " + why + "\n", "inventory: unreadable").of(mac));
      }
      case ReportReader.Read.Good<Inventory>(Inventory found) ->
          hardware
              .keep(bearer.node(), found)
              .thenCompose(
                  _ ->
                      record(
                          bearer,
                          FactKind.INVENTORY_TAKEN.text(),
                          found.summary(),
                          INVENTORY,
                          request.peer().getAddress()))
              .thenApply(_ -> Answers.text(200, "kept\n", INVENTORY).of(mac));
    };
  }

  /** What an erased machine has read back; the verdict on it is ours. */
  private CompletionStage<HttpAnswer> erasure(
      Bearer bearer, MacAddress mac, HttpRequestView request) {
    Node node = bearer.node();
    if (!request.method().equals("POST")) {
      return done(Answers.text(405, "POST only\n", "erasure: not a POST").of(mac));
    }
    Optional<EraseOrder> order = bearer.state().eraseOrder();
    if (order.isEmpty() || bearer.state().stage() != Stage.ERASING) {
      return done(Answers.text(409, "this machine has no order\n", "erasure: not asked").of(mac));
    }
    if (!recorder.admitsOfRun(node.mac())) {
      return done(Answers.text(429, "too many reports\n", "report: too often").of(mac));
    }
    return once(
        bearer,
        ERASE_CONF,
        request.peer().getAddress(),
        () -> judged(bearer, order.get(), mac, request));
  }

  private CompletionStage<HttpAnswer> judged(
      Bearer bearer, EraseOrder order, MacAddress mac, HttpRequestView request) {
    Node node = bearer.node();
    return switch (ReportReader.erasure(request.body())) {
      case ReportReader.Read.Bad<Erasure>(String why) -> {
        recorder.noteClaimed(mac, "erasure.refused", why);
        yield done(Answers.text(422, "erasure: " + why + "\n", "erasure: unreadable").of(mac));
      }
      case ReportReader.Read.Good<Erasure>(Erasure found) -> {
        Optional<String> fault = found.fault(order);
        String kind = (fault.isEmpty() ? FactKind.ERASURE_DONE : FactKind.ERASURE_FAILED).text();
        yield hardware
            .keep(node, order, found, fault)
            .thenCompose(
                kept -> {
                  if (!kept) {
                    return done(
                        Answers.text(409, "this order is done\n", "erasure: too late").of(mac));
                  }
                  // Evidence for people; the whole is in the file.
                  found
                      .said()
                      .forEach(disk -> recorder.note(node.mac().toString(), "erasure.disk", disk));
                  return record(
                          bearer,
                          kind,
                          fault.orElseGet(found::summary),
                          ERASURE,
                          request.peer().getAddress())
                      .thenApply(_ -> Answers.text(200, "kept\n", ERASURE).of(mac));
                });
      }
    };
  }

  private CompletionStage<HttpAnswer> report(
      Bearer bearer, MacAddress mac, String event, HttpRequestView request) {
    if (!REPORTING.contains(request.method())) {
      return done(Answers.text(405, "GET or POST only\n", "report: not a POST").of(mac));
    }
    boolean known =
        bearer
            .state()
            .purpose()
            .map(purpose -> ASIDE.getOrDefault(purpose, Set.of()).contains(event))
            .orElse(STEPS.contains(event) || MILESTONES.contains(event));
    if (!EVENT.matcher(event).matches() || !known) {
      return done(Answers.text(400, "unknown event\n", "report: unknown event").of(mac));
    }
    if (!recorder.admitsOfRun(bearer.node().mac())) {
      return done(Answers.text(429, "too many reports\n", "report: too often").of(mac));
    }
    String kind = STEPS.contains(event) ? FactKind.STEP.text() : "report." + event;
    String said = Secrets.masked(said(request));
    String detail = STEPS.contains(event) ? (event + " " + said).strip() : said;
    return record(bearer, kind, detail, "report " + event, request.peer().getAddress())
        .thenApply(
            _ -> {
              recorder.noteClock(mac, said);
              return Answers.text(200, "ok\n", "report " + event).of(mac);
            });
  }

  /**
   * The run is over. Who ended it may say so again; another one has come too late, or it is the
   * node, and who has enrolled is not.
   */
  private CompletionStage<HttpAnswer> enrolledAgain(Bearer bearer, HttpRequestView request) {
    Mac node = bearer.node().mac();
    MacAddress mac = Answers.mac(node);
    InetAddress from = request.peer().getAddress();
    List<String> rest = List.of(ENROLL);
    Optional<String> had = fleet.enrolledAs(node);
    Optional<String> shown = Fleet.machineId(said(request));
    boolean other = had.isPresent() && shown.isPresent() && !had.equals(shown);
    if (isOf(bearer, from) && !other) {
      return done(Answers.text(200, "already enrolled\n", "enroll: again").of(mac));
    }
    if (!request.method().equals("POST")) {
      return done(noted(notAPost(mac), node, from, rest));
    }
    if (!other
        || !recorder.admitsOfRun(node)
        || !tokens.isHeard(bearer.node(), bearer.state(), bearer.token())) {
      return done(over(node, from, rest));
    }
    String why =
        "%s has enrolled with it, and %s enrols as another system"
            .formatted(
                bearer.token().holder(ENROLL).orElse("an address that is not known"),
                from.getHostAddress());
    return tokens
        .contested(node, bearer.token().hash(), why)
        .thenApply(
            quarantine -> {
              String text = quarantine.orElse(why);
              audit.refused(Attempt.SECOND_USE, Optional.of(node), from, text);
              return quarantined(mac, text);
            });
  }

  private static HttpAnswer notAPost(MacAddress mac) {
    return Answers.text(405, "POST only\n", "enroll: not a POST").of(mac);
  }

  private CompletionStage<HttpAnswer> enroll(
      Bearer bearer, MacAddress mac, HttpRequestView request) {
    if (!request.method().equals("POST")) {
      return done(notAPost(mac));
    }
    if (bearer.state().stage().isBefore(Stage.INSTALLED)) {
      return done(Answers.text(409, "not installed yet\n", "enroll: too early").of(mac));
    }
    InetAddress from = request.peer().getAddress();
    // It may say how it fares; to be taken for the node is another thing.
    Optional<HttpAnswer> strange = strange(bearer, from, List.of(ENROLL));
    if (strange.isPresent()) {
      return done(strange.get());
    }
    Optional<String> unproved = proofs.missing(bearer.node(), bearer.state().run());
    if (unproved.isPresent()) {
      audit.refused(Attempt.TPM, Optional.of(bearer.node().mac()), from, ENROLL);
      recorder.noteClaimed(mac, Mark.TPM, unproved.get());
      return done(Answers.text(403, unproved.get() + "\n", "enroll: unproved").of(mac));
    }
    return once(
        bearer,
        ENROLL,
        from,
        () ->
            record(bearer, FactKind.ENROLLED.text(), said(request), ENROLL, from)
                .thenApply(_ -> Answers.text(200, "enrolled\n", "enroll").of(mac)));
  }

  /** A machine may say the token by which it came in any words of its own. */
  private static String withoutToken(String text, HttpRequestView request) {
    String[] segments = request.path().split("/", -1);
    return segments.length > 2 && Tokens.isToken(segments[2])
        ? text.replace(segments[2], "...")
        : text;
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
    // Before it is cut, so that no half of a token stays.
    String open = withoutToken(OWN_PATH.matcher(text).replaceAll("/node/..."), request);
    return open.length() > MAX_FACTS ? open.substring(0, MAX_FACTS) : open.strip();
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedStage(answer);
  }
}
