// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.ConsoleListener;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Outcome.Failed;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.discover.Discovery;
import foundrybot.redfish.discover.Subnet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A BMC that is nobody's code here: OpenIPMI's simulator, whose chassis is two files. */
@Tag("slow")
class IpmiSimTest {
  private static final String PASSWORD = "correct-horse";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String CHASSIS =
      """
      #!/bin/bash
      cd "$(dirname "$0")"
      shift
      while [ $# -gt 0 ]; do
        case "$1 $2" in
          "get power") echo "power:$(cat power)"; shift 2 ;;
          "get boot") echo "boot:$(cat boot)"; shift 2 ;;
          "set power") echo "power $3" >>orders; echo "$3" >power; shift 3 ;;
          "set boot") echo "$3" >boot; shift 3 ;;
          "set reset") echo "reset" >>orders; shift 3 ;;
          "set shutdown") echo "shutdown" >>orders; echo 0 >power; shift 3 ;;
          *) shift ;;
        esac
      done
      """;

  @TempDir Path folder;
  private int port;

  /** Where it finds the machine's serial line. */
  private ServerSocket serial;

  private final List<Process> processes = new ArrayList<>();

  @BeforeEach
  void start() throws IOException, InterruptedException {
    port = freePort();
    serial = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    serial.setSoTimeout(20_000);
    Files.writeString(folder.resolve("power"), "0\n");
    Files.writeString(folder.resolve("boot"), "default\n");
    Files.writeString(folder.resolve("orders"), "");
    Path script = Files.writeString(folder.resolve("chassis.sh"), CHASSIS);
    assertTrue(script.toFile().setExecutable(true));
    Files.writeString(
        folder.resolve("lan.conf"),
        """
        name "node1"
        set_working_mc 0x20
          startlan 1
            addr 127.0.0.1 %d
            priv_limit admin
            allowed_auths_user none md2 md5 straight
            allowed_auths_operator none md2 md5 straight
            allowed_auths_admin none md2 md5 straight
            guid a123456789abcdefa123456789abcdef
          endlan
          sol "tcp:127.0.0.1:%d" 115200
          chassis_control "%s node1"
          user 2 true "admin" "%s" admin 10 none md2 md5 straight
        """
            .formatted(port, serial.getLocalPort(), script, PASSWORD));
    Files.writeString(
        folder.resolve("node1.emu"),
        """
        mc_setbmc 0x20
        mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
        sel_enable 0x20 1000 0x0a
        mc_enable 0x20
        """);
    processes.add(
        new ProcessBuilder(
                List.of("ipmi_sim", "-c", "lan.conf", "-f", "node1.emu", "-s", "state", "-n"))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(folder.resolve("log").toFile())
            .start());
    awaitListening();
  }

