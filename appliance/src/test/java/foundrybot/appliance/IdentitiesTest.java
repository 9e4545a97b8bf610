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
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine that boots under a UUID, and a BMC that reports one. */
class IdentitiesTest {
  private static final String MAC = "52:54:00:aa:00:01";
  private static final UUID OURS = UUID.fromString("4c4c4544-0042-3510-8052-b7c04f503732");
  private static final UUID OTHER = UUID.fromString("aaaaaaaa-bbbb-cccc-8888-dddddddddddd");

  @TempDir private Path folder = Path.of("");

  private LoopbackAppliance rack() {
    return new LoopbackAppliance(folder).with("dhcp", "proxy").node(MAC, "w1", "debian-12");
  }

  private static Heard bmcSays(LoopbackAppliance rack, String lines) {
    return rack.send(rack.asOperator("nodes/w1/identity").POST(BodyPublishers.ofString(lines)));
  }

  /** A DISCOVER of a BIOS ROM with option 97, as SMBIOS has it or in the order of the network. */
  private static void boots(LoopbackAppliance rack, UUID uuid, boolean network) throws IOException {
    ByteBuffer packet = ByteBuffer.allocate(400);
    packet.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0).putInt(7);
    packet.position(28);
    packet.put(HexFormat.ofDelimiter(":").parseHex(MAC));
    packet.position(236);
    packet.putInt(0x63825363).put(new byte[] {53, 1, 1, 60, 9});
    packet.put("PXEClient".getBytes(StandardCharsets.US_ASCII));
    packet.put(new byte[] {93, 2, 0, 0, 97, 17, 0});
    long high = uuid.getMostSignificantBits();
    if (network) {
      packet.putLong(high);
    } else {
      packet.putInt(Integer.reverseBytes((int) (high >>> 32)));
      packet.putShort(Short.reverseBytes((short) (high >>> 16)));
      packet.putShort(Short.reverseBytes((short) high));
    }
    packet.putLong(uuid.getLeastSignificantBits()).put((byte) 255);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.99.0.2"))) {
      socket.send(
          new DatagramPacket(
              packet.array(),
              packet.position(),
              new InetSocketAddress(LoopbackAppliance.ADDRESS, rack.port("dhcp"))));
    }
  }

  private static void boots(LoopbackAppliance rack, UUID uuid) throws IOException {
    boots(rack, uuid, false);
  }

  private static boolean heard(LoopbackAppliance rack, UUID uuid) {
    return rack.events("w1").stream().anyMatch(line -> line.equals("dhcp.identity " + uuid));
  }

  @Test
  void aMachineOfAnotherUuidThanItsBmcReportsGetsNoToken() throws Exception {
    try (LoopbackAppliance rack = rack().start()) {
      Machine machine = new Machine(rack, MAC);
      assertEquals("", bmcSays(rack, OURS + "\n" + MAC).text());
      boots(rack, OTHER);
      eventually("the UUID is noted", () -> heard(rack, OTHER));
      Heard script = machine.script();
      assertEquals(200, script.status());
      assertFalse(Machine.installs(script), script::text);
      assertTrue(script.text().contains(OURS.toString()), script::text);
      assertTrue(script.text().contains(OTHER.toString()), script::text);
      var status = rack.statusJson(MAC);
      assertEquals("stuck", status.get("condition").asString());
      assertTrue(status.get("tryNext").asString().contains("--accept-identity w1"));
      assertTrue(status.get("why").asString().contains(OTHER.toString()));

      boots(rack, OURS);
      eventually("the machine itself is served", () -> Machine.installs(machine.script()));
      assertEquals("ok", rack.statusJson(MAC).get("condition").asString());
    }
  }

  @Test
  void aUuidInTheOrderOfTheNetworkIsTheSameMachine() throws Exception {
    try (LoopbackAppliance rack = rack().start()) {
      bmcSays(rack, OURS + "\n" + MAC);
      boots(rack, OURS, true);
      eventually(
          "the offer is out",
          () -> rack.events("w1").stream().anyMatch(line -> line.startsWith("dhcp.offer")));
      assertTrue(Machine.installs(new Machine(rack, MAC).script()));
    }
  }

  @Test
  void aMachineThatTurnsOutToBeAnotherDuringItsRunGetsNoMoreSecretsAndIsStillHeard()
      throws Exception {
    try (LoopbackAppliance rack = rack().start()) {
      boots(rack, OTHER);
      eventually("the UUID is noted", () -> heard(rack, OTHER));
      Machine machine = new Machine(rack, MAC);
      machine.fetchToken();
      assertEquals(200, machine.get("artifact/linux").status());
      assertEquals(200, machine.get("preseed.cfg").status());

      bmcSays(rack, OURS + "\n" + MAC);
      for (String secret : List.of("artifact/linux", "preseed.cfg", "late.sh")) {
        Heard refused = machine.get(secret);
        assertEquals(403, refused.status(), secret);
        assertTrue(refused.text().contains(OURS.toString()), refused::text);
      }
      assertTrue(
          rack.events("w1").stream().anyMatch(line -> line.startsWith("secrets.refused")),
          () -> rack.events("w1").toString());
      assertEquals(200, machine.report("failed").status());
      rack.stop();
      rack.startAgain();
      assertEquals(403, machine.get("preseed.cfg").status(), "after a restart");

      rack.send(rack.asOperator("nodes/w1/accept-identity").POST(BodyPublishers.noBody()));
      assertEquals(200, machine.get("preseed.cfg").status());
    }
  }

  @Test
  void aMachineThatTurnsOutToBeAnotherIsNotTakenForTheNode() throws Exception {
    try (LoopbackAppliance rack = rack().start()) {
      boots(rack, OTHER);
      eventually("the UUID is noted", () -> heard(rack, OTHER));
      Machine machine = new Machine(rack, MAC).install();
      bmcSays(rack, OURS + "\n" + MAC);
      Heard refused = machine.enroll();
      assertEquals(403, refused.status(), refused::text);
      assertTrue(refused.text().contains(OURS.toString()), refused::text);
      assertEquals("installed", machine.stage());
      String log = rack.send(rack.asOperator("audit?node=w1")).text();
      assertTrue(log.contains("another machine than the node's BMC holds: enroll"), log);
      rack.send(rack.asOperator("nodes/w1/accept-identity").POST(BodyPublishers.noBody()));
      assertEquals(200, machine.enroll().status());
    }
  }

  @Test
  void whoAsksInTheNameOfAMachineUnderWayTakesNothingFromIt() throws Exception {
    try (LoopbackAppliance rack = rack().start()) {
      bmcSays(rack, OURS + "\n" + MAC);
      boots(rack, OURS);
      eventually("the UUID is noted", () -> heard(rack, OURS));
      Machine machine = new Machine(rack, MAC);
      machine.fetchToken();
      assertEquals(200, machine.get("artifact/linux").status());
      boots(rack, OTHER);
      eventually("the forged UUID is noted", () -> heard(rack, OTHER));
      assertFalse(Machine.installs(machine.script()), "no token for who forged it");
      assertEquals(200, machine.get("preseed.cfg").status());
    }
  }

  @Test
  void theBmcOfAnotherMachineIsFoundByItsCards() {
    try (LoopbackAppliance rack = rack().start()) {
      String verdict = bmcSays(rack, "\n52:54:00:bb:00:01\n52:54:00:bb:00:02").text();
      assertTrue(verdict.contains("52:54:00:bb:00:01"), verdict);
      assertFalse(Machine.installs(new Machine(rack, MAC).script()));
    }
  }

  @Test
  void whatIsNoReportOfABmcIsRefusedAndNotNoted() {
    try (LoopbackAppliance rack = rack().start()) {
      for (String junk : List.of("hello", OURS + "\nhello", "<html>\n" + MAC, "\n\n")) {
        Heard refused = bmcSays(rack, junk);
        assertEquals(422, refused.status(), junk);
        assertTrue(refused.text().contains("expected: "), refused::text);
      }
      assertEquals(200, bmcSays(rack, "").status(), "a BMC that tells nothing");
      assertEquals(
          1, rack.events("w1").stream().filter(line -> line.startsWith("bmc.identity")).count());
    }
  }

  @Test
  void whatTheOperatorAcceptsOpensTheWayAndOutlivesARestart() throws Exception {
    try (LoopbackAppliance rack = rack().start()) {
      bmcSays(rack, OURS + "\n" + MAC);
      boots(rack, OTHER);
      eventually("the UUID is noted", () -> heard(rack, OTHER));
      rack.stop();
      rack.startAgain();
      Machine machine = new Machine(rack, MAC);
      assertFalse(Machine.installs(machine.script()));
      Heard accepted =
          rack.send(rack.asOperator("nodes/w1/accept-identity").POST(BodyPublishers.noBody()));
      assertEquals(200, accepted.status());
      assertTrue(accepted.text().contains(OTHER.toString()), accepted::text);
      assertTrue(Machine.installs(machine.script()));
      rack.stop();
      rack.startAgain();
      assertTrue(Machine.installs(machine.script()));
    }
  }
}
