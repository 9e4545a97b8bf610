// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class SimulateCommandTest {

  @TempDir Path folder;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private int run(String... args) {
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    return new CommandLine(new SimulateCommand(out)).execute(args);
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  private Path rack(String dhcp) throws IOException {
    return Files.writeString(
        folder.resolve("rack.yaml"),
        """
        cluster: alpha
        domain: alpha.rack
        profile: debian-12-cast
        appliance: { address: 10.77.0.1/24, dhcp: %s, pool: 10.77.0.100-10.77.0.200 }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s t"] }
        nodes:
          52:54:00:aa:00:01: { role: control-plane, name: cp1, bmc: "http://10.78.0.1" }
          52:54:00:aa:00:02: { role: worker, name: w1, profile: debian-12 }
          52:54:00:aa:00:03: worker
        """
            .formatted(dhcp, "A".repeat(43)));
  }

  @Test
  void aRackFileOfOnesOwnIsToldNodeByNode() throws IOException {
    assertEquals(0, run(rack("proxy").toString()), this::said);
    assertTrue(said().contains("its BMC: power ON"), this::said);
    assertTrue(said().contains("somebody switches it on"), this::said);
    assertTrue(said().contains("3 of 3 nodes done"), this::said);
  }

  @Test
  void phasesAreToldInTheirOrderWithTheTimesAtWhichTheyOpen() throws IOException {
    Path file = rack("proxy");
    Files.writeString(
        file,
        "phases:\n  control: { roles: [control-plane] }\n  workers: { roles: [worker], need: 1 }\n",
        StandardOpenOption.APPEND);
    assertEquals(0, run(file.toString(), "--dry-run"), this::said);
    List<String> phases = said().lines().filter(line -> line.startsWith("phase ")).toList();
    assertEquals(2, phases.size(), this::said);
    assertTrue(phases.get(0).startsWith("phase 1 control: 1 of 1 enrolled at "), this::said);
    assertTrue(phases.get(0).endsWith("opens at 0 min 00 s"), this::said);
    String done = phases.get(0).replaceAll(".* enrolled (at .*), opens .*", "$1");
    assertTrue(phases.get(1).startsWith("phase 2 workers: 1 of 2 enrolled at "), this::said);
    assertTrue(phases.get(1).endsWith("opens " + done), this::said);
  }

  @Test
  void anApplianceThatGivesTheAddressesIsPlayedAsWell() throws IOException {
    assertEquals(0, run(rack("server").toString()), this::said);
  }

  @Test
  void whoFindsItsAddressTakenGetsAnotherOneFromThePool() throws IOException {
    Path faults =
        Files.writeString(
            folder.resolve("f.yaml"),
            "faults:\n  - { fault: address-taken, nodes: [w1] }\nlimit: 2h\n");
    assertEquals(0, run(rack("server").toString(), "--faults", faults.toString()), this::said);
    assertTrue(said().contains("fault: address-taken"), this::said);
    assertTrue(said().contains("3 of 3 nodes done, 1 with a fault"), this::said);
  }

  /** What asks for people, for hardware, or for another way: none of it is a machine's fault. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mesh: { tpm: required, planes: { control: 10.80.0.0/24 } }",
        "retries: { attempts: 0 }",
        "power: { on-per-second: 1, at-once: 1 }",
        "deadlines: { powered-on: 5m, installing: 10m }"
      })
  void aRackFileOfAnyKindIsPlayed(String more) throws IOException {
    Path file = rack("proxy");
    String addressed =
        Files.readString(file)
            .replace("name: cp1,", "name: cp1, address: 10.77.0.11,")
            .replace("name: w1,", "name: w1, address: 10.77.0.12,");
    String role = "roles: { worker: { " + more + " } }";
    Files.writeString(file, addressed + (more.startsWith("deadlines") ? role : more) + "\n");
    assertEquals(0, run(file.toString()), this::said);
    assertTrue(said().contains("3 of 3 nodes done"), this::said);
  }

  @Test
  void whoWaitsToBeArmedIsArmedByWhoSwitchesItOn() throws IOException {
    Path file = rack("proxy");
    Files.writeString(
        file, Files.readString(file).replace("dhcp: proxy", "dhcp: proxy, accept: armed"));
    assertEquals(0, run(file.toString()), this::said);
    assertTrue(said().contains("3 of 3 nodes done"), this::said);
  }

  @Test
  void machinesOfOtherNetworksAreHeardThroughTheirRelays() throws IOException {
    Path file = rack("server");
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "dhcp: server",
                "dhcp: server, networks: { 10.79.0.0/24: { router: 10.79.0.1 }, 10.81.0.0/24: {} }")
            .replace("name: w1,", "name: w1, address: 10.79.0.11,")
            .replace(
                "52:54:00:aa:00:03: worker",
                "52:54:00:aa:00:03: { role: worker, address: 10.81.0.1 }"));
    assertEquals(0, run(file.toString()), this::said);
    assertTrue(said().contains("3 of 3 nodes done"), this::said);
  }

  @Test
  void nodesOfARackFileAreRepeated() throws IOException {
    assertEquals(0, run(rack("off").toString(), "--nodes", "7"), this::said);
    assertTrue(said().contains("7 of 7 nodes done"), this::said);
  }

  @Test
  void leasesOfAFullDiskAreNotPromised() throws IOException {
    Path faults =
        Files.writeString(
            folder.resolve("f.yaml"), "appliance: { disk-full: { from: 90s, for: 2m } }\n");
    assertEquals(0, run(rack("server").toString(), "--faults", faults.toString()), this::said);
    assertTrue(said().contains("its own disk was full; it said"), this::said);
    assertTrue(said().contains("(No space left on device); free space"), this::said);
    assertTrue(said().contains("3 of 3 nodes done"), this::said);
  }

  @Test
  void whatDoesNotHoldIsSaidWithTheCommandThatPlaysItAgain() throws IOException {
    Path faults = Files.writeString(folder.resolve("f.yaml"), "limit: 60s\n");
    assertEquals(3, run("--nodes", "2", "--seed", "9", "--faults", faults.toString()), this::said);
    assertTrue(
        said().contains("bootserver simulate --nodes 2 --seed 9 --faults " + faults), this::said);
  }

  @Test
  void killsAtRandomPointsAreCountedAndInTheCommandThatPlaysItAgain() throws IOException {
    assertEquals(0, run("--nodes", "2", "--kills", "3"), this::said);
    assertTrue(said().contains("appliance killed 3 times"), this::said);
    Path faults = Files.writeString(folder.resolve("f.yaml"), "limit: 60s\n");
    assertEquals(3, run("--nodes", "1", "--kills", "2", "--faults", faults.toString()), this::said);
    assertTrue(said().contains("--faults " + faults + " --kills 2\n"), this::said);
    assertEquals(2, run("--kills", "1001"));
  }

  /** The appliance gives the addresses, so that leases are written where it dies. */
  @Test
  void leasesAreKeptThroughLostPowersOrWereNotAcknowledged() throws IOException {
    Path events = folder.resolve("events");
    int torn = 0;
    for (int seed = 3; seed <= 12 && torn == 0; seed++) {
      String[] args = {rack("server").toString(), "--nodes", "10", "--kills", "15"};
      List<String> all = new ArrayList<>(List.of(args));
      all.addAll(List.of("--seed", "" + seed, "--events", events.toString()));
      assertEquals(0, run(all.toArray(String[]::new)), this::said);
      torn += (int) Files.readString(events).lines().filter(l -> l.endsWith("a lease")).count();
    }
    assertTrue(torn > 0, "no lease was torn by a lost power");
  }

  @Test
  void outcomesAreDataWithJson() {
    assertEquals(0, run("--nodes", "2", "--json"), this::said);
    assertTrue(said().contains("\"done\" : 2"), this::said);
  }

  @Test
  void eventsAreWrittenALineEach() throws IOException {
    Path events = folder.resolve("events");
    assertEquals(0, run("--nodes", "1", "--events", events.toString()), this::said);
    assertTrue(Files.readString(events).contains(" journal 52:54:00:dd:00:00 enrolled "));
  }
}