  /** Its socket stands in the kernel's table. */
  private void awaitListening() throws IOException, InterruptedException {
    String socket = String.format(":%04X ", port);
    for (int i = 0; i < 200; i++) {
      if (Files.readString(Path.of("/proc/net/udp")).contains(socket)) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("ipmi_sim: " + Files.readString(folder.resolve("log")));
  }

  @AfterEach
  void stop() throws InterruptedException, IOException {
    serial.close();
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aPingFindsItAndAPortBesideItHoldsNobody() throws Exception {
    assertEquals(List.of(URI.create("ipmi://127.0.0.1:" + port)), found(port));
    assertEquals(List.of(), found(freePort()));
  }

  private static List<URI> found(int port) throws IOException {
    Discovery.Settings usual = Discovery.Settings.USUAL;
    return new Discovery(
            new Discovery.Settings(
                freePort(),
                port,
                new InetSocketAddress("239.255.255.250", freePort()),
                10,
                4,
                usual.connect(),
                usual.answer()),
            Thread::sleep)
        .search(List.of(Subnet.parse("127.0.0.1")), (done, all, found) -> {}).bmcs().stream()
            .flatMap(bmc -> bmc.ipmi().stream())
            .toList();
  }

  @Test
  void aMachineIsSwitchedOnForPxeAndIpmitoolSeesTheSame() throws Exception {
    try (Bmc bmc = bmc("admin", PASSWORD)) {
      Done<?> identity = assertInstanceOf(Done.class, bmc.identify());
      assertTrue(identity.evidence().contains("9.08"), identity::evidence);
      assertTrue(identity.warnings().stream().anyMatch(w -> w.contains("CVE-2013-4786")));
      // It has no inventory here.
      assertTrue(identity.warnings().stream().anyMatch(w -> w.contains("(FRU 0)")));
      Done<PowerState> off = done(bmc.power());
      assertEquals(PowerState.OFF, off.value());
      assertEquals(List.of(), off.warnings());
      assertTrue(ipmitool("chassis", "power", "status").contains("is off"));
      Done<BootSetting> boot =
          done(bmc.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.UEFI)));
      assertEquals(BootDevice.PXE, boot.value().device());
      assertTrue(boot.warnings().stream().anyMatch(w -> w.contains("set for UEFI")));
      assertEquals("pxe", Files.readString(folder.resolve("boot")).strip());
      assertTrue(ipmitool("chassis", "bootparam", "get", "5").contains("Force PXE"));
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)).value());
      assertTrue(ipmitool("chassis", "power", "status").contains("is on"));
    }
  }

  @Test
  void whatIsSoAlreadyIsNotDoneAgain() throws IOException {
    try (Bmc bmc = bmc("admin", PASSWORD)) {
      assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)).value());
      assertEquals("", Files.readString(folder.resolve("orders")));
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.CYCLE, PATIENCE)).value());
      assertEquals("power 1\n", Files.readString(folder.resolve("orders")));
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.CYCLE, PATIENCE)).value());
      assertEquals("power 1\npower 0\npower 1\n", Files.readString(folder.resolve("orders")));
      assertEquals(PowerState.OFF, done(bmc.power(PowerAction.SHUTDOWN, PATIENCE)).value());
    }
  }

  @Test
  void aWrongPasswordAnUnknownUserAndNobodyAreToldApart() throws IOException {
    BmcFault password = fault(bmc("admin", "battery-staple").power());
    assertEquals(BmcFault.Kind.WRONG_PASSWORD, password.kind());
    assertTrue(password.advice().contains("correct the password"), password::evidence);
    assertFalse(password.toString().contains("battery-staple"));
    BmcFault nobody;
    try (DatagramSocket closed = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    nobody = fault(bmc("admin", PASSWORD).power());
    assertEquals(BmcFault.Kind.UNREACHABLE, nobody.kind());
    assertTrue(nobody.answered().contains("ICMP"), nobody::evidence);
  }

  @Test
  void aUserWhomItDoesNotKnowIsSaidSo() {
    BmcFault user = fault(bmc("nobody", PASSWORD).power());
    assertEquals(BmcFault.Kind.WRONG_PASSWORD, user.kind(), user::evidence);
    assertTrue(user.advice().contains("correct the user"), user::evidence);
  }

  @Test
  void whatTheSerialLineSaysIsHeardByOneConsoleAndTheNextOneIsRefused() throws Exception {
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    CountDownLatch open = new CountDownLatch(1);
    AtomicBoolean wanted = new AtomicBoolean(true);
    try (Socket line = serial.accept();
        Bmc bmc = bmc("admin", PASSWORD);
        Bmc second = bmc("admin", PASSWORD)) {
      CompletableFuture<Outcome<String>> end = new CompletableFuture<>();
      Thread.startVirtualThread(() -> end.complete(bmc.console(ear(heard, open, wanted))));
      assertTrue(open.await(20, TimeUnit.SECONDS), () -> end.getNow(null) + "");
      String said = "[    0.000000] Linux version 6.1\r\n".repeat(40);
      for (String part : said.split("(?<=\n)", -1)) {
        line.getOutputStream().write(part.getBytes(StandardCharsets.US_ASCII));
        Thread.sleep(5);
      }
      for (int i = 0; i < 500 && heard.size() < said.length(); i++) {
        Thread.sleep(20);
      }
      assertEquals(said, heard.toString(StandardCharsets.US_ASCII));
      BmcFault held = fault(second.console(ear(new ByteArrayOutputStream(), open, wanted)));
      assertEquals(BmcFault.Kind.BUSY, held.kind(), held::evidence);
      assertEquals(PowerState.OFF, done(second.power()).value());
      wanted.set(false);
      assertEquals("closed", done(end.get(20, TimeUnit.SECONDS)).value());
      assertEquals(
          "closed", done(second.console(ear(new ByteArrayOutputStream(), open, wanted))).value());
    }
  }

  private static ConsoleListener ear(
      ByteArrayOutputStream heard, CountDownLatch open, AtomicBoolean wanted) {
    return new ConsoleListener() {
      @Override
      public void opened(String how) {
        open.countDown();
      }

      @Override
      public void heard(byte[] bytes) {
        heard.writeBytes(bytes);
      }

      @Override
      public void missed(String why) {
        heard.writeBytes(why.getBytes(StandardCharsets.US_ASCII));
      }

      @Override
      public boolean wanted() {
        return wanted.get();
      }
    };
  }

  private Bmc bmc(String user, String password) {
    return Ipmi.open(
        new BmcEndpoint(
            URI.create("ipmi://127.0.0.1:" + port),
            Optional.of(new Credentials(user, new Secret(password))),
            new Trust.Any(),
            Optional.empty()),
        Ipmi.Settings.USUAL,
        InstantSource.system(),
        time -> Thread.sleep(time.dividedBy(10)));
  }

  private static <T> Done<T> done(Outcome<T> outcome) {
    return switch (outcome) {
      case Done<T> done -> done;
      default -> throw new AssertionError(outcome.evidence());
    };
  }

  private static BmcFault fault(Outcome<?> outcome) {
    return assertInstanceOf(Failed.class, outcome).fault();
  }

  private String ipmitool(String... words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("ipmitool", "-I", "lanplus", "-C", "3", "-H", "127.0.0.1"));
    command.addAll(List.of("-p", Integer.toString(port), "-U", "admin", "-P", PASSWORD));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  private static int freePort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
