// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.PowerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ipmitool and freeipmi, as Debian has them, use the responder. */
@Tag("slow")
final class IpmiForeignToolsTest {
  private static final List<IpmiEvent> EVENTS =
      List.of(
          new IpmiEvent(1_767_225_600L, 0x04, 0x31, 0x01, false, 0x520a14),
          new IpmiEvent(1_767_225_660L, 0x08, 0x60, 0x6f, true, 0x03ffff));

  @TempDir private Path folder = Path.of("");
  private final PoweredMachine machine = IpmiResponderTest.machine();

  /** What a program said, and its exit status. */
  private record Said(int status, String text) {}

  @ParameterizedTest
  @ValueSource(ints = {17, 3})
  void ipmitoolSwitchesAndSetsTheNextBoot(int suite) throws Exception {
    try (IpmiResponder bmc = start(IpmiAccess.USUAL)) {
      assertEquals("Chassis Power is off", ipmitool(bmc, suite, "power", "status"));
      ipmitool(bmc, suite, "chassis", "bootdev", "pxe", "options=efiboot");
      String flags = ipmitool(bmc, suite, "chassis", "bootparam", "get", "5");
      assertTrue(flags.contains("Boot Flag Valid"), flags);
      assertTrue(flags.contains("only next boot"), flags);
      assertTrue(flags.contains("BIOS EFI boot"), flags);
      assertTrue(flags.contains("Force PXE"), flags);
      assertEquals(BootSetting.once(BootDevice.PXE, FirmwareMode.UEFI), machine.nextBoot());
      ipmitool(bmc, suite, "power", "on");
      assertEquals("Chassis Power is on", ipmitool(bmc, suite, "power", "status"));
      assertEquals(
          BootSetting.once(BootDevice.PXE, FirmwareMode.UEFI),
          machine.account().lastStart().orElseThrow().boot());
      String used = ipmitool(bmc, suite, "chassis", "bootparam", "get", "5");
      assertTrue(used.contains("Boot Flag Invalid"), used);
      ipmitool(bmc, suite, "chassis", "bootdev", "disk", "options=persistent");
      assertEquals(BootSetting.Lasting.ALWAYS, machine.nextBoot().lasting());
      ipmitool(bmc, suite, "power", "reset");
      ipmitool(bmc, suite, "power", "cycle");
      ipmitool(bmc, suite, "power", "soft");
      assertEquals("Chassis Power is off", ipmitool(bmc, suite, "power", "status"));
      assertEquals(2, machine.account().powerOns());
      assertEquals(1, machine.account().resets());
      assertEquals(0, bmc.account().openSessions());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 3})
  void ipmitoolReadsInventoryEventsAndGuid(int suite) throws Exception {
    try (IpmiResponder bmc = start(IpmiAccess.USUAL)) {
      String fru = ipmitool(bmc, suite, "fru", "print", "0");
      assertTrue(fru.contains(line("Product Manufacturer", "Foundry")), fru);
      assertTrue(fru.contains(line("Product Name", "Node 1")), fru);
      assertTrue(fru.contains(line("Product Serial", machine.serial())), fru);
      assertTrue(fru.contains(line("Chassis Serial", machine.serial())), fru);
      assertTrue(fru.contains(line("Board Mfg", "Foundry")), fru);
      String sel = ipmitool(bmc, suite, "sel", "list");
      assertEquals(2, sel.lines().count(), sel);
      assertTrue(sel.contains("Fan") && sel.contains("Deasserted"), sel);
      String guid = ipmitool(bmc, suite, "mc", "guid", "ipmi");
      assertTrue(guid.contains(machine.uuid().toString()), guid);
      String info = ipmitool(bmc, suite, "mc", "info");
      assertTrue(info.contains("2.88") && info.contains("32473"), info);
    }
  }

