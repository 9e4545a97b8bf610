// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.store.Store;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class StrangersTest {
  private static final String KNOWN = "52:54:00:bb:00:01";
  private static final String STRANGER = "52:54:00:ff:00:01";

  private LoopbackAppliance appliance;
  private Machine stranger;

  @BeforeEach
  void start(@TempDir Path folder) {
    appliance = new LoopbackAppliance(folder).with("unknown", "discover").with("dhcp", "proxy");
    appliance.node(KNOWN, "w1", "debian-12").start();
    stranger = new Machine(appliance, STRANGER);
  }

  @AfterEach
  void stop() {
    appliance.close();
  }

  /** What UEFI firmware says first. */
  private void asksToBoot(String mac) throws Exception {
    ByteBuffer packet = ByteBuffer.allocate(300);
    packet.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0).putInt(0x5eed0001);
    packet.putShort((short) 0).putShort((short) 0x8000);
    packet.put(28, HexFormat.ofDelimiter(":").parseHex(mac)).position(236);
    packet.putInt(0x63825363).put(new byte[] {53, 1, 1, 93, 2, 0, 7, 94, 3, 1, 3, 16});
    byte[] vendorClass = "PXEClient:Arch:00007:UNDI:003016".getBytes(StandardCharsets.US_ASCII);
    packet.put((byte) 60).put((byte) vendorClass.length).put(vendorClass);
    packet.put(new byte[] {55, 4, 1, 3, 66, 67, (byte) 255});
    InetAddress address = InetAddress.ofLiteral(LoopbackAppliance.ADDRESS);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.send(new DatagramPacket(packet.array(), 300, address, appliance.port("dhcp")));
    }
  }

  private List<String> seen() {
    List<String> macs = new ArrayList<>();
    for (JsonNode one : appliance.statusJson().get("strangers")) {
      macs.add(one.get("mac").asString());
    }
    return macs;
  }

  @Test
  void aMachineThatAsksToBootIsShownAsSeenAndGetsTheDiscoverScript() throws Exception {
    asksToBoot(STRANGER);
    LoopbackAppliance.eventually("seen", () -> seen().equals(List.of(STRANGER)));
    JsonNode shown = appliance.statusJson().get("strangers").get(0);
    assertTrue(shown.get("said").asString().startsWith("arch="), shown.toString());
    assertEquals(appliance.clock.instant().toString(), shown.get("at").asString());

    Heard script = stranger.script();
    assertEquals(200, script.status());
    assertTrue(script.text().contains("/discover?mac="), script.text());
    assertFalse(Machine.installs(script));
    assertTrue(stranger.script("uefi.ipxe").text().contains("exit 1"));
    assertEquals(1, appliance.statusJson().get("nodes").size());
  }

  @Test
  void whatADiscoveredMachineSaysAboutItselfIsShown() {
    assertEquals(400, appliance.get("/discover").status());
    assertEquals(400, appliance.get("/discover?mac=nonsense").status());
    Heard answer =
        appliance.get(
            "/discover?mac=52-54-00-ff-00-01&serial=A%20B7&manufacturer=ACME&arch=x86_64");
    assertEquals(200, answer.status());
    assertTrue(answer.text().startsWith("#!ipxe\n"), answer.text());
    assertEquals(List.of(STRANGER), seen());
    String said = appliance.statusJson().get("strangers").get(0).get("said").asString();
    assertTrue(said.contains("serial=A B7") && said.contains("manufacturer=ACME"), said);
  }

  @Test
  void aKnownMachineIsNoStranger() throws Exception {
    asksToBoot(KNOWN);
    assertEquals(200, appliance.get("/discover?mac=" + KNOWN).status());
    Machine known = new Machine(appliance, KNOWN);
    LoopbackAppliance.eventually("offered", () -> known.stage().equals("dhcp"));
    assertEquals(List.of(), seen());
  }

  @Test
  void onceInTheRackFileItIsAMachineOfWhichNothingWasHeardYet() {
    String program = "/program/" + STRANGER.replace(':', '-') + "/snponly.efi";
    assertEquals(200, appliance.get(program).status());
    assertEquals(200, appliance.get("/discover?mac=" + STRANGER).status());
    appliance.clock.pass(Duration.ofHours(1));
    appliance.node(STRANGER, "w2", "debian-12");
    appliance.appliance().replaceRack(appliance.rack(), FirmwareTable.builtIn());
    assertEquals(List.of(), seen());
    assertEquals("planned", stranger.stage());
    appliance.stop();
    appliance.startAgain();
    assertEquals("planned", stranger.stage(), "a restart is a replay");
    stranger.fetchToken();
  }

  @Test
  void allStrangersTogetherHaveOneAllowanceInTheJournal() {
    for (int i = 0; i < 200; i++) {
      String mac = String.format(Locale.ROOT, "52-54-00-ee-00-%02x", i);
      assertEquals(200, appliance.get("/program/" + mac + "/snponly.efi").status());
    }
    appliance.stop();
    List<Fact> written = new ArrayList<>();
    try (Store store = Store.open(appliance.data())) {
      for (int i = 0; i < 200; i++) {
        String mac = String.format(Locale.ROOT, "52:54:00:ee:00:%02x", i);
        written.addAll(store.history(mac, 10));
      }
    }
    assertFalse(written.isEmpty());
    assertTrue(written.size() <= 120, written.size() + " lines");
  }

  /** A MAC is no secret: whoever knows one can send packets in its name. */
  @Test
  void forgedPacketsSilenceNeitherTheReportsOfANodeNorItsScript() throws Exception {
    Machine known = new Machine(appliance, KNOWN);
    known.fetchToken();
    for (int i = 0; i < 400; i++) {
      asksToBoot(KNOWN);
      assertEquals(
          200, appliance.get("/program/" + KNOWN.replace(':', '-') + "/ipxe.efi").status());
    }
    LoopbackAppliance.eventually("left out", () -> tooLoud() > 100);
    assertEquals(200, known.report("installer-started").status());
    assertEquals(200, known.get("preseed.cfg").status());
    assertEquals("installing", known.stage());
    known.fetchToken();
    assertEquals(200, known.get("preseed.cfg").status());
    assertEquals(2, appliance.statusJson(KNOWN).get("attempt").asInt());
    assertTrue(appliance.events("w1").size() < 500, "lines of the journal");
  }

  private int tooLoud() {
    JsonNode wire = appliance.statusJson().get("counters");
    JsonNode number = wire.get("journal.dropped-machine-too-loud");
    return number == null ? 0 : number.asInt();
  }
}
