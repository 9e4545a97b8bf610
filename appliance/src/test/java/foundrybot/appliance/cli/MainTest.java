// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import foundrybot.appliance.FileMark;
import foundrybot.appliance.LoopbackAppliance;
import foundrybot.appliance.Machine;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.store.Store;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Isolated("takes System.out and System.err")
class MainTest {
  private static final String MAC = "52:54:00:bb:00:01";

  @RegisterExtension private final Printed printed = new Printed();

  @TempDir private Path folder = Path.of("");

  private int run(Object... arguments) {
    return printed.run(arguments);
  }

  private String out() {
    return printed.out();
  }

  private String err() {
    return printed.err();
  }

  @Test
  void anIpxeOfOnesOwnGetsAScriptThatLeadsToWhatIsSigned() throws Exception {
    Path rack = folder.resolve("rack.yaml");
    try (LoopbackAppliance files =
        new LoopbackAppliance(folder).node(MAC, "w1", "debian-12").withAnyPorts()) {
      Files.writeString(rack, files.yaml());
      assertEquals(1, run("loaders", "script", "--rack", rack));
      assertTrue(err().contains("signs nothing (expected: appliance.ports.https"), err());

      Files.writeString(rack, files.secure().yaml());
      assertEquals(0, run("loaders", "script", "--rack", rack), err());
      assertTrue(out().startsWith("#!ipxe\n"), out());
      assertTrue(out().contains("\nimgtrust --permanent || goto unable\n"), out());
      String script = "/verified/${net0/mac:hexhyp}/${script:uristring}";
      assertTrue(
          out()
              .contains(
                  "\nimgverify own.ipxe http://127.99.0.1:"
                      + files.port("http")
                      + script
                      + ".cms || goto next0\n"),
          out());
    }
  }

  @Test
  void aBundleIsPrintedVerifiedWithoutAnApplianceAndRefusedForAnotherNode() throws Exception {
    Path file = folder.resolve("bundle");
    Path data;
    try (LoopbackAppliance appliance =
        new LoopbackAppliance(folder)
            .secure()
            .mesh("{ planes: { control: 10.80.1.0/24 } }")
            .entry(MAC, "{ role: worker, name: w1, endpoint: 127.0.0.1 }")
            .start()) {
      data = appliance.data();
      assertEquals(0, run("bundle", "w1", "--data", data), err());
      Files.writeString(file, out());
      assertEquals(1, run("rotate", "w1", "--data", data));
      assertTrue(err().startsWith("bootserver: w1: has sent no keys yet"), err());
      assertEquals(0, run("rotate", "--all", "--data", data), err());
      assertEquals("w1: has sent no keys yet, left alone\n", err());
      assertEquals(64, run("rotate", "--data", data));
      assertEquals(0, run("tpm", "w1", "--data", data), err());
      assertEquals("w1: has proved itself by no TPM (rack file: use)\n", out());
      assertEquals(0, run("tpm", "w1", "--json", "--data", data), err());
      assertEquals("use", JsonMapper.shared().readTree(out()).get("use").asString());
      assertEquals(0, run("tpm", "w1", "--forget", "--data", data), err());
      assertEquals("w1: had proved itself by none\n", out());
      assertEquals(64, run("tpm", "w1", "--forget", "--json", "--data", data));
    }
    assertEquals(0, run("bundle", "w1", "--verify", file, "--data", data), err());
    assertTrue(out().startsWith(file + ": good, cluster alpha ("), out());
    assertTrue(out().contains("node w1, serial "), out());
    assertEquals(1, run("bundle", "w2", "--verify", file, "--data", data));
    assertTrue(err().contains("signed, but for w1 (expected: w2)"), err());

    Path other = folder.resolve("other.pem");
    String key = "MCowBQYDK2VwAyEA" + "A".repeat(43) + "=";
    Files.writeString(other, "-----BEGIN PUBLIC KEY-----\n" + key + "\n-----END PUBLIC KEY-----\n");
    assertEquals(1, run("bundle", "w1", "--verify", file, "--signer", other));
    assertTrue(err().contains("the signature is not by the key " + key), err());
    assertEquals(1, run("bundle", "w1", "--verify", file, "--signer", file));
    assertTrue(err().contains("no public key (expected: Ed25519"), err());
    assertEquals(64, run("bundle", "w1", "--signer", other));
  }

