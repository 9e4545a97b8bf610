// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import foundrybot.redfish.BootDevice;
import foundrybot.rig.bmc.Operator.Said;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole way: an operator's command, {@code bootserver serve}, BMCs, and machines behind them.
 */
@Tag("slow")
final class DeployTest {
  private static final String PASSWORD = RedfishEmulator.CREDENTIALS.password().reveal();
  private static final String ADDRESS = "127.97.0.1";
  private static final List<String> VENDORS =
      Personalities.all().stream().map(Personality::name).toList();

  @TempDir private Path folder = Path.of("");
  private final List<RedfishEmulator> bmcs = new ArrayList<>();
  private final List<PoweredMachine> machines = new ArrayList<>();
  private final List<Process> serving = new ArrayList<>();

  /** Machines whose BMC stands in no rack file. */
  private final Set<Integer> unnamed = new HashSet<>();

  private Operator operator = new Operator(Path.of(""), PASSWORD);
  private Path outside = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    outside = Files.createDirectories(folder.resolve("operator"));
    operator = new Operator(outside, PASSWORD);
    Files.createDirectories(folder.resolve("serve"));
    Files.writeString(folder.resolve("bmc.pw"), PASSWORD + "\n");
    for (String name : List.of("undionly.kpxe", "snponly.efi", "ipxe.efi")) {
      write(folder.resolve("programs").resolve(name));
    }
    Path artifacts = folder.resolve("data/artifacts/debian-12");
    List<Artifact> made = new ArrayList<>();
    for (String name : List.of("linux", "initrd.gz")) {
      write(artifacts.resolve(name));
      made.add(Artifact.of(artifacts.resolve(name)));
    }
    new ArtifactManifest("debian-12", "2026-01-01T00:00:00Z", Map.of(), made).write(artifacts);
  }

  private static void write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "boots nothing: " + file.getFileName());
  }

  @AfterEach
  void close() throws InterruptedException {
    for (Process process : serving) {
      process.destroyForcibly().waitFor();
    }
    bmcs.forEach(RedfishEmulator::close);
    machines.forEach(PoweredMachine::close);
  }

  private void bmc(String faults) {
    int number = machines.size() + 1;
    PoweredMachine machine = RedfishEmulatorTest.machine(number);
    machines.add(machine);
    bmcs.add(
        RedfishEmulator.start(
            RedfishEmulator.Setup.of(
                    Personalities.of(VENDORS.get(number % VENDORS.size())), machine)
                .with(Faults.parse(faults), number)));
  }

  private void serve(String power) throws IOException, InterruptedException {
    StringBuilder text =
        new StringBuilder(
            """
            cluster: alpha
            domain: alpha.rack
            appliance:
              address: %s/16
              dhcp: off
              dns-server: off
              time-server: off
              ports: { tftp: %d, http: %d, https: off }
            admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s t"] }
            bmc-defaults: { user: %s, password-file: bmc.pw }
            power: %s
            boot-programs:
            """
                .formatted(
                    ADDRESS,
                    freePort(),
                    freePort(),
                    "A".repeat(43),
                    RedfishEmulator.CREDENTIALS.user(),
                    power));
    for (String name : List.of("undionly.kpxe", "snponly.efi", "ipxe.efi")) {
      String digest = ArtifactManifest.digestOf(folder.resolve("programs").resolve(name));
      text.append("  ").append(name).append(": ").append(digest).append('\n');
    }
    text.append("nodes:\n");
    for (int i = 0; i < machines.size(); i++) {
      String bmc =
          unnamed.contains(i)
              ? ""
              : ", bmc: { url: \"%s\", trust: \"%s\" }".formatted(bmcs.get(i).url(), trust(i));
      text.append(
          "  %s: { role: etcd, name: n%d%s }\n"
              .formatted(machines.get(i).macs().getFirst(), i + 1, bmc));
    }
    text.append("  52:54:00:ee:00:01: { role: hub, name: bare }\n");
    Files.writeString(folder.resolve("rack.yaml"), text);
    serveAgain();
  }

  private String trust(int i) {
    return "sha256:" + bmcs.get(i).fingerprint().orElseThrow();
  }

  private void serveAgain() throws IOException, InterruptedException {
    Path own = folder.resolve("serve");
    Process process =
        new Operator(own, PASSWORD)
            .start(
                "serve",
                "--rack",
                folder.resolve("rack.yaml").toString(),
                "--data",
                data(),
                "--boot-programs",
                folder.resolve("programs").toString());
    serving.add(process);
    eventually(
        "it serves: " + Files.readString(own.resolve("err")),
        () -> !process.isAlive() || read(own.resolve("out")).contains("serving"));
    assertTrue(process.isAlive(), () -> read(own.resolve("err")));
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(ADDRESS))) {
      return socket.getLocalPort();
    }
  }

  private static void eventually(String what, BooleanSupplier holds) throws InterruptedException {
    for (int i = 0; !holds.getAsBoolean(); i++) {
      assertTrue(i < 6000, what);
      Thread.sleep(10);
    }
  }

  private List<Integer> powerOns() {
    return machines.stream().map(machine -> machine.account().powerOns()).toList();
  }

  @Test
  void eachMachineIsSwitchedOnOnceAndWhatIsRefusedIsListedLast() throws Exception {
    bmc("");
    bmc("reset-after=0.5");
    bmc("wrong-password");
    bmc("");
    machines.get(3).on();
    serve("{ on-per-second: 20 }");
    Said said = operator.run("deploy", "--data", data());
    assertEquals(1, said.status(), said::err);
    assertEquals(List.of(1, 1, 0, 2), powerOns());
    assertEquals(1, machines.get(3).account().powerOffs());
    for (int i : List.of(0, 1, 3)) {
      assertEquals(
          BootDevice.PXE, machines.get(i).account().lastStart().orElseThrow().boot().device());
      assertTrue(said.out().contains("n" + (i + 1) + ": powered on"), said::out);
    }
    assertTrue(said.out().contains("bare: its run is open; switch it on by hand"), said::out);
    assertTrue(
        said.out().endsWith("3 powered on, 1 to be switched on by hand, 1 refused:\n"), said::out);
    assertTrue(said.err().startsWith("  n3: "), said::err);
    String status = operator.run("status", "--data", data()).out();
    assertTrue(status.contains("n3 is stuck at powering: BMC refused: "), status);
    Said again = operator.run("deploy", "n1", "--data", data());
    assertEquals(0, again.status(), again::err);
    assertTrue(again.out().contains("n1: on its way (powered-on)"), again::out);
    assertFalse(log().contains(PASSWORD));
  }

  private Said bmc(String... words) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("bmc"));
    line.addAll(List.of(words));
    line.addAll(List.of("--rack", folder.resolve("rack.yaml").toString(), "--data", data()));
    return operator.runWithInput(PASSWORD + "\n", line.toArray(String[]::new));
  }

  /** The rack file knows the machine only; its BMC comes and goes while the appliance runs. */
  @Test
  void aBmcThatWasEnteredDeploysItsNodeAndAfterARestartReinstallsIt() throws Exception {
    unnamed.add(0);
    bmc("");
    bmc("");
    serve("{ on-per-second: 20 }");
    Said byHand = operator.run("deploy", "n1", "--data", data());
    assertTrue(byHand.out().contains("n1: its run is open; switch it on by hand"), byHand::out);

    Said added =
        bmc(
            "add",
            "n1",
            bmcs.getFirst().url().toString(),
            "--user",
            RedfishEmulator.CREDENTIALS.user(),
            "--password-file",
            "-",
            "--trust",
            trust(0));
    assertEquals(0, added.status(), added::err);
    Said said = operator.run("deploy", "n1", "--data", data());
    assertEquals(0, said.status(), said::err);
    assertTrue(said.out().endsWith("n1: powered on\n1 powered on\n"), said::out);
    assertEquals(List.of(1, 0), powerOns());
    assertEquals(
        BootDevice.PXE, machines.getFirst().account().lastStart().orElseThrow().boot().device());

    serving.getLast().destroyForcibly().waitFor();
    serveAgain();
    Said again = operator.run("reinstall", "n1", "--data", data());
    assertEquals(0, again.status(), again::err);
    assertEquals(List.of(2, 0), powerOns());
    assertEquals(1, machines.getFirst().account().powerOffs());

    assertEquals(0, bmc("remove", "n1").status());
    Said gone = operator.run("reinstall", "n1", "--data", data());
    assertTrue(gone.out().contains("n1: its run is open; switch it on by hand"), gone::out);
    assertEquals(List.of(2, 0), powerOns());
    assertFalse(log().contains(PASSWORD));
    try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertFalse(content.contains(PASSWORD), () -> file + " holds the password");
      }
    }
  }

  private String log() {
    return read(folder.resolve("serve/out")) + read(folder.resolve("serve/err"));
  }

  @Test
  void anApplianceKilledInTheMiddleGoesOnAndSwitchesNothingOnTwice() throws Exception {
    IntStream.range(0, 6).forEach(_ -> bmc(""));
    serve("{ on-per-second: 2 }");
    Said begun = operator.run("deploy", "--no-wait", "--data", data());
    assertEquals(0, begun.status(), begun::err);
    eventually("the first one is on", () -> powerOns().stream().mapToInt(n -> n).sum() > 0);
    serving.getLast().destroyForcibly().waitFor();
    assertTrue(powerOns().contains(0), "killed too late to show anything: " + powerOns());
    serveAgain();
    eventually("all are on", () -> !powerOns().contains(0));
    eventually(
        "all are told: " + read(outside.resolve("out")),
        () -> status().split("powered-on", -1).length > 6);
    assertEquals(List.of(1, 1, 1, 1, 1, 1), powerOns());
    assertFalse(log().contains(PASSWORD));
  }

  private String status() {
    try {
      return operator.run("status", "--data", data()).out();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
