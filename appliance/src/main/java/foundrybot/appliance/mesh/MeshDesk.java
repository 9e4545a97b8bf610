// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.MeshSettings;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.TpmRule;
import foundrybot.answerfiles.mesh.Bundle;
import foundrybot.answerfiles.mesh.MeshPlan;
import foundrybot.answerfiles.mesh.MeshRequest;
import foundrybot.answerfiles.mesh.Planning;
import foundrybot.answerfiles.mesh.RequestReading;
import foundrybot.appliance.lifecycle.MeshKind;
import foundrybot.appliance.mesh.Edition.Body;
import foundrybot.appliance.mesh.Verdict.Reason;
import foundrybot.appliance.mesh.Verdict.Refused;
import foundrybot.appliance.tpm.EkHash;
import foundrybot.appliance.tpm.TpmKeys;
import foundrybot.appliance.tpm.TpmSecret;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Takes the nodes' public keys and gives them their bundles.
 *
 * <p>What changes anything is done in turn, and each turn ends when its facts are durable: so two
 * that come at the same moment cannot both have one key, and no bundle is ahead of the journal.
 */
public final class MeshDesk {
  /** The kind of a fact that a node has shown a TPM, and has not proved anything by it. */
  private static final String TPM_SEEN = "tpm.seen";

  private static final String SEALED = "foundrybot-sealed=1\n";

  private final SecureRandom random = new SecureRandom();
  private final Edition.Issuer issuer;
  private final Supplier<RackFile> rack;
  private final BiFunction<RackFile, Node, TpmRule> tpms;
  private final MeshBook book;
  private final MeshLog log;
  private final InstantSource clock;
  private final Executor executor;
  private final Freshness freshness;
  private CompletableFuture<?> turn = CompletableFuture.completedFuture(null);

  // Written in turn only.
  private volatile Optional<Edition> latest = Optional.empty();

  /**
   * What nodes are told is signed by that cluster's key.
   *
   * @param authority who vouches for the appliance's HTTPS; absent without HTTPS
   * @param rack the rack file in force
   * @param tpms what of a node's TPM is asked by that rack file
   * @param executor where bundles are made, which takes a while for a large rack
   */
  public MeshDesk(
      ClusterKey cluster,
      Optional<Bundle.Der> authority,
      PresharedSecret secret,
      Supplier<RackFile> rack,
      BiFunction<RackFile, Node, TpmRule> tpms,
      MeshBook book,
      MeshLog log,
      InstantSource clock,
      Executor executor) {
    this.tpms = tpms;
    this.issuer = new Edition.Issuer(cluster, authority, secret);
    this.rack = rack;
    this.book = book;
    this.log = log;
    this.clock = clock;
    this.executor = executor;
    this.freshness = new Freshness(clock);
  }

  /** Who signs. */
  public ClusterKey cluster() {
    return issuer.cluster();
  }

  /**
   * A node with a token has sent its first keys. It may say the same again, as long as it has the
   * token: an answer can be lost.
   *
   * @param run that the token belongs to
   */
  public CompletionStage<Verdict> join(Node node, int run, byte[] bytes) {
    return switch (MeshRequest.decode(bytes)) {
      case RequestReading.Malformed<MeshRequest>(String why) -> refused(Reason.MALFORMED, why);
      case RequestReading.Read<MeshRequest>(MeshRequest request) ->
          issuer
              .cluster()
              .stranger(node, request.clusterId(), request.node())
              .or(() -> request.isAuthentic() ? Optional.empty() : Optional.of(FORGED))
              .map(why -> refused(Reason.NOT_AUTHENTIC, why))
              .orElseGet(() -> inTurn(() -> shown(node, run, request)));
    };
  }

  /**
   * Somebody with a run's token brings other keys than the run has.
   *
   * @param had the fingerprint of the identity that came first; empty if none came
   * @param shown that of the other one
   */
  public record Rival(String had, String shown) {}

