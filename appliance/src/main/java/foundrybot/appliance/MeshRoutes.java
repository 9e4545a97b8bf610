// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.mesh.CertificateRequest;
import foundrybot.answerfiles.mesh.GateReport;
import foundrybot.answerfiles.mesh.MeshRequest;
import foundrybot.appliance.Audit.Attempt;
import foundrybot.appliance.Fleet.Bearer;
import foundrybot.appliance.lifecycle.Identity;
import foundrybot.appliance.lifecycle.Mark;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.mesh.CertificateDesk;
import foundrybot.appliance.mesh.Certification;
import foundrybot.appliance.mesh.GateReading;
import foundrybot.appliance.mesh.MeshBook;
import foundrybot.appliance.mesh.MeshDesk;
import foundrybot.appliance.mesh.Verdict;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What installed nodes ask over HTTPS, and over nothing else: first with the run's token, later
 * with a signature.
 */
final class MeshRoutes {
  /** First segment of the path of who has no token any more. */
  static final String ROOT = "mesh";

  /** Behind a node's name. */
  private static final String CERTIFICATE = "certificate";

  private static final String GATES = "gates";

  private static final Certification NO_CA =
      new Verdict.Refused(
          Verdict.Reason.CLOSED,
          "certificates: this appliance has no CA of its own (expected: no appliance.tls)");

  /** What may be had once with a token: to say which keys are the node's. */
  private static final String KEYS = "mesh";

  private static final String CHALLENGE = "foundrybot-challenge=1\ncredential=";

  private static final String BUNDLE = "application/octet-stream";

  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final TokenDesk tokens;
  private final TokenDoor door;
  private final Identities identities;
  private final MeshBook book;
  private final MeshDesk desk;
  private final GateKeeper gates;
  private final Audit audit;
  private final Optional<CertificateDesk> certificates;
  private final TokenBinding binding;

  MeshRoutes(
      Fleet fleet,
      FlightRecorder recorder,
      TokenDesk tokens,
      TokenDoor door,
      Identities identities,
      MeshBook book,
      MeshDesk desk,
      GateKeeper gates,
      Audit audit,
      Optional<CertificateDesk> certificates) {
    this.fleet = fleet;
    this.recorder = recorder;
    this.tokens = tokens;
    this.door = door;
    this.identities = identities;
    this.book = book;
    this.desk = desk;
    this.gates = gates;
    this.audit = audit;
    this.certificates = certificates;
    this.binding = new TokenBinding(tokens, recorder, audit);
  }

  /** Bytes of body that a request under that name may bring; of who has sent no keys none. */
  int bodyLimit(List<String> path) {
    boolean known =
        fleet.nodeNamed(path.getFirst()).filter(node -> book.knows(node.mac())).isPresent();
    if (!known) {
      return 0;
    }
    if (isGates(path)) {
      return GateReport.MOST_BYTES;
    }
    return isCertificate(path) ? CertificateRequest.MOST_BYTES : MeshRequest.MOST_BYTES;
  }

  private static boolean isGates(List<String> path) {
    return path.size() == 2 && path.getLast().equals(GATES);
  }

  private static boolean isCertificate(List<String> path) {
    return path.size() == 2 && path.getLast().equals(CERTIFICATE);
  }

  /** Whether there is anything under what follows the root. */
  static boolean has(List<String> path) {
    return path.size() == 1 || isCertificate(path) || isGates(path);
  }

