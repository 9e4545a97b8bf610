// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Outcome.Failed;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.ipmi.Ipmi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenStack's pyghmi, as Debian has it: its BMC and our console, its console and our BMC. */
@Tag("slow")
@Timeout(60)
final class PyghmiTest {
  private static final String PYTHON = "/usr/bin/python3";
  private static final String PASSWORD = "emulated";

  private static final String BMC =
      """
      import sys
      from pyghmi.ipmi import bmc

      class Node(bmc.Bmc):
          power = 'off'
          device = 'default'
          def get_power_state(self):
              return self.power
          def power_on(self):
              self.power = 'on'
          def power_off(self):
              self.power = 'off'
          def power_shutdown(self):
              self.power = 'off'
          def power_reset(self):
              print('reset', flush=True)
          def get_boot_device(self):
              return self.device
          def set_boot_device(self, device):
              self.device = device
              print('boot ' + device, flush=True)

      node = Node({'admin': sys.argv[2]}, port=int(sys.argv[1]), address='::ffff:127.0.0.1')
      print('ready', flush=True)
      node.listen()
      """;

  private static final String CONSOLE =
      """
      import sys
      from pyghmi.ipmi import command

      c = command.Command(bmc='127.0.0.1', port=int(sys.argv[1]), userid='admin', password=sys.argv[2])
      print(c.get_power()['powerstate'])
      c.set_bootdev('network', uefiboot=True)
      boot = c.get_bootdev()
      print(boot['bootdev'], boot['uefimode'], boot['persistent'])
      print(c.set_power('on', wait=10)['powerstate'])
      print(c.set_power('off', wait=10)['powerstate'])
      c.ipmi_session.logout()
      """;

  @TempDir private Path folder = Path.of("");
  private Optional<Process> process = Optional.empty();

  @AfterEach
  void stop() {
    process.ifPresent(Process::destroyForcibly);
  }

  private BufferedReader start(String script, int port) throws IOException {
    Path file = Files.writeString(folder.resolve("script.py"), script);
    Process started =
        new ProcessBuilder(PYTHON, file.toString(), Integer.toString(port), PASSWORD)
            .redirectErrorStream(true)
            .start();
    process = Optional.of(started);
    return new BufferedReader(
        new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
  }

  private static Bmc console(int port, String password, int suite) {
    return Ipmi.open(
        new BmcEndpoint(
            URI.create("ipmi://127.0.0.1:" + port),
            Optional.of(new Credentials("admin", new Secret(password))),
            new Trust.Any(),
            Optional.empty()),
        Ipmi.Settings.USUAL.with(List.of(suite), Set.of()),
        InstantSource.system(),
        Thread::sleep);
  }

  private static <T> Done<T> done(Outcome<T> outcome) {
    assertInstanceOf(Done.class, outcome, outcome::evidence);
    return (Done<T>) outcome;
  }

  @Test
  void ourConsoleSwitchesItsBmc() throws Exception {
    int port;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    BufferedReader said = start(BMC, port);
    assertEquals("ready", said.readLine());
    try (Bmc bmc = console(port, PASSWORD, 3)) {
      assertEquals(PowerState.OFF, done(bmc.power()).value());
      Done<BootSetting> boot =
          done(bmc.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.AS_IS)));
      assertEquals(BootDevice.PXE, boot.value().device());
      assertEquals("boot network", said.readLine());
      Duration patience = Duration.ofSeconds(15);
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, patience)).value());
      assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, patience)).value());
    }
    try (Bmc stranger = console(port, "another", 3)) {
      Outcome<PowerState> refused = stranger.power();
      assertTrue(
          refused instanceof Failed<PowerState>(BmcFault fault)
              && fault.kind() == BmcFault.Kind.WRONG_PASSWORD,
          refused::evidence);
    }
  }

  @Test
  void itsConsoleSwitchesOurBmc() throws Exception {
    PoweredMachine machine = IpmiResponderTest.machine();
    try (IpmiResponder bmc =
        IpmiResponder.start(IpmiResponder.Setup.of(machine).with(IpmiAccess.USUAL))) {
      BufferedReader said = start(CONSOLE, bmc.port());
      List<String> lines = said.lines().toList();
      assertEquals(List.of("off", "network True False", "on", "off"), lines);
      assertTrue(process.orElseThrow().waitFor(10, TimeUnit.SECONDS));
      assertEquals(0, bmc.account().openSessions());
      assertEquals(1, machine.account().powerOns());
      assertEquals(
          BootSetting.once(BootDevice.PXE, FirmwareMode.UEFI),
          machine.account().lastStart().orElseThrow().boot());
    }
  }
}
