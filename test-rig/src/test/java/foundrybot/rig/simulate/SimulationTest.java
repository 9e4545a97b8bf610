// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.rig.simulate.FaultsFile.Entry;
import foundrybot.rig.simulate.Simulation.Result;
import foundrybot.rig.simulate.Simulation.Trouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SimulationTest {
  private static final Trouble ROUGH =
      new Trouble(
          Weather.USUAL,
          List.of(Duration.ofMinutes(3), Duration.ofMinutes(6), Duration.ofMinutes(11)),
          Duration.ofSeconds(10),
          Duration.ofHours(4));

  @TempDir Path folder;

  private Result run(String name, int nodes, long seed, Trouble trouble) {
    return Simulation.run(
        GeneratedRack.of(nodes), folder.resolve(name), seed, trouble, Map.of(), _ -> {});
  }

  private static void assertHolds(Result result) {
    assertEquals(
        Optional.empty(),
        result.violated().map(Throwable::getMessage),
        () -> String.join("\n", result.last()));
  }

  private static RackFile rack(String yaml) {
    return switch (RackFiles.read(yaml, "rack.yaml")) {
      case RackReading.Valid(RackFile rack) -> rack;
      case RackReading.Invalid invalid -> throw new AssertionError(invalid.faults());
    };
  }

  /** Whose mesh is cut off is enrolled, and has a fault. */
  private static long arrivedOrFaulty(Result result) {
    long both = result.faults().values().stream().filter(Fault.HANDSHAKE_BLOCKED::equals).count();
    return result.arrived() + result.faults().size() - both;
  }

  @Test
  void tenHealthyNodesReachTheGoal() {
    Result result = run("a", 10, 1, Trouble.NONE);
    assertHolds(result);
    assertEquals(10, result.arrived());
  }

  @Test
  void theSameSeedGivesTheSameEvents() {
    Result one = run("a", 5, 7, ROUGH);
    Result same = run("b", 5, 7, ROUGH);
    Result other = run("c", 5, 8, ROUGH);
    assertEquals(one.digest(), same.digest());
    assertEquals(one.events(), same.events());
    assertNotEquals(one.digest(), other.digest());
  }

  @Test
  void healthyNodesArriveThroughLossAndKills() {
    Result result = run("a", 20, 3, ROUGH);
    assertHolds(result);
    assertEquals(20, result.arrived());
    assertEquals(3, result.crashes());
  }

  /** In a mesh, whose keys lie in files of their own. */
  @Test
  void keysOutliveEveryLossOfPower() {
    Trouble killed =
        new Trouble(Weather.FAIR, List.of(), Duration.ofSeconds(10), Duration.ofHours(4)).killed(8);
    Result result = run("a", 3, 6, killed);
    assertHolds(result);
    assertEquals(3, result.arrived());
    assertEquals(8, result.crashes());
    assertTrue(
        Stream.of("bundles.key", "bundles.pem", "preshared.key")
            .anyMatch(key -> Files.exists(folder.resolve("a").resolve(key + BegunSecrets.BEGUN))),
        "nothing was begun");
  }

  /** Each start of the appliance costs real time: the service manager takes its time, too. */
  private static Trouble full(Weather weather, Duration from, Integer... killed) {
    return new Trouble(
        weather,
        Stream.of(killed).map(Duration::ofMinutes).toList(),
        Duration.ofSeconds(25),
        new FullDisk(from, Duration.ofSeconds(70)),
        Duration.ofHours(4));
  }

  @Test
  void aFullDiskOfTheApplianceIsNamedAndLosesNothing() {
    for (int from : new int[] {100, 300}) {
      Result result = run("full-" + from, 8, 1, full(Weather.FAIR, Duration.ofSeconds(from)));
      assertHolds(result);
      assertEquals(8, result.arrived());
      assertTrue(result.ends() > 1, () -> "ended " + result.ends() + " times");
      assertEquals(2, result.saidAtEnd().size(), result.saidAtEnd()::toString);
      String last = result.saidAtEnd().getFirst();
      assertTrue(last.contains("(No space left on device); free space on its disk"), last);
      String status = result.saidAtEnd().getLast();
      assertTrue(status.startsWith("the appliance's own disk is nearly full: 0 MB"), status);
    }
  }

  /** Longer than a node's window: what was under way goes on, and nobody deploys it again. */
  @Test
  void aDiskThatIsFullForLongerThanAWindowEndsNoDeployment() {
    Trouble trouble =
        new Trouble(
            Weather.FAIR,
            List.of(),
            Duration.ofMinutes(25),
            new FullDisk(Duration.ofSeconds(100), Duration.ofMinutes(80)),
            Duration.ofHours(6));
    Result result = run("a", 4, 1, trouble);
    assertHolds(result);
    assertEquals(4, result.arrived());
    assertTrue(result.ends() > 2, () -> "ended " + result.ends() + " times");
  }

  /** Who arms a machine may be the first one whose fact cannot be written. */
  @Test
  void whoArmsAMachineWhileTheDiskIsFullDoesSoAgain() {
    String yaml =
        """
        cluster: armed
        domain: armed.rack
        profile: debian-12-cast
        appliance: { address: 10.77.0.1/24, dhcp: proxy, accept: armed }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 %s armed"] }
        nodes:
          52:54:00:dd:00:01: { role: control-plane, name: n1, address: 10.77.0.21/24 }
          52:54:00:dd:00:02: { role: worker, name: n2, address: 10.77.0.22/24 }
        """
            .formatted("AAAAC3NzaC1lZDI1NTE5AAAAI" + "A".repeat(43));
    Trouble trouble = full(Weather.FAIR, Duration.ofSeconds(20));
    Result result = Simulation.run(rack(yaml), folder, 1, trouble, Map.of(), _ -> {});
    assertHolds(result);
    assertEquals(2, result.arrived());
    assertTrue(result.ends() > 0, () -> "ended " + result.ends() + " times");
  }

  /** The site's own DHCP server has told it all, and its first question to us is lost. */
  @Test
  void nobodyAsksForTheNameOfAFaultBeforeWhichNothingIsHeard() {
    RackFile rack =
        rack(
            """
            cluster: unheard
            domain: unheard.rack
            profile: debian-12-cast
            appliance: { address: 10.77.0.1/24, dhcp: off }
            admin: { user: ops, ssh-keys: ["ssh-ed25519 %s unheard"] }
            nodes:
              52:54:00:dd:00:01: { role: control-plane, name: n1, address: 10.77.0.21/24 }
              52:54:00:dd:00:02: { role: worker, name: n2, address: 10.77.0.22/24 }
            """
                .formatted("AAAAC3NzaC1lZDI1NTE5AAAAI" + "A".repeat(43)));
    Mac cut = rack.node("n2").orElseThrow().mac();
    Map<Mac, Ailment> faults = Map.of(cut, new Ailment(Fault.TFTP_BLOCKED, Duration.ZERO));
    Trouble soon =
        new Trouble(Weather.FAIR, List.of(), Duration.ofSeconds(10), Duration.ofHours(1));
    Result result = Simulation.run(rack, folder, 1, soon, faults, _ -> {});
    assertHolds(result);
    assertEquals(1, result.arrived());
    assertEquals(Map.of(), result.blames());
    assertEquals(Map.of(cut, Fault.TFTP_BLOCKED), result.faults());
  }

  @Test
  void aFullDiskAmongKillsAndLossIsTheSameForTheSameSeed() {
    Trouble trouble = full(Weather.USUAL, Duration.ofSeconds(200), 3, 4);
    Result one = run("a", 6, 11, trouble);
    assertHolds(one);
    assertEquals(6, one.arrived());
    assertTrue(one.ends() > 0 && one.crashes() > 0, () -> one.ends() + ", " + one.crashes());
    assertEquals(one.digest(), run("b", 6, 11, trouble).digest());
  }

  @Test
  void everyFaultIsNamedByItsDiagnosis() {
    RackFile rack = GeneratedRack.of(2 * Fault.values().length + 4);
    List<Entry> entries = new ArrayList<>();
    int first = 1;
    for (Fault fault : Fault.values()) {
      entries.add(new Entry(fault, 0, List.of("n" + first, "n" + (first + 1)), Duration.ZERO));
      first += 2;
    }
    FaultsFile faults =
        new FaultsFile(
            entries, Weather.FAIR, List.of(), Duration.ofSeconds(10), Duration.ofHours(8));
    Result result =
        Simulation.run(
            rack, folder, 5, faults.trouble().untilRest(), faults.drawn(rack, 5), _ -> {});
    assertHolds(result);
    assertEquals(rack.nodes().size(), arrivedOrFaulty(result));
    EnumSet<Fault> named = EnumSet.noneOf(Fault.class);
    result.blames().values().forEach(blame -> named.add(blame.fault()));
    assertEquals(EnumSet.allOf(Fault.class), named);
    result
        .blames()
        .values()
        .forEach(blame -> assertTrue(blame.fault().codes(rack).contains(blame.code()), blame::why));
  }

  /**
   * The made-up rack's file names the site's DHCP servers; any other one is a rival by its address.
   */
  @Test
  void aRivalOfTheSitesDhcpServerIsNamedByItsAddress() {
    RackFile rack = GeneratedRack.of(3);
    Mac lured = rack.node("n2").orElseThrow().mac();
    Map<Mac, Ailment> faults = Map.of(lured, new Ailment(Fault.RIVAL_DHCP, Duration.ZERO));
    Result result = Simulation.run(rack, folder, 4, Trouble.NONE, faults, _ -> {});
    assertHolds(result);
    assertEquals(List.of(lured), List.copyOf(result.blames().keySet()));
    Watch.Blame blame = result.blames().values().iterator().next();
    assertEquals("competing-dhcp", blame.code());
    assertTrue(blame.why().contains("it took the offer of 10.255.255.253"), blame::why);
    assertEquals(2, result.arrived());
  }

  @Test
  void aNodeWhoseMeshIsCutOffIsNamedThoughNobodyHasWrittenACheck() {
    RackFile rack = GeneratedRack.of(5);
    Mac cut = rack.node("n3").orElseThrow().mac();
    Map<Mac, Ailment> faults = Map.of(cut, new Ailment(Fault.HANDSHAKE_BLOCKED, Duration.ZERO));
    Result result = Simulation.run(rack, folder, 2, Trouble.NONE, faults, _ -> {});
    assertHolds(result);
    assertEquals(5, result.arrived());
    assertEquals(List.of(cut), List.copyOf(result.blames().keySet()));
    Watch.Blame blame = result.blames().values().iterator().next();
    assertEquals("no-handshake", blame.code());
    assertTrue(blame.why().contains("handshake on wg1: no handshake with any of "), blame::why);
  }

  @Test
  void aSingleNodeInAMeshWaitsForNobody() {
    RackFile rack = GeneratedRack.of(1);
    Map<Mac, Ailment> faults =
        Map.of(rack.nodes().getFirst().mac(), new Ailment(Fault.HANDSHAKE_BLOCKED, Duration.ZERO));
    Result result = Simulation.run(rack, folder, 2, Trouble.NONE, faults, _ -> {});
    assertHolds(result);
    assertEquals(1, result.arrived());
    assertEquals(Map.of(), result.faults());
  }

  @Test
  void aThousandNodesWithFaultsLossAndKillsEndWhereTheyBelong() {
    RackFile rack = GeneratedRack.of(1000);
    FaultsFile faults = FaultsFile.usual(7);
    Map<Mac, Ailment> drawn = faults.drawn(rack, 7);
    Result result = Simulation.run(rack, folder, 7, faults.trouble(), drawn, _ -> {});
    assertHolds(result);
    assertEquals(1000, arrivedOrFaulty(result));
    assertEquals(result.faults().keySet(), result.blames().keySet());
    assertTrue(result.faults().size() > 50, () -> "too few faults: " + result.faults().size());
  }

  @Test
  void aNodeThatDoesNotArriveInTimeIsAViolation() {
    Trouble hurry =
        new Trouble(Weather.FAIR, List.of(), Duration.ofSeconds(10), Duration.ofMinutes(1));
    Result result = run("a", 3, 1, hurry);
    assertEquals(
        Invariant.HEALTHY_ARRIVE,
        result.violated().map(Invariant.Violated::invariant).orElseThrow());
  }
}
