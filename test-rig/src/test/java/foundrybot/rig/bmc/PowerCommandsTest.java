// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.power.BmcLocks;
import foundrybot.redfish.BootSetting;
import foundrybot.rig.bmc.Operator.Said;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bootserver power} and {@code bootserver bmc} as an operator runs them. */
final class PowerCommandsTest {
  private static final String PASSWORD = RedfishEmulator.CREDENTIALS.password().reveal();

  @TempDir private Path folder = Path.of("");
  private final PoweredMachine machine = RedfishEmulatorTest.machine(1);

  @BeforeEach
  void writePassword() throws IOException {
    Path file = Files.writeString(folder.resolve("bmc.pw"), PASSWORD + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private RedfishEmulator start() {
    return start("dell-idrac9");
  }

  private RedfishEmulator start(String personality) {
    return RedfishEmulator.start(RedfishEmulator.Setup.of(Personalities.of(personality), machine));
  }

  private void rack(RedfishEmulator bmc, String trust) throws IOException {
    Files.writeString(
        folder.resolve("rack.yaml"),
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 127.0.0.1/8 }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILewWhH5CTUU3in33UCXnZpwKItYQiqYj2VFSj6dsC8/ me@desk"] }
        bmc-defaults: { user: %s, password-file: bmc.pw, trust: %s }
        nodes:
          %s: { role: etcd, name: n1, bmc: "%s" }
          52:54:00:aa:00:99: { role: etcd, name: n2 }
        """
            .formatted(
                RedfishEmulator.CREDENTIALS.user(), trust, machine.macs().getFirst(), bmc.url()));
  }

  private Said run(String... arguments) throws IOException, InterruptedException {
    return new Operator(folder, PASSWORD).run(arguments);
  }

  @Test
  void aMachineIsSwitchedOnFromTheNetworkAndOffAgain() throws Exception {
    try (RedfishEmulator bmc = start()) {
      rack(bmc, "first-use");
      Said on = run("power", "n1", "on", "--boot", "pxe");
      assertEquals(0, on.status(), on::err);
      assertTrue(on.out().startsWith("n1: next boot: PXE once"), on::out);
      assertTrue(on.out().endsWith("n1: on\n"), on::out);
      assertEquals(1, machine.account().powerOns());
      assertEquals("n1: on\n", run("power", "n1", "status").out());
      assertEquals("n1: off\n", run("power", "n1", "off").out());
      assertEquals(1, machine.account().powerOns());
    }
  }

  @Test
  void theNextBootMayBeAUrlOnceOrAlways() throws Exception {
    // One that takes the URL with the next boot; Dell's takes it in the firmware's set-up.
    try (RedfishEmulator bmc = start("plain")) {
      rack(bmc, "any");
      String url = "http://10.0.0.9/x.efi";
      Said once = run("power", "n1", "on", "--boot", url);
      assertEquals(0, once.status(), once::err);
      assertTrue(
          once.err().contains(": trust: any: whoever stands between takes this BMC's password"),
          once::err);
      assertEquals("n1: next boot: HTTP " + url + " once, UEFI\nn1: on\n", once.out());
      assertEquals(
          Optional.of(URI.create(url)), machine.account().lastStart().orElseThrow().boot().url());
      Said always = run("power", "n1", "status", "--boot", "disk", "--always");
      assertTrue(always.out().startsWith("n1: next boot: DISK always"), always::out);
      assertEquals(BootSetting.Lasting.ALWAYS, machine.nextBoot().lasting());

      for (String wrong : List.of("floppy", "ftp://10.0.0.9/x", "http://u:geheim@10.0.0.9/x")) {
        Said refused = run("power", "n1", "status", "--boot", wrong);
        assertEquals(64, refused.status(), refused::out);
        assertTrue(refused.err().contains("expected: pxe, disk, cd, http, or"), refused::err);
        assertFalse(refused.err().contains("geheim"), refused::err);
      }
      assertEquals(64, run("power", "n1", "on", "--always").status());
    }
  }

  @Test
  void aCommandWaitsForAnotherOneThatHasTheBmcAlsoWithoutAnAppliance() throws Exception {
    try (RedfishEmulator bmc = start()) {
      rack(bmc, "first-use");
      Process on;
      Operator operator = new Operator(folder, PASSWORD);
      String address = BmcLocks.bmc(Optional.of(bmc.url()), new Mac(0));
      BmcLocks locks = BmcLocks.in(folder.resolve("foundrybot-data"));
      BmcLocks.Held held =
          assertInstanceOf(BmcLocks.Held.class, locks.take(address, "power cycle n1"));
      try (held) {
        on = operator.start("power", "n1", "on");
        for (int i = 0; i < 200 && Files.readString(folder.resolve("err")).isEmpty(); i++) {
          Thread.sleep(50);
        }
        assertEquals(0, bmc.account().requests(), "nothing was asked yet");
      }
      Said said = operator.ended(on);
      assertEquals("n1: on\n", said.out(), said::err);
      assertTrue(
          said.err().startsWith("n1: its BMC is busy with 'power cycle n1' of process "),
          said::err);
      assertTrue(said.err().contains("; waiting for it, 60 s at most\n"), said::err);
      assertEquals(1, machine.account().powerOns());
    }
  }

  @Test
  void whatTheBmcKnowsIsShownWithTheCardOfTheRackFile() throws Exception {
    try (RedfishEmulator bmc = start()) {
      rack(bmc, "first-use");
      Said said = run("bmc", "n1", "--log", "3");
      assertEquals(0, said.status(), said::err);
      assertTrue(said.out().contains("(in the rack file)"), said::out);
      assertTrue(said.out().contains("power      off"), said::out);
    }
  }

  @Test
  void anotherCertificateThanTheFirstOneIsRefusedBeforeThePasswordIsSent() throws Exception {
    try (RedfishEmulator bmc = start()) {
      rack(bmc, "first-use");
      assertEquals(0, run("power", "n1", "status").status());
      Path known = folder.resolve("foundrybot-data/known-bmcs");
      String lines = Files.readString(known);
      Files.writeString(known, lines.replaceAll(" [0-9a-f]{64}", " " + "0".repeat(64)));
      Said said = run("power", "n1", "on");
      assertEquals(1, said.status());
      assertEquals(0, machine.account().powerOns());
      assertEquals(1, said.err().lines().count(), said::err);
    }
  }

  @Test
  void whatIsMissingOrWrongIsOneLineWithTheCure() throws Exception {
    try (RedfishEmulator bmc = start()) {
      rack(bmc, "any");
      assertTrue(run("power", "n2", "on").err().contains("n2: no bmc in the rack file"));
      assertTrue(run("power", "n3", "on").err().contains("node: n3"));
      Files.writeString(folder.resolve("bmc.pw"), "wrong\n");
      Said refused = run("power", "n1", "on");
      assertEquals(1, refused.status());
      assertFalse(refused.err().contains("wrong\n"), refused::err);
      Files.delete(folder.resolve("bmc.pw"));
      assertTrue(run("power", "n1", "on").err().contains("bmc.pw: cannot be read"));
    }
  }
}