  private static String line(String name, String value) {
    return String.format("%-21s : %s", name, value);
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 3})
  void ipmipowerSwitches(int suite) throws Exception {
    try (IpmiResponder bmc = start(IpmiAccess.USUAL)) {
      assertEquals("off", ipmipower(bmc, suite, "--stat"));
      assertEquals("ok", ipmipower(bmc, suite, "--on", "--wait-until-on"));
      assertEquals("on", ipmipower(bmc, suite, "--stat"));
      assertEquals("ok", ipmipower(bmc, suite, "--reset"));
      assertEquals("ok", ipmipower(bmc, suite, "--off", "--wait-until-off"));
      assertEquals(PowerState.OFF, machine.powerState());
      assertEquals(1, machine.account().powerOns());
      assertEquals(1, machine.account().resets());
    }
  }

  @Test
  void toolsAreRefusedForTheRightReason() throws Exception {
    try (IpmiResponder bmc = start(IpmiAccess.USUAL.withSuites(0x11, 17))) {
      Said suite =
          runIpmitool(bmc, 3, IpmiAccess.ADMIN.name(), "emulated", "-v", "power", "status");
      assertNotEquals(0, suite.status());
      assertTrue(suite.text().contains("no matching cipher suite"), suite::text);
      Said password =
          runIpmitool(bmc, 17, IpmiAccess.ADMIN.name(), "wrong", "-v", "power", "status");
      assertNotEquals(0, password.status());
      assertTrue(password.text().contains("HMAC is invalid"), password::text);
      Said user = runIpmitool(bmc, 17, "nobody", "emulated", "-v", "power", "status");
      assertNotEquals(0, user.status());
      assertTrue(user.text().contains("unauthorized name"), user::text);
      assertEquals("password invalid", runIpmipower(bmc, 17, "wrong", "--stat"));
      assertEquals(0, bmc.account().sessions());
    }
  }

  @Test
  void aKeyOfTheChannelIsNeeded() throws Exception {
    IpmiAccess access =
        IpmiAccess.USUAL.withChannelKey(new foundrybot.redfish.Secret("channel-key"));
    try (IpmiResponder bmc = start(access)) {
      List<String> words = List.of("-k", "channel-key", "power", "status");
      assertEquals("Chassis Power is off", ipmitool(bmc, 17, words.toArray(String[]::new)));
      Said without = runIpmitool(bmc, 17, IpmiAccess.ADMIN.name(), "emulated", "power", "status");
      assertNotEquals(0, without.status(), without::text);
    }
  }

  @Test
  void whatIsDoubledOnTheWayIsCarriedOutOnce() throws Exception {
    IpmiFaults faults = IpmiFaults.NONE.doubling(1, 1);
    try (IpmiResponder bmc = IpmiResponder.start(IpmiResponder.Setup.of(machine).with(faults, 5))) {
      ipmitool(bmc, 17, "power", "on");
      ipmitool(bmc, 17, "power", "reset");
      assertEquals(1, machine.account().powerOns());
      assertEquals(1, machine.account().resets());
    }
  }

  private IpmiResponder start(IpmiAccess access) {
    return IpmiResponder.start(
        IpmiResponder.Setup.of(machine).with(access).with(IpmiTraits.USUAL.with(EVENTS)));
  }

  private String ipmitool(IpmiResponder bmc, int suite, String... words) throws Exception {
    Said said = runIpmitool(bmc, suite, IpmiAccess.ADMIN.name(), "emulated", words);
    assertEquals(0, said.status(), () -> List.of(words) + ": " + said.text());
    return said.text();
  }

  private Said runIpmitool(
      IpmiResponder bmc, int suite, String user, String password, String... words)
      throws Exception {
    List<String> command =
        new ArrayList<>(List.of("/usr/bin/ipmitool", "-I", "lanplus", "-H", "127.0.0.1"));
    command.addAll(List.of("-p", Integer.toString(bmc.port()), "-C", Integer.toString(suite)));
    command.addAll(List.of("-U", user, "-P", password));
    command.addAll(List.of(words));
    return run(command);
  }

  /** What it says of the one host. */
  private String ipmipower(IpmiResponder bmc, int suite, String... words) throws Exception {
    return runIpmipower(bmc, suite, "emulated", words);
  }

  private String runIpmipower(IpmiResponder bmc, int suite, String password, String... words)
      throws Exception {
    String host = "127.0.0.1:" + bmc.port();
    List<String> command =
        new ArrayList<>(List.of("/usr/sbin/ipmipower", "-D", "LAN_2_0", "-h", host));
    command.addAll(List.of("-I", Integer.toString(suite), "-W", "none"));
    command.addAll(List.of("-u", IpmiAccess.ADMIN.name(), "-p", password));
    command.addAll(List.of(words));
    String said = run(command).text();
    assertTrue(said.startsWith("127.0.0.1: "), said);
    return said.substring("127.0.0.1: ".length());
  }

  private Said run(List<String> command) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    String said = Files.readString(output).strip();
    assertTrue(ended, () -> command.getFirst() + " did not end: " + said);
    return new Said(process.exitValue(), said);
  }
}