  /**
   * Whether it is another machine that brings keys by the token of that run, as its identity says:
   * a sound request for the node by another identity. Nothing changes by it. Who has shown that it
   * has the node's TPM has no rival.
   *
   * @param bytes a request for a bundle
   */
  public CompletionStage<Optional<Rival>> rival(Node node, int run, byte[] bytes) {
    if (!(MeshRequest.decode(bytes) instanceof RequestReading.Read<MeshRequest>(MeshRequest asked))
        || issuer.cluster().stranger(node, asked.clusterId(), asked.node()).isPresent()
        || !asked.isAuthentic()) {
      return CompletableFuture.completedStage(Optional.empty());
    }
    return inTurn(
        () -> {
          boolean proved =
              tpms.apply(rack.get(), node).use() != TpmRule.Use.OFF
                  && book.pinned(node.mac()).isPresent();
          Optional<String> had =
              book.keysOf(node.mac())
                  .filter(keys -> keys.run() == run)
                  .map(keys -> keys.identity().fingerprint());
          String shown = asked.identity().fingerprint();
          return CompletableFuture.completedStage(
              proved || had.equals(Optional.of(shown))
                  ? Optional.empty()
                  : Optional.of(new Rival(had.orElse(""), shown)));
        });
  }

  /** A node that has sent its keys asks whether there is a newer bundle. */
  public CompletionStage<Verdict> poll(Node node, byte[] bytes) {
    return switch (MeshRequest.decode(bytes)) {
      case RequestReading.Malformed<MeshRequest>(String why) -> refused(Reason.MALFORMED, why);
      case RequestReading.Read<MeshRequest>(MeshRequest request) ->
          // The signature last: all else costs nothing.
          issuer
              .cluster()
              .stranger(node, request.clusterId(), request.node())
              .or(() -> request.tpm().map(_ -> "ek: in a poll (expected: only with a token)"))
              .or(() -> book.stranger(node, request.identity()))
              .or(() -> freshness.tooFar(request.time()))
              .or(() -> request.isAuthentic() ? Optional.empty() : Optional.of(FORGED))
              .or(() -> freshness.take(node.mac(), request.time(), request.nonce()))
              .map(why -> refused(Reason.NOT_AUTHENTIC, why))
              .orElseGet(() -> inTurn(() -> polled(node, request)));
    };
  }

  /** The bundle that a node would get now. */
  public CompletionStage<Verdict> bundle(Node node) {
    return inTurn(() -> given(node));
  }

  /**
   * Asks nodes to make their keys anew.
   *
   * @return completes with those that have sent none yet, when the rest is durable
   */
  public CompletionStage<List<Node>> rotate(List<Node> nodes) {
    return inTurn(
        () -> {
          List<CompletableFuture<Void>> facts = new ArrayList<>();
          List<Node> without = new ArrayList<>();
          for (Node node : nodes) {
            if (book.knows(node.mac())) {
              facts.add(record(node.mac(), MeshKind.ROTATION, book.rotation(node.mac()) + 1));
            } else {
              without.add(node);
            }
          }
          return all(facts).thenApply(_ -> without);
        });
  }

  /**
   * Why a node must not enrol yet: its TPM has proved nothing in this run, although it must. Who is
   * asked for nothing is not kept.
   */
  public Optional<String> unproved(Node node, int run) {
    TpmRule rule = tpms.apply(rack.get(), node);
    boolean asked =
        rule.use() == TpmRule.Use.REQUIRED
            || (rule.use() == TpmRule.Use.USE && book.pinned(node.mac()).isPresent());
    return asked && book.keysOf(node.mac()).filter(keys -> keys.run() == run).isEmpty()
        ? Optional.of("tpm: nothing proved in this run (expected: 'mesh join' before it enrols)")
        : Optional.empty();
  }

  /** By which TPM that node has proved itself. */
  public Optional<EkHash> pinned(Node node) {
    return book.pinned(node.mac());
  }

  /**
   * The next TPM that a node shows is its own, as after a board was replaced.
   *
   * @return completes when it is durable, with the one that it had
   */
  public CompletionStage<Optional<EkHash>> forget(Node node) {
    return inTurn(
        () -> {
          Optional<EkHash> before = book.pinned(node.mac());
          return before.isEmpty()
              ? CompletableFuture.completedStage(before)
              : record(node.mac(), MeshKind.EK, "none").thenApply(_ -> before);
        });
  }

  static final String FORGED =
      "signature: not by the key in identity (expected: Ed25519 over all lines before it)";

