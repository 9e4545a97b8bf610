// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.answerfiles.mesh.Bundle;
import foundrybot.answerfiles.mesh.SignedBundle;
import foundrybot.appliance.TickingClock;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.mesh.Verdict.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MeshDeskTest {
  private static final ClusterKey CLUSTER = ClusterKey.of("ab".repeat(32));
  private static final PresharedSecret SECRET = new PresharedSecret("cd".repeat(32));
  private static final String HEAD =
      """
      cluster: alpha
      domain: alpha.rack
      appliance: { address: 10.77.0.1/24, dhcp: off }
      admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s t"] }
      """
          .formatted("A".repeat(43));
  private static final String PLANES =
      """
      mesh:
        planes: { control: 10.80.1.0/24, data: 10.80.2.0/24 }
      """;
  private static final String TWO =
      """
        52:54:00:aa:00:01: { role: worker, name: w1, address: 10.77.0.11 }
        52:54:00:aa:00:02: { role: worker, name: w2, address: 10.77.0.12 }
      """;
  private static final String THREE =
      "  52:54:00:aa:00:00: { role: worker, name: w0, address: 10.77.0.10 }\n" + TWO;

  private final TickingClock clock = new TickingClock();
  private final List<Fact> facts = new ArrayList<>();
  private RackFile rack = rack(TWO, "");
  private MeshBook book = new MeshBook();
  private MeshDesk desk = desk();
  private final NodeKeys first = NodeKeys.made();
  private final NodeKeys second = NodeKeys.made();

  @BeforeEach
  void passASecond() {
    clock.pass(Duration.ofSeconds(1));
  }

  private static RackFile rack(String nodes, String mesh) {
    return read(HEAD + PLANES + mesh + "nodes:\n" + nodes);
  }

  private static RackFile read(String text) {
    return switch (RackFiles.read(text, "rack.yaml")) {
      case RackReading.Valid valid -> valid.rack();
      case RackReading.Invalid invalid -> fail(RackFiles.report(invalid.faults()));
    };
  }

  /** As after a start: it knows what the journal holds, and nothing else. */
  private MeshDesk desk() {
    book = new MeshBook();
    facts.forEach(book::apply);
    return new MeshDesk(
        CLUSTER,
        Optional.empty(),
        SECRET,
        () -> rack,
        RackFile::tpmOf,
        book,
        this::record,
        clock,
        Runnable::run);
  }

  private CompletableFuture<Void> record(Optional<Mac> machine, String kind, String detail) {
    Fact fact = new Fact(clock.instant(), machine.map(Mac::toString).orElse(""), kind, detail);
    facts.add(fact);
    book.apply(fact);
    return CompletableFuture.completedFuture(null);
  }

  private Node node(String name) {
    return rack.nodes().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
  }

  private String request(NodeKeys keys, String node, long serial) {
    return keys.request(CLUSTER.id(), node, serial, clock.instant().getEpochSecond());
  }

  private Verdict join(String node, NodeKeys keys) {
    return join(node, 1, request(keys, node, 0));
  }

  private Verdict join(String node, int run, String text) {
    return desk.join(node(node), run, text.getBytes(StandardCharsets.US_ASCII))
        .toCompletableFuture()
        .join();
  }

  private Verdict poll(String node, String text) {
    return desk.poll(node(node), text.getBytes(StandardCharsets.US_ASCII))
        .toCompletableFuture()
        .join();
  }

  private static Bundle bundle(Verdict verdict) {
    if (verdict instanceof Verdict.Given(byte[] bytes, long serial)
        && SignedBundle.decode(bytes, CLUSTER.signer().publicPart())
            instanceof SignedBundle.Good(Bundle bundle)
        && bundle.serial() == serial) {
      return bundle;
    }
    return fail(verdict.toString());
  }

  private static void assertRefused(Reason reason, String begin, Verdict verdict) {
    assertTrue(
        verdict instanceof Verdict.Refused refused
            && refused.reason() == reason
            && refused.why().startsWith(begin),
        verdict::toString);
  }

  private static List<String> peersOf(Bundle bundle) {
    return bundle.mesh().interfaces().getFirst().config().peers().stream()
        .map(peer -> peer.publicKey().text())
        .toList();
  }

  @Test
  void whoJoinsLaterIsInTheNextBundleOfWhoWasThere() {
    Bundle alone = bundle(join("w1", first));
    assertEquals(List.of(), peersOf(alone));
    assertEquals(List.of(first.plane(1)), peersOf(bundle(join("w2", second))));

    Bundle next = bundle(poll("w1", request(first, "w1", alone.serial())));
    assertEquals(List.of(second.plane(1)), peersOf(next));
    assertTrue(next.serial() > alone.serial());
    clock.pass(Duration.ofSeconds(1));
    assertEquals(new Verdict.Current(), poll("w1", request(first, "w1", next.serial())));
  }

  @Test
  void anAnswerThatWasLostIsGivenAgainAndOtherKeysOfTheRunAreNot() {
    Bundle given = bundle(join("w1", first));
    int written = facts.size();
    assertEquals(given, bundle(join("w1", first)));
    assertEquals(written, facts.size());
    assertRefused(Reason.CONFLICT, "keys: this run has others already", join("w1", second));
    assertEquals(given, bundle(join("w1", first)));
  }

  @Test
  void aReinstalledNodeHasNewKeysAndItsOldOnesAreWorthNothing() {
    join("w1", first);
    NodeKeys anew = NodeKeys.made();
    Bundle given = bundle(join("w1", 2, request(anew, "w1", 0)));
    assertRefused(
        Reason.NOT_AUTHENTIC, "identity: not the one", poll("w1", request(first, "w1", 0)));
    assertEquals(new Verdict.Current(), poll("w1", request(anew, "w1", given.serial())));
  }

  @Test
  void keysThatAnotherNodeHasAreRefusedAndSoAreOthersNames() {
    join("w1", first);
    assertRefused(
        Reason.CONFLICT,
        "keys: one of them is 52:54:00:aa:00:01's",
        join("w2", second.withKeyOf(first)));
    assertRefused(Reason.NOT_AUTHENTIC, "node: another", join("w2", 1, request(first, "w1", 0)));
    String elsewhere = second.request("0".repeat(32), "w2", 0, 1);
    assertRefused(Reason.NOT_AUTHENTIC, "cluster-id: another cluster's", join("w2", 1, elsewhere));
    assertRefused(Reason.MALFORMED, "line 1", join("w2", 1, "x\n"));
    String changed = request(second, "w2", 0).replace("serial=0", "serial=1");
    assertRefused(Reason.NOT_AUTHENTIC, "signature: not by", join("w2", 1, changed));
    assertFalse(book.knows(node("w2").mac()));
  }

  @Test
  void aRequestCountsOnceAndOnlyNow() {
    long serial = bundle(join("w1", first)).serial();
    String heard = request(first, "w1", serial);
    assertEquals(new Verdict.Current(), poll("w1", heard));
    assertRefused(Reason.NOT_AUTHENTIC, "nonce: this request was heard", poll("w1", heard));
    clock.pass(Duration.ofSeconds(2));
    assertEquals(new Verdict.Current(), poll("w1", request(first, "w1", serial)));
    assertRefused(Reason.NOT_AUTHENTIC, "time: 2 s before the last", poll("w1", heard));
    desk = desk();
    assertRefused(Reason.NOT_AUTHENTIC, "time: 2 s before the last", poll("w1", heard));
    clock.pass(Duration.ofSeconds(301));
    assertRefused(
        Reason.NOT_AUTHENTIC, "time: the node's clock is 303 s behind", poll("w1", heard));
  }

  @Test
  void aRestartGivesTheSameBundleWithTheSameSerial() {
    join("w1", first);
    Bundle before = bundle(join("w2", second));
    int written = facts.size();
    clock.pass(Duration.ofDays(1));
    desk = desk();
    clock.pass(Duration.ofSeconds(1));
    assertEquals(before, bundle(poll("w2", request(second, "w2", 0))));
    assertEquals(written, facts.size());
  }

  @Test
  void aNodeThatComesIntoTheRackFileMovesNobodyAndMakesANewSerial() {
    Bundle before = bundle(join("w1", first));
    rack = rack(THREE, "");
    Bundle after = bundle(poll("w1", request(first, "w1", before.serial())));
    assertTrue(after.serial() > before.serial());
    assertEquals(
        before.mesh().interfaces().getFirst().addresses(),
        after.mesh().interfaces().getFirst().addresses());
  }

  @Test
  void aNodeThatLeavesTheRackFileIsInNoBundleAnyMore() {
    join("w1", first);
    Bundle before = bundle(join("w2", second));
    assertEquals(1, peersOf(before).size());
    rack = rack(TWO.lines().skip(1).findFirst().orElseThrow(), "");
    Bundle after = bundle(poll("w2", request(second, "w2", before.serial())));
    assertEquals(List.of(), peersOf(after));
  }

  @Test
  void serialsGrowAlsoWhenTheClockWasSetBack() {
    long before = bundle(join("w1", first)).serial();
    clock.pass(Duration.ofDays(-30));
    assertTrue(bundle(join("w2", second)).serial() > before);
  }

  @Test
  void newKeysAreTakenWhenTheyWereAskedForAndNotOtherwise() {
    join("w1", first);
    long serial = bundle(join("w2", second)).serial();
    NodeKeys anew = first.rotated(1);
    assertRefused(Reason.CONFLICT, "keys: others than w1", poll("w1", request(anew, "w1", 0)));

    assertEquals(List.of(), desk.rotate(List.of(node("w1"))).toCompletableFuture().join());
    Bundle asked = bundle(poll("w1", request(first, "w1", serial)));
    assertEquals(1, asked.rotation());
    Bundle rotated = bundle(poll("w1", request(anew, "w1", asked.serial())));
    assertTrue(rotated.serial() > asked.serial());
    // An answer that was lost.
    assertEquals(rotated, bundle(poll("w1", request(anew, "w1", asked.serial()))));
    assertEquals(
        List.of(anew.plane(1)), peersOf(bundle(poll("w2", request(second, "w2", serial)))));
    // What was heard before the rotation cannot bring the old keys back.
    assertRefused(Reason.CONFLICT, "keys: others than w1", poll("w1", request(first, "w1", 0)));
  }

  /** The node knows of the first alone, and has made the keys that it was asked for by then. */
  @Test
  void whoIsAskedAgainBeforeItHasAnsweredGoesOnFromWhereItIs() {
    long serial = bundle(join("w1", first)).serial();
    desk.rotate(List.of(node("w1"))).toCompletableFuture().join();
    Bundle asked = bundle(poll("w1", request(first, "w1", serial)));
    desk.rotate(List.of(node("w1"))).toCompletableFuture().join();
    desk.rotate(List.of(node("w1"))).toCompletableFuture().join();
    desk = desk();
    clock.pass(Duration.ofSeconds(1));

    NodeKeys once = first.rotated(1);
    Bundle next = bundle(poll("w1", request(once, "w1", asked.serial())));
    assertEquals(3, next.rotation());
    assertRefused(Reason.CONFLICT, "keys: others than w1", poll("w1", request(first, "w1", 0)));
    assertRefused(
        Reason.CONFLICT,
        "keys: others than w1",
        poll("w1", request(first.rotated(4), "w1", next.serial())));
    NodeKeys last = first.rotated(3);
    Bundle done = bundle(poll("w1", request(last, "w1", next.serial())));
    assertTrue(done.serial() > next.serial());
    assertRefused(Reason.CONFLICT, "keys: others than w1", poll("w1", request(once, "w1", 0)));
    assertEquals(new Verdict.Current(), poll("w1", request(last, "w1", done.serial())));
  }

  @Test
  void whoHasSentNoKeysIsNamedWhenAllAreToRotate() {
    join("w1", first);
    assertEquals(List.of(node("w2")), desk.rotate(rack.nodes()).toCompletableFuture().join());
  }

  @Test
  void twoPeersShareAKeyThatTheThirdDoesNotGet() {
    rack = rack(THREE, "  preshared: on\n");
    NodeKeys third = NodeKeys.made();
    join("w0", first);
    join("w1", second);
    Bundle last = bundle(join("w2", third));
    clock.pass(Duration.ofSeconds(1));
    Bundle one = bundle(poll("w1", request(second, "w1", 0)));
    List<String> ofThird = preshared(last);
    List<String> ofSecond = preshared(one);
    assertEquals(2, ofThird.size());
    // Peers are in the order of their numbers: w0 and w1, and w0 and w2.
    assertEquals(ofThird.get(1), ofSecond.get(1));
    assertFalse(ofThird.contains(ofSecond.get(0)));
  }

  private static List<String> preshared(Bundle bundle) {
    return bundle.mesh().interfaces().getFirst().config().peers().stream()
        .map(peer -> peer.presharedKey().orElseThrow().text())
        .toList();
  }

  @Test
  void withoutAMeshInTheRackFileEverythingIsClosed() {
    long serial = bundle(join("w1", first)).serial();
    RackFile before = rack;
    rack = read(HEAD + "nodes:\n" + TWO);
    assertRefused(
        Reason.CLOSED, "mesh: not in the rack file", poll("w1", request(first, "w1", serial)));
    rack = before;
    assertEquals(new Verdict.Current(), poll("w1", request(first, "w1", serial)));
  }
}