  private LoopbackAppliance served() {
    return new LoopbackAppliance(folder).node(MAC, "w1", "debian-12").start();
  }

  @Test
  void validateNamesEveryFaultWithItsLineAndColumn() throws Exception {
    Path rack =
        Files.writeString(
            folder.resolve("rack.yaml"),
            """
            cluster: alpha
            domain: alpha.rack
            appliance: { address: 10.77.0.1/24, dhcp: perhaps }
            admin: { user: ops, ssh-keys: [nonsense] }
            nodes:
              52:54:00:aa:00:01: worker
              52-54-00-AA-00-01: worker
              52:54:00:aa:00:0x: worker
            """);
    assertEquals(1, run("validate", rack));
    List<String> lines = out().lines().toList();
    assertEquals(5, lines.size(), out());
    assertTrue(lines.get(0).startsWith(rack + ":3:43: appliance.dhcp: perhaps"), out());
    assertTrue(lines.get(1).startsWith(rack + ":4:32: admin.ssh-keys"), out());
    assertTrue(lines.get(2).startsWith(rack + ":7:3: "), out());
    assertTrue(lines.get(3).startsWith(rack + ":8:3: "), out());
    assertTrue(lines.subList(0, 4).stream().allMatch(l -> l.contains("(expected: ")), out());
    assertEquals(rack + ": 4 faults", lines.get(4));
  }

  @Test
  void validateAcceptsAGoodRackFile() throws Exception {
    try (LoopbackAppliance appliance = served()) {
      Path rack = Files.writeString(folder.resolve("rack.yaml"), appliance.yaml());
      assertEquals(0, run("validate", rack), this::out);
      assertEquals(rack + ": valid, cluster alpha, 1 nodes\n", out());
    }
  }