  /** A TPM comes before the keys: nothing that follows from them is anybody's before it. */
  private CompletionStage<Verdict> shown(Node node, int run, MeshRequest request) {
    RackFile now = rack.get();
    TpmDoor door =
        TpmDoor.of(
            tpms.apply(now, node),
            node,
            request,
            book.pinned(node.mac()),
            ek ->
                book.othersWith(ek, node.mac()).stream()
                    .filter(mac -> now.node(mac).isPresent())
                    .findFirst());
    return switch (door) {
      case TpmDoor.Unasked() -> joined(node, run, request);
      case TpmDoor.Shut(Reason reason, String why) -> refused(reason, why);
      case TpmDoor.Shown(TpmKeys keys, Optional<String> proof) -> {
        TpmSecret secret = issuer.secret().tpmSecret(node, run, request);
        yield proof.isEmpty()
            ? seen(node, keys).thenApply(_ -> new Verdict.Challenge(keys.challenge(secret, random)))
            : secret.isProvedBy(proof.get())
                ? proved(node, run, request, keys, secret)
                : refused(
                    Reason.TPM,
                    "proof: another one (expected: that of the TPM with the EK "
                        + keys.hash()
                        + ")");
      }
    };
  }

  /** Evidence, and no more: who shows an EK may have heard it. */
  private CompletableFuture<Void> seen(Node node, TpmKeys keys) {
    return book.pinned(node.mac()).isPresent()
        ? CompletableFuture.completedFuture(null)
        : log.record(
            Optional.of(node.mac()), TPM_SEEN, "ek=" + keys.hash() + " ak=" + keys.akName());
  }

  private CompletionStage<Verdict> proved(
      Node node, int run, MeshRequest request, TpmKeys keys, TpmSecret secret) {
    CompletableFuture<Void> pin =
        book.pinned(node.mac()).isPresent()
            ? CompletableFuture.completedFuture(null)
            : record(node.mac(), MeshKind.EK, keys.hash().toString());
    return pin.thenCompose(_ -> joined(node, run, request))
        .thenApply(
            verdict ->
                verdict instanceof Verdict.Given(byte[] bytes, long serial)
                    ? new Verdict.Given(sealed(bytes, secret), serial)
                    : verdict);
  }

  private byte[] sealed(byte[] bundle, TpmSecret secret) {
    byte[] head = SEALED.getBytes(StandardCharsets.US_ASCII);
    byte[] body = secret.seal(bundle, random);
    byte[] all = Arrays.copyOf(head, head.length + body.length + 1);
    System.arraycopy(body, 0, all, head.length, body.length);
    all[all.length - 1] = '\n';
    return all;
  }

  private CompletionStage<Verdict> joined(Node node, int run, MeshRequest request) {
    Optional<MeshKeys> known = book.keysOf(node.mac()).filter(keys -> keys.run() == run);
    if (known.isPresent()) {
      return known.get().areThoseOf(request)
          ? given(node)
          : refused(
              Reason.CONFLICT,
              "keys: this run has others already (expected: one set of keys in a run; somebody"
                  + " else has the token, or the node has lost its own: reinstall it)");
    }
    if (request.rotation() != 0) {
      return refused(
          Reason.CONFLICT, "rotation: " + request.rotation() + " (expected: 0 for first keys)");
    }
    // An earlier installation's rotations are not this one's.
    CompletableFuture<Void> reset =
        book.rotation(node.mac()) == 0
            ? CompletableFuture.completedFuture(null)
            : record(node.mac(), MeshKind.ROTATION, 0);
    return reset.thenCompose(_ -> taken(node, MeshKeys.of(run, request)));
  }

  private CompletionStage<Verdict> polled(Node node, MeshRequest request) {
    Optional<MeshKeys> known = book.keysOf(node.mac());
    if (known.filter(keys -> keys.areThoseOf(request)).isPresent()) {
      return edition()
          .thenApply(
              edition ->
                  edition.isNewest(node, request.serial())
                      ? new Verdict.Current()
                      : newer(edition.bundle(node, issuer), request.serial()));
    }
    int rotation = known.map(MeshKeys::rotation).orElse(0);
    int wanted = book.rotation(node.mac());
    // One that was asked for before the last may be on its way, from who was off since.
    return request.rotation() > rotation && request.rotation() <= wanted
        ? taken(node, MeshKeys.of(known.map(MeshKeys::run).orElse(1), request))
        : refused(
            Reason.CONFLICT,
            "keys: others than "
                + node.name()
                + " has sent (expected: new ones only when it was asked for them, with rotation "
                + Math.max(wanted, rotation + 1)
                + ")");
  }

