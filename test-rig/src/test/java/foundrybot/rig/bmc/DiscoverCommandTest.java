// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.power.Bmcs;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.HardwareAddress;
import foundrybot.rig.bmc.Operator.Said;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code bootserver bmc discover} as an operator runs it. */
final class DiscoverCommandTest {
  private static final String USER = RedfishEmulator.CREDENTIALS.user();
  private static final String HEAD =
      """
      cluster: alpha
      domain: alpha.rack
      appliance: { address: 127.0.0.1/8 }
      admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILewWhH5CTUU3in33UCXnZpwKItYQiqYj2VFSj6dsC8/ me@desk"] }
      """;
  private static final String PASSWORD = RedfishEmulator.CREDENTIALS.password().reveal();

  @TempDir private Path folder = Path.of("");
  private final List<RedfishEmulator> running = new ArrayList<>();
  private Operator operator = new Operator(folder, PASSWORD);

  @BeforeEach
  void writePassword() throws Exception {
    operator = new Operator(folder, PASSWORD);
    Files.writeString(folder.resolve("bmc.pw"), PASSWORD + "\n");
  }

  @AfterEach
  void close() {
    running.forEach(RedfishEmulator::close);
  }

  private RedfishEmulator start(String address, int port, int number) {
    RedfishEmulator bmc =
        RedfishEmulator.start(
            RedfishEmulator.Setup.of(
                    Personalities.of("dell-idrac9"), RedfishEmulatorTest.machine(number))
                .with(new InetSocketAddress(address, port)));
    running.add(bmc);
    return bmc;
  }

  @Test
  void withoutAPasswordNobodyLogsInAndMacsAreLeftToFillIn() throws Exception {
    RedfishEmulator bmc = start("127.0.81.1", 0, 1);
    String port = String.valueOf(bmc.url().getPort());
    Said said = operator.run("bmc", "discover", "127.0.81.0/30", "--redfish-port", port);
    assertEquals(0, said.status(), said::err);
    assertTrue(said.out().lines().allMatch(line -> line.strip().startsWith("#")), said::out);
    assertTrue(
        said.out()
            .contains(
                "MAC: { role: FILL-IN, bmc: { url: \""
                    + bmc.url()
                    + "\", trust: \"sha256:"
                    + bmc.fingerprint().orElseThrow()
                    + "\" } }"),
        said::out);
    assertTrue(said.err().contains("SEEN ON FIRST CONTACT"), said::err);
    assertEquals(0, bmc.account().sessions() + bmc.account().refusedLogins());
  }

  @Test
  void programsGetJsonAndAFileThatIsThereIsNotOverwritten() throws Exception {
    RedfishEmulator bmc = start("127.0.81.1", 0, 1);
    String port = String.valueOf(bmc.url().getPort());
    String[] command = {
      "bmc", "discover", "127.0.81.1", "--redfish-port", port, "--json", "--out", "found.json"
    };
    assertEquals(0, operator.run(command).status());
    JsonNode found =
        JsonMapper.builder().build().readTree(Files.readAllBytes(folder.resolve("found.json")));
    assertTrue(found.path("complete").asBoolean());
    assertEquals(
        bmc.url().toString(), found.at("/bmcs/0/redfish/0/url").asString(), found::toString);
    Said again = operator.run(command);
    assertEquals(64, again.status());
    assertTrue(again.err().contains("--out: found.json: exists"), again::err);
  }

  @Test
  void aRangeThatIsNoneOrTooWideIsRefusedWithWhatIsExpected() throws Exception {
    Said wide = operator.run("bmc", "discover", "10.0.0.0/8");
    assertEquals(64, wide.status());
    assertTrue(wide.err().contains("range: 10.0.0.0/8 (expected: a prefix of 16..32"), wide::err);
    assertTrue(operator.run("bmc", "discover").err().contains("CIDR"));
    for (String option : List.of("--rate", "--redfish-port", "--ipmi-port", "--max-refused")) {
      Said none = operator.run("bmc", "discover", "127.0.83.1", option, "0");
      assertEquals(64, none.status(), option);
      assertTrue(none.err().contains(option + ": 0 (expected: 1.."), none::err);
    }
    assertTrue(operator.run("bmc").err().contains("NODE: missing"));
  }