  @Test
  void aFileThatIsNotThereOrNoTextIsOneLine() throws Exception {
    assertEquals(1, run("validate", folder.resolve("none.yaml")));
    assertTrue(err().contains("none.yaml: no such file"), err());
    assertEquals(1, err().lines().count(), err());
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0, 1});
    assertEquals(1, run("validate", binary));
    assertTrue(err().contains("binary: not UTF-8 text"), err());
    assertEquals(1, run("validate", folder));
    assertEquals(1, err().lines().count(), err());
  }

  @Test
  void anImportedListLacksOnlyWhatAListCannotKnow() throws Exception {
    Path list =
        Files.writeString(
            folder.resolve("ethers"),
            "# the rack\n52:54:00:aa:00:01 control-plane\n5254.00aa.0002 worker w7\n");
    assertEquals(0, run("import", list));
    Path rack = Files.writeString(folder.resolve("rack.yaml"), out());
    assertEquals(1, run("validate", rack));
    List<String> faults = out().lines().toList();
    assertTrue(
        faults.subList(0, faults.size() - 1).stream().allMatch(l -> l.contains("FILL-IN")), out());

    // The places in their order: what stands there is told by the key before.
    String key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A".repeat(43) + " me";
    String filled =
        Files.readString(rack)
            .replaceAll("(cluster: *)\"?FILL-IN\"?", "$1alpha")
            .replaceAll("(domain: *)\"?FILL-IN\"?", "$1alpha.rack")
            .replaceAll("(address: *)\"?FILL-IN\"?", "$110.77.0.1/24")
            .replaceAll("(user: *)\"?FILL-IN\"?", "$1ops")
            .replace("FILL-IN", key);
    Files.writeString(rack, filled);
    assertEquals(0, run("validate", rack), () -> filled + out());
    assertTrue(out().contains("2 nodes"), out());
  }

  @Test
  void aListWithFaultsGivesNoRackFile() throws Exception {
    Path list =
        Files.writeString(
            folder.resolve("ethers"), "52:54:00:aa:00:01 worker\n52:54:00:aa:00:01 worker\nx y\n");
    assertEquals(1, run("import", list));
    assertEquals("", out());
    assertTrue(err().contains(list + ":2:1: "), err());
    assertTrue(err().contains(list + ":3:1: "), err());
  }

  @Test
  void theSchemaIsJsonAndKnowsTheKeys() {
    assertEquals(0, run("schema"));
    JsonNode schema = JsonMapper.builder().build().readTree(out());
    assertTrue(schema.get("$schema").asString().contains("2020-12"), out());
    assertTrue(schema.get("properties").has("nodes"), out());
  }

  @Test
  void theExitStatusOfStatusTellsProgressTroubleAndTheEnd() {
    try (LoopbackAppliance appliance = served()) {
      Machine machine = new Machine(appliance, MAC);
      assertEquals(2, run("status", "--data", appliance.data()));
      assertTrue(out().contains("cluster alpha: in progress, 0 of 1 enrolled"), out());

      machine.fetchToken();
      assertEquals(200, machine.report("failed").status());
      assertEquals(3, run("status", "--data", appliance.data()));
      assertTrue(out().contains("w1 is stuck at script"), out());
      assertTrue(out().contains("  try: "), out());

      machine.install();
      assertEquals(2, run("status", "--data", appliance.data()));
      assertEquals(200, machine.enroll().status());
      assertEquals(0, run("status", "--data", appliance.data()));
      assertTrue(out().contains("cluster alpha: complete, 1 of 1 enrolled"), out());
      assertEquals(0, run("status", "--watch", "--data", appliance.data()));

      assertEquals(0, run("status", "--json", "--data", appliance.data()));
      JsonNode json = JsonMapper.builder().build().readTree(out());
      assertTrue(json.get("complete").asBoolean());
      assertEquals("enrolled", json.get("nodes").get(0).get("stage").asString());
    }
  }

  @Test
  void anApplianceThatDoesNotAnswerIsStatusFour() {
    assertEquals(4, run("status", "--data", folder.resolve("never")));
    assertTrue(err().contains("no appliance has served from this folder"), err());
    Path data;
    try (LoopbackAppliance appliance = served()) {
      data = appliance.data();
    }
    assertEquals(4, run("status", "--data", data));
    assertTrue(err().contains("no appliance answers (nothing listens there)"), err());
    assertEquals(1, err().lines().count(), err());
  }

  @Test
  void aWrongPlaceForAFileIsOneLineWithItsCure() {
    assertEquals(1, run("validate", folder));
    assertEquals(
        "bootserver: " + folder + ": a folder (expected: a text file); name the file in it\n",
        err());
    assertEquals(1, run("import", folder.resolve("none")));
    assertEquals(
        "bootserver: "
            + folder.resolve("none")
            + ": no such file; name a list of lines 'MAC role [name]'\n",
        err());
  }

  @Test
  void explainSaysWhatAnOptionShouldBe() {
    assertEquals(64, run("explain", "--arch", 99999, "--mac", MAC));
    assertTrue(err().contains("--arch: 99999 (expected: a code of option 93"), err());
    assertEquals(64, run("explain", "--mac", MAC));
    assertTrue(err().contains("--arch: missing"), err());
  }

  @Test
  void explainTakesANodesNameAndWhatItsFirmwareWasHeardToSend() throws Exception {
    Path rack = folder.resolve("rack.yaml");
    try (LoopbackAppliance files = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12")) {
      Files.writeString(rack, files.withAnyPorts().yaml());
      List<Object> explain =
          List.of("--rack", rack, "--boot-programs", folder.resolve("programs"), "--data");
      assertEquals(0, explained(explain, folder.resolve("none"), "w1"), this::err);
      assertTrue(err().contains("no running appliance has heard w1"), err());
      assertEquals(4, out().split("machine   " + MAC + ", node w1, role", -1).length - 1, out());
      assertTrue(out().contains("undionly.kpxe") && out().contains("snponly.efi"), out());

      try (Store store = Store.open(files.data())) {
        String said = "arch=7 (UEFI_X64) program=FIRMWARE transport=PXE";
        String ipxe = "arch=0 (BIOS_X86) program=IPXE transport=PXE";
        store.append(
            List.of(
                new Fact(files.clock.instant(), MAC, "dhcp.discover", said),
                new Fact(files.clock.instant(), MAC, "dhcp.discover", ipxe)));
        store.force();
      }
      files.start();
      assertEquals(0, explained(explain, files.data(), "w1"), this::err);
      assertEquals("", err());
      assertTrue(out().contains("architecture 7 (x64 UEFI)"), out());
      assertEquals(1, out().split("machine   ", -1).length - 1, out());
      assertEquals(0, explained(explain, files.data(), "w1", "--arch", 0), this::err);
      assertTrue(out().contains("architecture 0 (x86 BIOS)"), out());
    }
    assertEquals(1, run("explain", "w9", "--rack", rack));
    assertTrue(err().contains("node: w9: not in " + rack + " (expected: one of w1)"), err());
    assertEquals(64, run("explain", "w1", "--mac", MAC));
    assertTrue(err().contains("--mac: together with the node w1"), err());
  }

  private int explained(List<Object> options, Path data, Object... more) {
    List<Object> all = new ArrayList<>(List.of("explain"));
    all.addAll(options);
    all.add(data);
    all.addAll(List.of(more));
    return run(all.toArray());
  }

  @Test
  void anotherProgramThatAnswersInItsPlaceIsStatusFour() throws Exception {
    Path data;
    try (LoopbackAppliance appliance = served()) {
      data = appliance.data();
    }
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("<html>It works!".getBytes(StandardCharsets.US_ASCII));
          exchange.close();
        });
    other.start();
    try {
      Files.writeString(
          data.resolve("appliance.url"), "http://127.0.0.1:" + other.getAddress().getPort());
      for (String command : List.of("status", "events")) {
        int exit =
            command.equals("status")
                ? run("status", "--data", data)
                : run("events", "w1", "--data", data);
        assertEquals(4, exit, this::err);
        assertTrue(err().contains("not an answer of an appliance"), err());
        assertEquals(1, err().lines().count(), err());
      }
    } finally {
      other.stop(0);
    }
  }

  @Test
  void eventsAndReinstallWorkOnANodeByItsName() {
    try (LoopbackAppliance appliance = served()) {
      Machine machine = new Machine(appliance, MAC).install();
      assertEquals(0, run("events", "w1", "--data", appliance.data()));
      assertTrue(out().contains("report.installed"), out());
      assertEquals(0, run("reinstall", "w1", "--data", appliance.data()));
      assertEquals(404, machine.get("preseed.cfg").status());
      assertEquals(1, run("reinstall", "w9", "--data", appliance.data()));
      assertTrue(
          err()
              .startsWith("bootserver: node: w9 is not in the rack file that the appliance serves"),
          err());
      assertTrue(err().contains("'bootserver status'"), err());
      assertTrue(err().contains("nothing was changed"), err());
      assertEquals(64, run("reinstall", "../x", "--data", appliance.data()));
      assertEquals(1, run("events", "w9", "--data", appliance.data()));
      assertTrue(err().contains("w9 is not in the rack file"), err());
      assertFalse(err().contains("nothing was changed"), err());
    }
  }

  @Test
  void eventsOfAllAndOfStrangersNameTheirMachines() {
    try (LoopbackAppliance appliance = served()) {
      new Machine(appliance, MAC).install();
      appliance.get("/discover?mac=52-54-00-bb-00-99&serial=x");
      LoopbackAppliance.eventually(
          "the stranger is in the journal",
          () -> {
            assertEquals(0, run("events", "--strangers", "--data", appliance.data()), this::err);
            return out().contains("52:54:00:bb:00:99");
          });
      assertTrue(out().contains(" discovered "), out());
      assertFalse(out().contains(MAC), out());
      assertEquals(0, run("events", "--data", appliance.data()));
      assertTrue(out().contains(MAC + " ") && out().contains("52:54:00:bb:00:99 "), out());
      assertEquals(64, run("events", "w1", "--strangers", "--data", appliance.data()));
      assertTrue(err().contains("expected: one of the two"), err());
    }
  }

  @Test
  void aNumberThatIsNoneIsToldInASentence() {
    assertEquals(64, run("explain", "--arch", "seven", "--mac", MAC));
    assertTrue(err().contains("--arch: seven (expected: a whole number, as in --arch 7)"), err());
  }

  @Test
  void theDoctorNeedsAMacThatIsOne() {
    assertEquals(64, run("doctor", "--mac", "nonsense"));
    assertTrue(err().contains("--mac: nonsense (expected: a MAC"), err());
  }

  @Test
  void theListOfCommandsShowsAWholeSentenceOfEach() {
    List<CommandLine> parents = new ArrayList<>(List.of(new CommandLine(new Main())));
    int commands = 0;
    while (!parents.isEmpty()) {
      for (CommandLine command : parents.removeLast().getSubcommands().values()) {
        // The list shows the first line alone.
        String[] lines = command.getCommandSpec().usageMessage().description();
        assertTrue(lines[0].matches("(?s).*([.]|> [a-z.]+)"), lines[0]);
        parents.add(command);
        commands++;
      }
    }
    assertTrue(commands > 20, () -> "commands");
  }

  @Test
  void theCommandsOfPowerSayByWhatStatusTheyEnd() {
    for (List<String> command :
        List.of(
            List.of("power"),
            List.of("bmc"),
            List.of("bmc", "show"),
            List.of("bmc", "add"),
            List.of("bmc", "list"),
            List.of("bmc", "remove"),
            List.of("bmc", "discover"))) {
      List<Object> words = new ArrayList<>(command);
      words.add("--help");
      assertEquals(0, run(words.toArray()));
      assertTrue(out().contains("Exit status:"), out());
      assertTrue(out().contains("64"), out());
    }
    assertEquals(0, run("bmc", "add", "--help"));
    assertTrue(out().contains("webhook+https"), out());
    assertEquals(0, run("validate", "--help"));
    assertTrue(out().contains("[FILE]"), out());
  }

  @Test
  void wrongUseIsStatusSixtyFour() {
    assertEquals(64, run());
    assertEquals(64, run("stauts"));
    assertTrue(err().contains("status"), err());
    assertEquals(64, run("status", "--jsn"));
    assertEquals(64, run("import"));
    assertEquals(64, run("validate", "a", "b"));
    assertEquals(0, run("--help"));
    assertTrue(out().contains("reinstall"), out());
  }

  @Test
  void aBrokenRackFileIsRefusedAndTheOldOneStaysInForceUntilItIsMended() throws Exception {
    try (LoopbackAppliance appliance = served()) {
      Path rack = Files.writeString(folder.resolve("rack.yaml"), appliance.yaml());
      RackSource source = new RackSource(rack);
      try (RackWatcher _ =
          RackWatcher.start(
              rack,
              FileMark.of(rack),
              () ->
                  ServeCommand.reload(
                      source, FirmwareSource.beside(rack), appliance.appliance()))) {
        Files.writeString(rack, appliance.yaml().replace("role: worker", "role: wroker"));
        LoopbackAppliance.eventually(
            "refused", () -> !appliance.appliance().status().rackFault().isEmpty());
        String fault = appliance.appliance().status().rackFault();
        assertTrue(fault.matches("(?s).*rack.yaml:\\d+:\\d+: .*wroker.*"), fault);
        new Machine(appliance, MAC).fetchToken();
        assertEquals(2, run("status", "--data", appliance.data()));
        assertTrue(out().contains("the changed rack file is refused"), out());

        Files.writeString(rack, appliance.node("52:54:00:bb:00:02", "w2", "debian-12").yaml());
        LoopbackAppliance.eventually(
            "in force", () -> appliance.appliance().status().nodes().size() == 2);
        assertEquals("", appliance.appliance().status().rackFault());
      }
      Files.delete(rack);
      ServeCommand.reload(source, FirmwareSource.beside(source.path()), appliance.appliance());
      assertTrue(appliance.appliance().status().rackFault().contains("no such file"));
      assertEquals(2, appliance.appliance().status().nodes().size());
    }
  }
}