  /** {@code /node/TOKEN/mesh}: a node sends its keys, once in a run. */
  CompletionStage<HttpAnswer> join(String token, HttpRequestView request) {
    InetAddress from = request.peer().getAddress();
    Optional<Bearer> found = door.bearer(token, from);
    if (found.isEmpty()) {
      return door.turnedAway(token, from, ROOT, "mesh: bad token");
    }
    Bearer bearer = found.get();
    Node node = bearer.node();
    MacAddress mac = Answers.mac(node.mac());
    fleet.heardFrom(node.mac(), from);
    if (bearer.state().quarantine().isPresent()) {
      audit.refused(Attempt.QUARANTINED, Optional.of(node.mac()), from, ROOT);
      return done(NodeRoutes.quarantined(mac, bearer.state().quarantine().get()));
    }
    if (NodeRoutes.isOnHold(bearer.state())) {
      audit.refused(Attempt.ON_HOLD, Optional.of(node.mac()), from, ROOT);
      return done(NodeRoutes.onHold(mac));
    }
    if (bearer.state().isComplete()) {
      return afterwards(bearer, request);
    }
    return binding
        .refusal(bearer, from, KEYS, ROOT)
        .thenCompose(
            refusal ->
                refusal
                    .<CompletionStage<HttpAnswer>>map(MeshRoutes::done)
                    .orElseGet(() -> heard(bearer, request)));
  }

  private CompletionStage<HttpAnswer> heard(Bearer bearer, HttpRequestView request) {
    InetAddress from = request.peer().getAddress();
    Node node = bearer.node();
    MacAddress mac = Answers.mac(node.mac());
    Optional<HttpAnswer> closed = closed(bearer, request);
    return closed.isPresent()
        ? done(audit.noted(closed.get().of(mac), node.mac(), from, ROOT))
        : tokens
            .used(node.mac(), bearer.token(), ROOT, from)
            .thenCompose(_ -> desk.join(node, bearer.state().run(), request.body()))
            .thenCompose(verdict -> claimed(bearer, verdict, request))
            .thenApply(verdict -> answer(mac, verdict, from));
  }

  /**
   * The run is over, and its token opens nothing. But who still has it and brings keys that are not
   * those of who has enrolled is a second machine, and which of them is the node nobody knows. That
   * is listened to for as long as the run would be, so that a token that was read once does no harm
   * to a node later.
   */
  private CompletionStage<HttpAnswer> afterwards(Bearer bearer, HttpRequestView request) {
    InetAddress from = request.peer().getAddress();
    Node node = bearer.node();
    MacAddress mac = Answers.mac(node.mac());
    HttpAnswer over =
        audit.noted(
            Answers.text(410, "this run is over\n", "mesh: used token").of(mac),
            node.mac(),
            from,
            ROOT);
    if (!request.method().equals("POST")
        || !tokens.isHeard(node, bearer.state(), bearer.token())
        || !recorder.admitsOfRun(node.mac())) {
      return done(over);
    }
    return desk.rival(node, bearer.state().run(), request.body())
        .thenCompose(
            rival ->
                rival
                    .filter(it -> !it.had().isEmpty() || !isOf(bearer, from))
                    .map(
                        it ->
                            contested(bearer, it, from)
                                .<HttpAnswer>thenApply(why -> NodeRoutes.quarantined(mac, why)))
                    .orElseGet(() -> done(over)));
  }

  private static boolean isOf(Bearer bearer, InetAddress from) {
    return bearer
        .token()
        .holder(NodeRoutes.ENROLL)
        .map(from.getHostAddress()::equals)
        .orElse(false);
  }

  /**
   * Two machines have brought keys by one token.
   *
   * @return why the node is quarantined; completes when that is durable
   */
  private CompletionStage<String> contested(Bearer bearer, MeshDesk.Rival rival, InetAddress from) {
    Mac mac = bearer.node().mac();
    String before =
        bearer
            .token()
            .holder(KEYS)
            .or(() -> bearer.token().holder(NodeRoutes.ENROLL))
            .orElse("an address that is not known");
    String why =
        rival.had().isEmpty()
            ? "%s has enrolled without keys, and %s brings the key %s"
                .formatted(before, from.getHostAddress(), rival.shown())
            : "the key %s came from %s, and the key %s from %s"
                .formatted(rival.had(), before, rival.shown(), from.getHostAddress());
    return tokens
        .contested(mac, bearer.token().hash(), why)
        .thenApply(
            quarantine -> {
              String text = quarantine.orElse(why);
              audit.refused(Attempt.SECOND_USE, Optional.of(mac), from, text);
              return text;
            });
  }

