// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.power.Bmcs;
import foundrybot.appliance.power.PowerException;
import foundrybot.appliance.power.StoredBmc;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trust;
import foundrybot.rig.bmc.Operator.Said;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rack file's {@code proxmox://} against the simulated Proxmox VE. */
final class ProxmoxWiringTest {
  private static final String SECRET = PveEmulator.TOKEN.password().reveal();

  @TempDir private Path folder = Path.of("");
  private final PveEmulator pve =
      PveEmulator.start(
          PveEmulator.Setup.of(InstantSource.system())
              .with(Duration.ZERO, plate -> new PoweredMachine(plate, PoweredMachine.NOTHING)));

  @BeforeEach
  void prepare() throws IOException {
    pve.add(
        "pve1",
        105,
        Map.of(
            "name", "n1", "net0", "virtio=BC:24:11:00:00:01,bridge=vmbr0", "boot", "order=net0"));
    Path file = Files.writeString(folder.resolve("pve.token"), SECRET + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterEach
  void stop() {
    pve.close();
  }

  private Node node(String bmc) throws IOException {
    String text =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 127.0.0.1/8 }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILewWhH5CTUU3in33UCXnZpwKItYQiqYj2VFSj6dsC8/ me@desk"] }
        nodes:
          bc:24:11:00:00:01: { role: etcd, name: n1%s }
        """
            .formatted(bmc);
    Files.writeString(folder.resolve("rack.yaml"), text);
    return switch (RackFiles.read(text, "rack.yaml")) {
      case RackReading.Valid(RackFile rack) -> rack.nodes().getFirst();
      case RackReading.Invalid invalid -> throw new AssertionError(invalid.faults().toString());
    };
  }

  private Node node(String user, String trust) throws IOException {
    return node(
        ", bmc: { url: '"
            + pve.url()
            + "', user: '"
            + user
            + "', password-file: pve.token, trust: '"
            + trust
            + "' }");
  }

  private Bmcs bmcs() {
    return new Bmcs(folder, folder.resolve("data"), Map.of(), Inet4Address.ofLiteral("127.0.0.1"));
  }

  private static PowerState on(Bmc bmc) {
    Outcome<PowerState> outcome = bmc.power(PowerAction.ON, Duration.ofSeconds(30));
    assertInstanceOf(Outcome.Done.class, outcome, outcome::evidence);
    return outcome.result().orElseThrow();
  }

  @Test
  void theRackFileSaysWhereAndWhoAndTheFirstCertificateIsRemembered() throws IOException {
    Node node = node(PveEmulator.TOKEN.user(), "first-use");
    try (Bmc bmc = bmcs().open(node)) {
      assertEquals(PowerState.ON, on(bmc));
    }
    Path known = folder.resolve("data/known-bmcs");
    assertTrue(Files.readString(known).contains(pve.fingerprint()));
    Files.writeString(known, Files.readString(known).replace(pve.fingerprint(), "0".repeat(64)));
    try (Bmc bmc = bmcs().open(node)) {
      Outcome<PowerState> outcome = bmc.power();
      assertEquals(
          BmcFault.Kind.NOT_TRUSTED,
          assertInstanceOf(Outcome.Failed.class, outcome, outcome::evidence).fault().kind());
    }
  }

  @Test
  void aUserWithoutARealmIsRefusedBeforeAnythingIsSent() throws IOException {
    Node node = node("ops", "any");
    String said =
        String.valueOf(assertThrows(PowerException.class, () -> bmcs().open(node)).getMessage());
    assertTrue(said.contains("user: ops (expected: NAME@REALM"), said);
    assertEquals(0, pve.account().count(""));
  }

  @Test
  void oneThatIsEnteredIsUsed() throws Exception {
    Node node = node("");
    Operator operator = new Operator(folder, SECRET);
    String[] add = {
      "bmc",
      "add",
      "n1",
      pve.url().toString(),
      "--user",
      PveEmulator.TOKEN.user(),
      "--password-file",
      "pve.token"
    };
    Said untrusted = operator.run(add);
    assertEquals(64, untrusted.status(), untrusted::err);
    assertTrue(untrusted.err().contains("pvenode cert info"), untrusted::err);
    StoredBmc stored =
        new StoredBmc(
            StoredBmc.url(pve.url().toString()),
            Optional.of(PveEmulator.TOKEN),
            new Trust.Fingerprint(pve.fingerprint()),
            Optional.of("105"));
    try (Bmc bmc = bmcs().open("n1", node.mac(), stored)) {
      assertEquals(PowerState.ON, on(bmc));
    }
  }
}
