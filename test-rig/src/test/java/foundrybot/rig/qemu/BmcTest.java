// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import foundrybot.rig.bmc.Personalities;
import foundrybot.rig.bmc.PoweredMachine;
import foundrybot.rig.bmc.RedfishEmulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Real firmware behind BMCs: what an operator types moves a QEMU machine. */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class BmcTest {
  /** About three times what it takes on two idle cores. */
  private static final Duration TO_KERNEL = Duration.ofMinutes(5);

  private static final Duration TO_SCRIPT = Duration.ofMinutes(2);
  private static final Duration COMMAND = Duration.ofMinutes(2);
  private static final Duration TO_DISK = Duration.ofMinutes(1);
  private static final Credentials USER = new Credentials("ops", new Secret("rig-9f27c1"));
  private static final int REDFISH = 8443;
  private static final int IPMI = 1623;

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForBmcs());
  }

  private static QemuRack rack(String name, MachineSpec machine, String bmc) throws IOException {
    return rack(name, Wiring.PROXY_BESIDE_DNSMASQ, Optional.empty(), machine, bmc);
  }

  private static QemuRack rack(
      String name, Wiring wiring, Optional<Path> built, MachineSpec machine, String bmc)
      throws IOException {
    String keys = ", bmc: { user: " + USER.user() + ", password-file: bmc.pw, " + bmc + " }";
    QemuRack rack =
        Racks.create(
            name,
            wiring,
            built,
            Optional.empty(),
            List.of(new Racks.Node(machine, "debian-12", keys)));
    Files.writeString(QemuFolders.logs(name).resolve("bmc.pw"), USER.password().reveal() + "\n");
    return rack;
  }

  private static String run(QemuRack rack, String... words) throws IOException {
    Child.Outcome said = rack.appliance().run(COMMAND, words);
    assertEquals(0, said.status(), said.output() + Files.readString(rack.appliance().errors()));
    return said.output();
  }

  private static String power(QemuRack rack, String node, String... wish) throws IOException {
    List<String> words = new ArrayList<>(List.of("power", node));
    words.addAll(List.of(wish));
    words.addAll(List.of("--rack", rack.appliance().rackFile().toString()));
    return run(rack, words.toArray(String[]::new));
  }

  private static void awaitKernel(QemuRack rack, String node) {
    rack.await(node + "'s script", TO_KERNEL, () -> rack.hasReached(node, "script"));
    rack.await(
        node + "'s kernel",
        TO_KERNEL,
        () -> rack.hasReached(node, "kernel") && rack.machine(node).serial().kernelStarted());
  }

  private static void noSecretIsIn(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).toList()) {
        assertFalse(
            Files.readString(file, StandardCharsets.ISO_8859_1).contains(USER.password().reveal()),
            file + " holds the BMC's password");
      }
    }
  }

  @Test
  void aUefiMachineIsDeployedThroughRedfishFromPoweredOffToItsKernel() throws IOException {
    MachineSpec spec = MachineSpec.of("red", "52:54:00:aa:00:71", Firmware.UEFI_PXE);
    try (QemuRack rack =
        rack("redfish", spec, "url: \"https://127.0.0.1:" + REDFISH + "\", trust: first-use")) {
      PoweredMachine machine = MachineLoad.powered(rack.machine("red"), BootOrder.First.DISK);
      rack.redfish(
          RedfishEmulator.Setup.of(Personalities.of("dell-idrac9"), machine)
              .with(USER)
              .with(new InetSocketAddress(InetAddress.getLoopbackAddress(), REDFISH)));
      assertEquals("red: off\n", power(rack, "red", "status"));
      String said = run(rack, "deploy", "red");
      assertTrue(said.endsWith("red: powered on\n1 powered on\n"), said);
      awaitKernel(rack, "red");
      assertEquals(1, machine.account().powerOns());

      // The override was for once.
      power(rack, "red", "reset");
      rack.await(
          "the firmware to find its disk empty and to end in its shell",
          TO_DISK,
          () -> rack.machine("red").serial().text().contains("Shell>"));
      assertEquals(1, machine.account().resets());
      assertEquals("red: off\n", power(rack, "red", "off"));
      assertFalse(rack.machine("red").isOn());
    }
    noSecretIsIn(QemuFolders.logs("redfish"));
  }

  @Test
  void aUefiMachineStartsByHttpFromTheUrlThatItsBmcWasToldAndNobodyElseTellsIt()
      throws IOException {
    MachineSpec spec = MachineSpec.of("url", "52:54:00:aa:00:73", Firmware.UEFI_PXE);
    try (QemuRack rack =
        rack(
            "http-boot",
            Wiring.NOBODY_NAMES_PROGRAM,
            Optional.of(BuiltData.loaders("trixie")),
            spec,
            "url: \"https://127.0.0.1:" + REDFISH + "\", trust: first-use, boot: http-x64")) {
      PoweredMachine machine = MachineLoad.powered(rack.machine("url"), BootOrder.First.DISK);
      rack.redfish(
          RedfishEmulator.Setup.of(Personalities.plain(), machine)
              .with(USER)
              .with(new InetSocketAddress(InetAddress.getLoopbackAddress(), REDFISH)));
      run(rack, "deploy", "url");
      rack.await("its script", TO_SCRIPT, () -> rack.hasReached("url", "script"));
      machine.off();

      String program = "/program/52-54-00-aa-00-73/snponly.efi";
      List<String> events = rack.appliance().events("url");
      assertTrue(
          events.stream().anyMatch(line -> line.contains("HTTP http://10.77.0.1" + program)),
          events::toString);
      for (String otherWay : List.of("dhcp.", "tftp.")) {
        assertFalse(events.stream().anyMatch(line -> line.contains(otherWay)), otherWay);
      }
      String serial = rack.machine("url").serial().text();
      assertTrue(serial.contains("URI: http://10.77.0.1" + program), serial);
      // It was for once.
      assertEquals(BootSetting.NONE, machine.nextBoot());
      assertFalse(
          VariableStore.read(spec.variables(QemuFolders.logs("http-boot"))).variables().stream()
              .anyMatch(variable -> variable.name().equals("BootNext")));
    }
    noSecretIsIn(QemuFolders.logs("http-boot"));
  }

  @Test
  void aBiosMachineIsDeployedThroughIpmiSimFromPoweredOffToItsKernel() throws IOException {
    MachineSpec spec = MachineSpec.of("imp", "52:54:00:aa:00:72", Firmware.BIOS_IPXE_ROM);
    try (QemuRack rack =
        rack("ipmi", spec, "url: \"ipmi://127.0.0.1:" + IPMI + "\", firmware: legacy")) {
      PoweredMachine machine = MachineLoad.powered(rack.machine("imp"), BootOrder.First.DISK);
      rack.ipmiSim(machine, IPMI, USER);
      assertEquals("imp: off\n", power(rack, "imp", "status"));
      String said = run(rack, "deploy");
      assertTrue(said.endsWith("imp: powered on\n1 powered on\n"), said);
      awaitKernel(rack, "imp");
      assertEquals(1, machine.account().powerOns());

      power(rack, "imp", "reset");
      assertEquals(1, machine.account().resets());
      rack.await(
          "the firmware to give up on an empty disk",
          TO_DISK,
          () -> rack.machine("imp").serial().text().contains("No bootable device"));
      power(rack, "imp", "cycle", "--boot", "pxe");
      rack.await(
          "the network card to be asked again",
          TO_DISK,
          () -> rack.machine("imp").serial().text().contains("/boot/52-54-00-aa-00-72/"));
      assertEquals(2, machine.account().powerOns());
      assertEquals("imp: off\n", power(rack, "imp", "off"));
      assertFalse(rack.machine("imp").isOn());
    }
    noSecretIsIn(QemuFolders.logs("ipmi"));
  }
}