  /**
   * A run's keys come once. Others of another identity are a second machine's. The same ones may
   * come again by another way, as a node's address may change when it starts from its disk; others
   * from elsewhere are a second machine's.
   */
  private CompletionStage<Verdict> claimed(
      Bearer bearer, Verdict verdict, HttpRequestView request) {
    if (!(verdict instanceof Verdict.Refused refused)
        || refused.reason() != Verdict.Reason.CONFLICT) {
      return claimed(bearer, verdict, request.peer().getAddress());
    }
    InetAddress from = request.peer().getAddress();
    // Keys of another identity tell two machines apart also where they share an address.
    return desk.rival(bearer.node(), bearer.state().run(), request.body())
        .thenCompose(
            rival ->
                rival
                    .filter(it -> !it.had().isEmpty())
                    .map(it -> contested(bearer, it, from).thenApply(_ -> verdict))
                    .orElseGet(() -> claimed(bearer, verdict, from)));
  }

  private CompletionStage<Verdict> claimed(Bearer bearer, Verdict verdict, InetAddress from) {
    boolean had = bearer.token().holder(KEYS).isPresent();
    boolean matters =
        switch (verdict) {
          case Verdict.Given _ -> !had;
          case Verdict.Challenge _, Verdict.Current _ -> false;
          case Verdict.Refused refused -> had && refused.reason() == Verdict.Reason.CONFLICT;
        };
    if (!matters) {
      return CompletableFuture.completedStage(verdict);
    }
    Mac mac = bearer.node().mac();
    return tokens
        .claimed(mac, bearer.token().hash(), from, KEYS)
        .thenApply(
            quarantine -> {
              quarantine.ifPresent(
                  why -> audit.refused(Attempt.SECOND_USE, Optional.of(mac), from, why));
              return verdict;
            });
  }

  private Optional<HttpAnswer> closed(Bearer bearer, HttpRequestView request) {
    NodeState state = bearer.state();
    if (!request.method().equals("POST")) {
      return Optional.of(Answers.text(405, "POST only\n", "mesh: not a POST"));
    }
    if (state.isInRescue()) {
      return Optional.of(Answers.text(409, "this machine is in rescue\n", "mesh: in rescue"));
    }
    if (state.stage().isBefore(Stage.INSTALLED)) {
      return Optional.of(Answers.text(409, "not installed yet\n", "mesh: too early"));
    }
    Optional<Identity.Mismatch> mismatch =
        identities.mismatch(bearer.node(), state, bearer.token());
    if (mismatch.isPresent()) {
      audit.refused(
          Attempt.MISMATCH, Optional.of(bearer.node().mac()), request.peer().getAddress(), ROOT);
      return Optional.of(
          Answers.text(403, mismatch.get().why() + "\n", "mesh: " + ScriptRoutes.MISMATCH));
    }
    return recorder.admitsOfRun(bearer.node().mac())
        ? Optional.empty()
        : Optional.of(Answers.text(429, "too many requests\n", "mesh: too often"));
  }

  /**
   * {@code /mesh/NAME}: a node asks for a newer bundle; behind it, for a certificate, or reports.
   */
  CompletionStage<HttpAnswer> ofNode(List<String> path, HttpRequestView request) {
    InetAddress from = request.peer().getAddress();
    Optional<Node> named = fleet.nodeNamed(path.getFirst());
    if (named.filter(it -> fleet.state(it.mac()).quarantine().isPresent()).isPresent()) {
      return done(quarantined(named.get(), from));
    }
    Optional<Node> node = named.filter(known -> book.knows(known.mac()));
    if (node.isEmpty()) {
      audit.refused(Attempt.MESH, Optional.empty(), from, "of no node that has sent keys");
      return done(Answers.text(404, "no such node, or none that has sent keys\n", "mesh: unknown"));
    }
    if (!request.method().equals("POST")) {
      return done(Answers.text(405, "POST only\n", "mesh: not a POST"));
    }
    MacAddress mac = Answers.mac(node.get().mac());
    // What it says of itself is heard at any time.
    if (!isGates(path) && NodeRoutes.isOnHold(fleet.state(node.get().mac()))) {
      return done(NodeRoutes.onHold(mac));
    }
    if (path.size() == 1) {
      return desk.poll(node.get(), request.body()).thenApply(verdict -> answer(mac, verdict, from));
    }
    if (!recorder.admitsOfRun(node.get().mac())) {
      return done(Answers.text(429, "too many requests\n", "mesh: too often").of(mac));
    }
    if (isGates(path)) {
      return reported(node.get(), request);
    }
    return certificates
        .map(signing -> signing.certify(node.get(), request.body()))
        .orElseGet(() -> CompletableFuture.completedStage(NO_CA))
        .thenApply(verdict -> answer(mac, verdict, from));
  }

