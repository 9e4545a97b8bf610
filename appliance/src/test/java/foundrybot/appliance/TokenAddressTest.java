// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static foundrybot.appliance.LoopbackAppliance.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine has its addresses of the site's DHCP server, and whatever it asks that for is heard:
 * its token is good from there, and from nowhere else.
 */
class TokenAddressTest {
  private static final String MAC = "52:54:00:aa:00:01";
  private static final String FIXED = "52:54:00:aa:00:02";
  private static final String FIRMWARE = "127.99.0.21";
  private static final String INSTALLER = "127.99.0.22";
  private static final String OWN = "127.99.0.30";
  private static final String THERE = "127.0.0.9";
  private static final String SCRIPT = "/boot/" + MAC + "/bios.ipxe";
  private static final String NOT_ITS_OWN = "a token from an address that is not its machine's";

  private LoopbackAppliance rack;
  private Machine machine;

  @BeforeEach
  void start(@TempDir Path folder) {
    rack =
        new LoopbackAppliance(folder)
            .with("dhcp", "proxy")
            .node(MAC, "w1", "debian-12")
            .entry(FIXED, "{ role: worker, name: w2, profile: debian-12, address: " + OWN + "/16 }")
            .start();
    machine = new Machine(rack, MAC);
  }

  @AfterEach
  void stop() {
    rack.close();
    assertEquals(List.of(), rack.fatal);
  }

  /** A REQUEST to a server beside us (RFC 2131 section 4.3.2), which all hear. */
  private void asks(String name, String mac, String address) throws IOException {
    ByteBuffer packet = ByteBuffer.allocate(400);
    packet.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0).putInt(address.hashCode());
    packet.position(28);
    packet.put(HexFormat.ofDelimiter(":").parseHex(mac));
    packet.position(236);
    packet.putInt(0x63825363).put(new byte[] {53, 1, 3, 54, 4, 127, 99, 0, 9, 50, 4});
    packet.put(InetAddress.ofLiteral(address).getAddress()).put((byte) 255);
    packet.position(300);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.99.0.2"))) {
      socket.send(
          new DatagramPacket(
              packet.array(),
              packet.position(),
              new InetSocketAddress(LoopbackAppliance.ADDRESS, rack.port("dhcp"))));
    }
    eventually(
        "it is heard",
        () ->
            rack.events(name).stream()
                .anyMatch(line -> line.startsWith("dhcp.") && line.contains(address)));
  }

  private int from(String address, String rest) {
    return rack.getFrom(address, machine.path(rest)).status();
  }

  private String audit(String name) {
    return rack.send(rack.asOperator("audit?node=" + name)).text();
  }

  private void boots() throws IOException {
    asks("w1", MAC, FIRMWARE);
    machine.fetchToken();
    assertEquals(200, from(FIRMWARE, "artifact/linux"));
    eventually(
        "it came",
        () -> rack.events("w1").stream().anyMatch(line -> line.startsWith("token.used ")));
  }

  @Test
  void whoBringsItFromElsewhereGetsNothingIsNotBelievedAndHarmsNobody() throws Exception {
    boots();
    for (String rest : List.of("preseed.cfg", "artifact/initrd.gz", "report/installed")) {
      assertEquals(403, from(THERE, rest), rest);
    }
    assertEquals(403, rack.postFrom(THERE, machine.path("enroll"), "machine_id=2").status());
    String log = audit("w1");
    assertTrue(log.contains(NOT_ITS_OWN + ": preseed.cfg: 127.0.0.9 shows the token"), log);
    assertTrue(log.contains(NOT_ITS_OWN + ": enroll"), log);
    assertTrue(log.contains(FIRMWARE), log);
    assertEquals("kernel", machine.stage());
    assertEquals("ok", rack.statusJson(MAC).get("condition").asString());
    rack.stop();
    rack.startAgain();
    assertEquals(403, from(THERE, "preseed.cfg"), "nor after a restart");
    for (String rest : List.of("preseed.cfg", "late.sh", "report/installed")) {
      assertEquals(200, from(FIRMWARE, rest), rest);
    }
    String own = "hostname=w&machine_id=1";
    assertEquals(200, rack.postFrom(FIRMWARE, machine.path("enroll"), own).status());
  }

  /** It crosses the network in clear before its machine has made use of it. */
  @Test
  void whoReadsItBeforeItsMachineUsesItGetsNothing() throws Exception {
    asks("w1", MAC, FIRMWARE);
    assertEquals(200, rack.getFrom(FIRMWARE, SCRIPT).status());
    // However many others ask by its MAC: who has that address by DHCP is not forgotten.
    for (int i = 1; i <= 20; i++) {
      assertEquals(200, rack.getFrom("127.0.1." + i, SCRIPT).status());
    }
    machine.fetchToken();
    for (String rest : List.of("artifact/linux", "preseed.cfg", "report/installed")) {
      assertEquals(403, from(THERE, rest), rest);
    }
    String log = audit("w1");
    assertTrue(log.contains("127.0.0.9 shows the token that was asked for from " + FIRMWARE), log);
    assertEquals(200, from(FIRMWARE, "artifact/linux"));
    eventually(
        "it came",
        () -> rack.events("w1").stream().anyMatch(line -> line.startsWith("token.used ")));

    // Nor who starts its run over from there, and reads the token of the next attempt.
    rack.getFrom(THERE, SCRIPT);
    machine.fetchToken();
    assertEquals(403, from(THERE, "preseed.cfg"));
    assertEquals(200, from(FIRMWARE, "preseed.cfg"));
    assertFalse(rack.statusJson(MAC).toString().contains("quarantined"));
  }

  @Test
  void itsInstallerMayHaveAnotherAddressOfWhichItsDhcpWasHeard() throws Exception {
    boots();
    assertEquals(403, from(INSTALLER, "preseed.cfg"));
    asks("w1", MAC, INSTALLER);
    for (String rest : List.of("preseed.cfg", "late.sh", "report/installed")) {
      assertEquals(200, from(INSTALLER, rest), rest);
    }
    assertEquals(200, from(FIRMWARE, "report/first-boot"), "and go back");
  }

  @Test
  void anotherMachinesDhcpExplainsNothing() throws Exception {
    boots();
    asks("w2", FIXED, INSTALLER);
    assertEquals(403, from(INSTALLER, "preseed.cfg"));
  }

  @Test
  void theAddressOfTheRackFileIsItsOwn() throws Exception {
    asks("w2", FIXED, FIRMWARE);
    machine = new Machine(rack, FIXED);
    machine.fetchToken();
    assertEquals(200, from(FIRMWARE, "preseed.cfg"));
    assertEquals(200, from(OWN, "late.sh"));
    assertEquals(403, from(THERE, "report/installed"));
  }

  @Test
  void whatOneAddressHasHadQuarantinesWhenAnotherAsksForIt() throws Exception {
    boots();
    assertEquals(200, from(FIRMWARE, "preseed.cfg"));
    assertEquals(403, from(THERE, "preseed.cfg"));
    String why = rack.statusJson(MAC).get("why").asString();
    assertTrue(why.startsWith("quarantined, ") && why.contains(THERE), why);
  }

  /** As where a router translates addresses, or no DHCP comes to the appliance. */
  @Test
  void whereItsDhcpIsNotHeardAChangeProvesNothing() {
    machine.fetchToken();
    assertEquals(200, from("127.0.0.1", "preseed.cfg"));
    assertEquals(200, from(INSTALLER, "late.sh"));
    assertEquals(200, from(INSTALLER, "report/installed"));
  }
}