  private static Verdict newer(Verdict verdict, long serial) {
    if (!(verdict instanceof Verdict.Given given) || given.serial() > serial) {
      return verdict;
    }
    return new Refused(
        Reason.CONFLICT,
        "serial: newer than "
            + given.serial()
            + ", as if this appliance were an older copy of itself; 'bootserver rotate --all'"
            + " makes newer bundles");
  }

  private CompletionStage<Verdict> taken(Node node, MeshKeys keys) {
    Optional<Mac> other = book.otherWith(keys, node.mac());
    return other.isPresent()
        ? refused(
            Reason.CONFLICT,
            "keys: one of them is " + other.get() + "'s (expected: keys that no other node has)")
        : record(node.mac(), MeshKind.KEYS, keys.detail()).thenCompose(_ -> given(node));
  }

  private CompletionStage<Verdict> given(Node node) {
    return edition().thenApply(edition -> edition.bundle(node, issuer));
  }

  /** What holds now; in turn only. */
  private CompletionStage<Edition> edition() {
    RackFile now = rack.get();
    Optional<Edition> last = latest.filter(edition -> edition.isOf(now, book.version()));
    if (last.isPresent()) {
      return CompletableFuture.completedStage(last.get());
    }
    MeshBook.Page page = book.page();
    Optional<MeshSettings> settings = now.mesh();
    if (settings.isEmpty()) {
      return closed(now, page, "mesh: not in the rack file");
    }
    return switch (MeshPlan.of(now, settings.get(), page.numbers())) {
      case Planning.Refused(String why) -> closed(now, page, why);
      case Planning.Planned(MeshPlan plan) ->
          plan.numbers().equals(page.numbers())
              ? issued(now, page, plan)
              : all(numbers(plan.numbers(), page.numbers())).thenCompose(_ -> edition());
    };
  }

  private CompletionStage<Edition> closed(RackFile now, MeshBook.Page page, String why) {
    return CompletableFuture.completedStage(kept(new Edition(now, page, new Body.Closed(why))));
  }

  private Edition kept(Edition edition) {
    latest = Optional.of(edition);
    return edition;
  }

  private List<CompletableFuture<Void>> numbers(Map<Mac, Integer> now, Map<Mac, Integer> before) {
    List<CompletableFuture<Void>> facts = new ArrayList<>();
    before.keySet().stream()
        .filter(mac -> !now.containsKey(mac))
        .forEach(mac -> facts.add(record(mac, MeshKind.NUMBER, 0)));
    now.forEach(
        (mac, number) -> {
          if (!number.equals(before.get(mac))) {
            facts.add(record(mac, MeshKind.NUMBER, number));
          }
        });
    return facts;
  }

  private CompletionStage<Edition> issued(RackFile now, MeshBook.Page page, MeshPlan plan) {
    String digest = Edition.digest(now, plan, page, issuer);
    MeshBook.Issue before = page.issued();
    if (digest.equals(before.digest())) {
      return CompletableFuture.completedStage(
          kept(new Edition(now, page, new Body.Open(plan, before.serial()))));
    }
    long serial = Math.max(clock.instant().getEpochSecond(), before.serial() + 1);
    return log.record(
            Optional.empty(), MeshKind.SERIAL.text(), new MeshBook.Issue(serial, digest).detail())
        .thenApply(_ -> kept(new Edition(now, page, new Body.Open(plan, serial))));
  }

  private CompletableFuture<Void> record(Mac mac, MeshKind kind, int number) {
    return record(mac, kind, Integer.toString(number));
  }

  private CompletableFuture<Void> record(Mac mac, MeshKind kind, String detail) {
    return log.record(Optional.of(mac), kind.text(), detail);
  }

  private static CompletableFuture<Void> all(List<CompletableFuture<Void>> facts) {
    return CompletableFuture.allOf(facts.toArray(CompletableFuture[]::new));
  }

  private static CompletionStage<Verdict> refused(Reason reason, String why) {
    return CompletableFuture.completedStage(new Refused(reason, why));
  }

  /** Also after one that failed. */
  private synchronized <T> CompletableFuture<T> inTurn(Supplier<CompletionStage<T>> work) {
    CompletableFuture<T> mine =
        turn.handleAsync((_, _) -> work.get(), executor).thenCompose(Function.identity());
    turn = mine;
    return mine;
  }
}