  /** Anybody may ask by a name, so the answer does not say who the two machines are. */
  private HttpAnswer quarantined(Node node, InetAddress from) {
    audit.refused(
        Attempt.QUARANTINED, Optional.of(node.mac()), from, "/" + ROOT + "/" + node.name());
    return Answers.text(403, "quarantined\n", "mesh: " + ScriptRoutes.QUARANTINED)
        .of(Answers.mac(node.mac()));
  }

  private CompletionStage<HttpAnswer> reported(Node node, HttpRequestView request) {
    MacAddress mac = Answers.mac(node.mac());
    return switch (gates.hear(node, request.body())) {
      case GateReading.Heard(List<GateReport.Outcome> outcomes) ->
          gates
              .taken(node, outcomes)
              .thenApply(answer -> Answers.text(200, answer, "mesh: gates").of(mac));
      case Verdict.Refused refused -> done(refused(mac, refused, request.peer().getAddress()));
    };
  }

  private HttpAnswer answer(MacAddress mac, Verdict verdict, InetAddress from) {
    return switch (verdict) {
      case Verdict.Given(byte[] bytes, long serial) -> {
        recorder.noteClaimed(mac, "mesh.bundle", "serial " + serial);
        yield HttpAnswer.Body.of(200, BUNDLE, bytes, "mesh: bundle").of(mac);
      }
      case Verdict.Challenge(byte[] credential) ->
          Answers.text(200, challenge(credential), "mesh: challenge").of(mac);
      case Verdict.Current() -> HttpAnswer.Body.none("mesh: nothing newer").of(mac);
      case Verdict.Refused refused -> refused(mac, refused, from);
    };
  }

  private HttpAnswer answer(MacAddress mac, Certification made, InetAddress from) {
    return switch (made) {
      case Certification.Certified(String pem, String serial, Instant until) -> {
        recorder.noteClaimed(mac, "mesh.certificate", "serial " + serial + " until " + until);
        yield Answers.text(200, pem, "mesh: certificate").of(mac);
      }
      case Verdict.Refused refused -> refused(mac, refused, from);
    };
  }

  private HttpAnswer refused(MacAddress mac, Verdict.Refused refused, InetAddress from) {
    boolean ofTpm = refused.reason() == Verdict.Reason.TPM;
    recorder.noteClaimed(mac, ofTpm ? Mark.TPM : "mesh.refused", refused.why());
    if (refused.reason() != Verdict.Reason.CLOSED) {
      Attempt attempt = ofTpm ? Attempt.TPM : Attempt.MESH;
      audit.refused(attempt, Optional.of(Answers.mac(mac)), from, complaint(refused.why()));
    }
    return Answers.text(status(refused.reason()), refused.why() + "\n", "mesh: refused").of(mac);
  }

  private static String challenge(byte[] credential) {
    return CHALLENGE + Base64.getEncoder().encodeToString(credential) + "\n";
  }

  /** What is wrong with a request, without what would have been right. */
  private static String complaint(String why) {
    int end = why.indexOf(" (expected");
    return end < 0 ? why : why.substring(0, end);
  }

  static int status(Verdict.Reason reason) {
    return switch (reason) {
      case MALFORMED -> 400;
      case NOT_AUTHENTIC, TPM -> 403;
      case CONFLICT -> 409;
      case CLOSED -> 503;
    };
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedStage(answer);
  }
}
