// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import foundrybot.rig.bmc.Faults;
import foundrybot.rig.bmc.Personalities;
import foundrybot.rig.bmc.PoweredMachine;
import foundrybot.rig.bmc.RedfishEmulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Real firmware that boots from the medium that its BMC plays, and never by PXE: the BMC reads the
 * image from the appliance, by HTTP or HTTPS with ranges, as the machine reads its drive, and iPXE
 * reads its script from the image.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class BootMediaTest {
  /** About three times what it takes on two idle cores. */
  private static final Duration TO_KERNEL = Duration.ofMinutes(5);

  private static final Duration COMMAND = Duration.ofMinutes(3);
  private static final Credentials USER = new Credentials("ops", new Secret("rig-9f27c1"));
  private static final int REDFISH = 8443;

  private static void boots(String name, MachineSpec spec, String keys) throws IOException {
    String bmc =
        ", bmc: { url: \"https://127.0.0.1:"
            + REDFISH
            + "\", trust: first-use, user: "
            + USER.user()
            + ", password-file: bmc.pw, "
            + keys
            + " }";
    try (QemuRack rack =
        Racks.create(
            name,
            Wiring.PROXY_BESIDE_DNSMASQ,
            Optional.of(BuiltData.loaders("trixie")),
            Optional.empty(),
            List.of(new Racks.Node(spec, "debian-12", bmc)))) {
      Files.writeString(QemuFolders.logs(name).resolve("bmc.pw"), USER.password().reveal() + "\n");
      Machine machine = rack.machine(spec.name());
      PoweredMachine powered = MachineLoad.powered(machine, BootOrder.First.DISK);
      RedfishEmulator emulator =
          rack.redfish(
              RedfishEmulator.Setup.of(Personalities.of("dell-idrac9"), powered)
                  .with(USER)
                  // It wants to know the length first, and takes no query.
                  .with(Faults.parse("media-head,media-no-query"), 1)
                  .with(new InetSocketAddress(InetAddress.getLoopbackAddress(), REDFISH)));

      Child.Outcome said = rack.appliance().tell(COMMAND, "deploy", "--no-wait", spec.name());
      assertEquals(0, said.status(), Files.readString(rack.appliance().errors()));
      rack.await("its script", TO_KERNEL, () -> rack.hasReached(spec.name(), "script"));
      int pieces = emulator.account().imageRequests();
      assertTrue(pieces > 2, pieces + " requests for the image");
      rack.await(
          "its kernel",
          TO_KERNEL,
          () -> rack.hasReached(spec.name(), "kernel") && machine.serial().kernelStarted());

      List<String> events = rack.appliance().events(spec.name());
      assertTrue(events.stream().anyMatch(line -> line.contains("token.prepared")));
      for (String byPxe : List.of("token.minted", "tftp.rrq", "loader.fetched")) {
        assertFalse(events.stream().anyMatch(line -> line.contains(byPxe)), byPxe);
      }
      rack.await("the medium to be ejected", COMMAND, () -> powered.image().isEmpty());
      assertEquals(1, powered.account().powerOns());
    }
  }

  @Test
  void aUefiMachineBootsFromAMediumThatComesByHttps() throws IOException {
    boots(
        "media-uefi",
        MachineSpec.of("med", "52:54:00:aa:00:75", Firmware.UEFI_PXE),
        "boot: media, firmware: uefi");
  }

  @Test
  void aBiosMachineBootsFromAMediumThatComesByHttp() throws IOException {
    boots(
        "media-bios",
        MachineSpec.of("old", "52:54:00:aa:00:76", Firmware.BIOS_IPXE_ROM),
        "boot: media-http, firmware: legacy");
  }
}
