// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.PowerState;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Datagrams as they stand on the wire; whole conversations are those of real consoles. */
final class IpmiResponderTest {
  static final UUID ID = UUID.fromString("12345678-9abc-4def-8123-456789abcdef");

  private static final byte[] PING = hex("0600ff06 000011be 80 2a 00 00");
  private static final byte[] AUTHENTICATION =
      hex("0600ff07 00 00000000 00000000 09 20 18 c8 81 04 38 8e 04 b1");
  private static final byte[] OPEN =
      hex(
          "0600ff07 06 10 00000000 00000000 2000 07 04 0000 a4a3a2a0"
              + "00000008 03000000 01000008 04000000 02000008 01000000");
  private static final byte[] RAKP_1 =
      hex(
          "0600ff07 06 12 00000000 00000000 2100 08 000000 01020304"
              + "000102030405060708090a0b0c0d0e0f 14 0000 05 61646d696e");

  private final PoweredMachine machine = machine();

  static PoweredMachine machine() {
    return new PoweredMachine(
        new PoweredMachine.Plate(ID, "SN0042", List.of(new HardwareAddress("52:54:00:aa:01:01"))),
        PoweredMachine.NOTHING);
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  @Test
  void aPingOfAsfIsAnsweredByTheTagItCameWith() throws IOException {
    try (IpmiResponder responder = IpmiResponder.start(IpmiResponder.Setup.of(machine));
        DatagramSocket socket = connect(responder)) {
      byte[] pong = ask(socket, PING);
      assertArrayEquals(hex("0600ff06 000011be 40 2a 00 10"), Arrays.copyOf(pong, 12));
      assertEquals(28, pong.length);
      assertEquals((byte) 0x81, pong[20]);
    }
  }

  @Test
  void whoDoesNotAskForItDoesNotHearOfVersionTwo() throws IOException {
    try (IpmiResponder responder = IpmiResponder.start(IpmiResponder.Setup.of(machine));
        DatagramSocket socket = connect(responder)) {
      byte[] answer = ask(socket, AUTHENTICATION);
      assertArrayEquals(
          hex("81 1c 63 20 04 38 00 01 80 04 02"), Arrays.copyOfRange(answer, 14, 25));
      byte[] old = AUTHENTICATION.clone();
      old[20] = 0x0e;
      old[22] = 0x31;
      assertEquals(0, ask(socket, old)[22]);
    }
  }

  @Test
  void aSessionIsOpenedOnceHoweverOftenItIsAskedFor() throws IOException {
    try (IpmiResponder responder = IpmiResponder.start(IpmiResponder.Setup.of(machine));
        DatagramSocket socket = connect(responder)) {
      byte[] opened = ask(socket, OPEN);
      assertEquals(0, opened[17]);
      assertArrayEquals(opened, ask(socket, OPEN));
      assertEquals(1, responder.account().openSessions());
      assertEquals(0x02, ask(socket, RAKP_1)[17], "a session that nobody has opened");
    }
  }

  @Test
  void nothingThatIsSentBringsItDown() throws IOException {
    Random random = new Random(7);
    byte[][] seeds = {PING, AUTHENTICATION, OPEN, RAKP_1};
    try (IpmiResponder responder = IpmiResponder.start(IpmiResponder.Setup.of(machine));
        DatagramSocket socket = connect(responder)) {
      for (int i = 0; i < 4000; i++) {
        byte[] seed = seeds[random.nextInt(seeds.length)];
        byte[] bytes = Arrays.copyOf(seed, random.nextInt(seed.length + 20));
        for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        socket.send(new DatagramPacket(bytes, bytes.length));
        if (i % 50 == 0) {
          awaitPong(socket);
        }
      }
      awaitPong(socket);
      assertTrue(responder.account().dropped() > 100);
      assertEquals(PowerState.OFF, machine.powerState());
      assertEquals(0, responder.account().sessions());
    }
  }

  @Test
  void oneThatIsSilentSaysNothing() throws IOException {
    try (IpmiResponder responder =
            IpmiResponder.start(
                IpmiResponder.Setup.of(machine).with(IpmiFaults.NONE.inSilence(), 1));
        DatagramSocket socket = connect(responder)) {
      socket.setSoTimeout(200);
      assertThrows(SocketTimeoutException.class, () -> ask(socket, PING));
    }
  }

  @Test
  void whatCannotBeIsSaidSo() {
    assertThrows(IllegalArgumentException.class, () -> IpmiFaults.NONE.losing(1.5, 0));
    assertThrows(IllegalArgumentException.class, () -> IpmiFaults.NONE.saying(0, 1, 256, 1, true));
    IllegalArgumentException suite =
        assertThrows(IllegalArgumentException.class, () -> IpmiAccess.USUAL.withSuites(0x11, 0));
    assertEquals("cipher suite: 0 (expected: 3 or 17)", suite.getMessage());
  }

  private static DatagramSocket connect(IpmiResponder responder) throws IOException {
    DatagramSocket socket = new DatagramSocket();
    socket.connect(InetAddress.getLoopbackAddress(), responder.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static byte[] ask(DatagramSocket socket, byte[] request) throws IOException {
    socket.send(new DatagramPacket(request, request.length));
    return receive(socket);
  }

  private static byte[] receive(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
    socket.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  /** Answers to others come before. */
  private static void awaitPong(DatagramSocket socket) throws IOException {
    byte[] ping = PING.clone();
    ping[9] = (byte) 0xee;
    byte[] answer = ask(socket, ping);
    while (answer.length != 28 || answer[9] != (byte) 0xee) {
      answer = receive(socket);
    }
  }
}