  @Test
  void ctrlCEndsTheSearchInOrderWithWhatWasFound() throws Exception {
    RedfishEmulator bmc = start("127.0.0.1", 0, 1);
    String port = String.valueOf(bmc.url().getPort());
    Process process =
        operator.start("bmc", "discover", "127.0.0.0/16", "--rate", "5", "--redfish-port", port);
    while (process.isAlive() && bmc.account().requests() == 0) {
      Thread.sleep(50);
    }
    Thread.sleep(500);
    assertTrue(process.toHandle().supportsNormalTermination());
    process.destroy();
    Said said = operator.ended(process);
    assertTrue(said.out().contains(bmc.url().toString()), said::out);
    assertTrue(said.err().contains("interrupted"), said::err);
  }

  private static RackFile valid(String yaml) {
    return switch (RackFiles.read(yaml, "rack.yaml")) {
      case RackReading.Valid(RackFile rack) -> rack;
      case RackReading.Invalid invalid ->
          throw new AssertionError(RackFiles.report(invalid.faults()));
    };
  }

  @Test
  void withAPasswordItLogsInOnceAndTheLinesAreARackFileOnceRolesAreChosen() throws Exception {
    PoweredMachine machine =
        new PoweredMachine(
            new PoweredMachine.Plate(
                new UUID(7, 7),
                "SN-7",
                List.of(
                    new HardwareAddress("52:54:00:aa:07:02"),
                    new HardwareAddress("52:54:00:aa:07:01"))),
            PoweredMachine.NOTHING);
    RedfishEmulator bmc =
        RedfishEmulator.start(
            RedfishEmulator.Setup.of(Personalities.of("dell-idrac9"), machine)
                .with(new InetSocketAddress("127.0.82.1", 0)));
    running.add(bmc);
    int port = bmc.url().getPort();
    try (IpmiResponder old =
        IpmiResponder.start(
            IpmiResponder.Setup.of(RedfishEmulatorTest.machine(3))
                .with(new InetSocketAddress("127.0.82.2", 0)))) {
      Said said =
          operator.run(
              "bmc",
              "discover",
              "127.0.82.0/29",
              "--redfish-port",
              String.valueOf(port),
              "--ipmi-port",
              String.valueOf(old.port()),
              "--user",
              USER,
              "--password-file",
              "bmc.pw");
      assertEquals(0, said.status(), said::err);
      assertTrue(said.out().contains("serial SN-7"), said::out);
      assertTrue(said.out().contains(machine.uuid().toString()), said::out);
      assertTrue(said.out().contains("MAC: { role: FILL-IN, bmc: \"" + old.url()), said::out);
      assertEquals(1, bmc.account().sessions());
      assertEquals(0, bmc.account().openSessions());
      assertTrue(said.err().contains("chmod 600"), said::err);
      RackFile rack = valid(HEAD + said.out().replace("FILL-IN", "worker"));
      assertEquals(1, rack.nodes().size());
      assertEquals("52:54:00:aa:07:02", rack.nodes().getFirst().mac().toString());
      assertTrue(said.out().contains("or: 52:54:00:aa:07:01"), said::out);
      Bmcs bmcs = new Bmcs(folder, folder, Map.of(), java.net.Inet4Address.ofLiteral("127.0.0.1"));
      try (Bmc opened = bmcs.open(rack.nodes().getFirst())) {
        assertTrue(opened.power().result().isPresent());
      }
    }
  }

  @Test
  void aPasswordThatIsRefusedIsOfferedToFewAndToEachOnlyOnce() throws Exception {
    RedfishEmulator first = start("127.0.83.1", 0, 1);
    int port = first.url().getPort();
    for (int i = 2; i <= 6; i++) {
      start("127.0.83." + i, port, i);
    }
    Files.writeString(folder.resolve("bmc.pw"), "wrong\n");
    Said said =
        operator.run(
            "bmc",
            "discover",
            "127.0.83.0/29",
            "--redfish-port",
            String.valueOf(port),
            "--user",
            USER,
            "--password-file",
            "bmc.pw",
            "--max-refused",
            "2");
    assertEquals(1, said.status(), said::err);
    List<Integer> refusals =
        running.stream().map(bmc -> bmc.account().refusedLogins()).filter(n -> n > 0).toList();
    assertEquals(List.of(1, 1), refusals);
    assertEquals(4, said.err().split("not asked: the password was refused 2 times", -1).length - 1);
  }
}
