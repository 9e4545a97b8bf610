// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import foundrybot.rig.bmc.Personalities;
import foundrybot.rig.bmc.PoweredMachine;
import foundrybot.rig.bmc.RedfishEmulator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A machine that was off says what it is made of, and then loses all that was on its disk. */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class EraseTest {
  /** About three times what it takes on two idle cores. */
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private static final Credentials USER = new Credentials("ops", new Secret("rig-77c0d4"));
  private static final int REDFISH = 8443;
  private static final int NOISE = 64 << 20;

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForCast());
    QemuFolders.require(Prerequisites.missingForBmcs());
  }

  @Test
  void aDiskOfNoiseIsFoundByTheInspectionAndHoldsNothingAfterTheErasure() throws IOException {
    MachineSpec spec =
        new MachineSpec(
            "era", "52:54:00:aa:00:7b", Firmware.BIOS_IPXE_ROM, 1024, 1, Optional.empty());
    String bmc =
        ", bmc: { user: %s, password-file: bmc.pw, trust: first-use, url: \"https://127.0.0.1:%d\" }"
            .formatted(USER.user(), REDFISH);
    try (QemuRack rack =
        Racks.create(
            "erase",
            Wiring.PROXY_BESIDE_DNSMASQ,
            Optional.of(BuiltData.cast()),
            Optional.empty(),
            List.of(new Racks.Node(spec, "debian-12-cast", bmc)))) {
      Path logs = QemuFolders.logs("erase");
      Files.writeString(logs.resolve("bmc.pw"), USER.password().reveal() + "\n");
      Path disk = spec.disk(logs);
      long bytes = Files.size(disk);
      fillBeginning(disk);
      PoweredMachine machine = MachineLoad.powered(rack.machine("era"), BootOrder.First.DISK);
      rack.redfish(
          RedfishEmulator.Setup.of(Personalities.of("dell-idrac9"), machine)
              .with(USER)
              .with(new InetSocketAddress(InetAddress.getLoopbackAddress(), REDFISH)));

      Child.Outcome inventory = rack.appliance().tell(LIMIT, "inspect", "era");
      assertEquals(0, inventory.status(), inventory::output);
      for (String part : List.of("vda", spec.mac(), spec.uuid(), "virtio")) {
        assertTrue(inventory.output().contains(part), inventory::output);
      }
      rack.await("it to be off", LIMIT, () -> !rack.machine("era").isOn());
      assertFalse(isZero(disk), "an inspection changed its disk");

      Child.Outcome erasure = rack.appliance().tell(LIMIT, "erase", "era", "--yes");
      assertEquals(0, erasure.status(), erasure::output);
      rack.await("it to be off", LIMIT, () -> !rack.machine("era").isOn());
      assertTrue(isZero(disk), "there is something left on its disk");
      assertEquals(bytes, Files.size(disk));
      String shown = rack.appliance().run(LIMIT, "erase", "era", "--show", "--json").output();
      assertTrue(shown.contains("\"vda\"") && shown.contains(Long.toString(bytes)), shown);
      assertEquals(2, machine.account().powerOns());
    }
  }

  private static void fillBeginning(Path disk) throws IOException {
    byte[] noise = new byte[NOISE];
    new Random(7).nextBytes(noise);
    try (OutputStream out = Files.newOutputStream(disk, StandardOpenOption.WRITE)) {
      out.write(noise);
    }
  }

  private static boolean isZero(Path disk) throws IOException {
    byte[] piece = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(disk)) {
      for (int count; (count = in.read(piece)) > 0; ) {
        for (int i = 0; i < count; i++) {
          if (piece[i] != 0) {
            return false;
          }
        }
      }
      return true;
    }
  }
}
