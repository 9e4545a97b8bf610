// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Outcome.Failed;
import foundrybot.redfish.WakeOnLan.Way;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WakeOnLanTest {

  private static final HardwareAddress CARD = new HardwareAddress("52-54-00-AA-00-01");
  private static final Duration SPACING = Duration.ofMillis(250);

  /** The whole loopback network's broadcast address: real broadcast, and nobody is disturbed. */
  private static final Inet4Address BROADCAST = address(127, 255, 255, 255);

  private static final Inet4Address LOOPBACK = address(127, 0, 0, 1);

  private final List<Duration> pauses = new ArrayList<>();
  private final DatagramSocket listener = unbound();

  @BeforeEach
  void listen() throws IOException {
    listener.bind(new InetSocketAddress(address(0, 0, 0, 0), 0));
    listener.setSoTimeout(5000);
  }

  @AfterEach
  void close() {
    listener.close();
  }

  @Test
  void aMagicPacketIsSixTimesFFAndSixteenTimesTheAddress() throws IOException {
    assertInstanceOf(
        Done.class, machine(SecureOn.NONE, LOOPBACK, 1).power(PowerAction.ON, Duration.ZERO));
    String expected = "ff".repeat(6) + "525400aa0001".repeat(16);
    assertArrayEquals(HexFormat.of().parseHex(expected), received());
  }

  @ParameterizedTest
  @ValueSource(strings = {"01:02:03:04:05:06", "0a-0b-0c-0d"})
  void aSecureOnPasswordStandsBehindTheAddresses(String password) throws IOException {
    machine(SecureOn.parse(password), BROADCAST, 1).power(PowerAction.ON, Duration.ZERO);
    byte[] packet = received();
    assertArrayEquals(
        HexFormat.of().parseHex(password.replaceAll("[:-]", "")),
        Arrays.copyOfRange(packet, 102, packet.length));
  }

  @Test
  void packetsAreBroadcastSeveralTimesWithTheSpacingBetween() throws IOException {
    Outcome<PowerState> outcome =
        machine(SecureOn.NONE, BROADCAST, 3).power(PowerAction.ON, Duration.ZERO);
    for (int i = 0; i < 3; i++) {
      assertEquals(102, received().length);
    }
    assertEquals(List.of(SPACING, SPACING), pauses);
    assertEquals(
        "wol 52:54:00:aa:00:01: sent, 3 of 3 magic packets from 127.0.0.1 to 127.255.255.255:"
            + listener.getLocalPort(),
        outcome.evidence());
  }

  @Test
  void anAddressThatIsNotOfThisHostIsAFailureThatSaysSo() {
    Way way = new Way(address(192, 0, 2, 1), BROADCAST, 9, 1, SPACING);
    Outcome<PowerState> outcome =
        new WakeOnLan(CARD, SecureOn.NONE, way, pauses::add).power(PowerAction.ON, Duration.ZERO);
    assertEquals(Kind.NOT_SENT, fault(outcome).kind());
    assertTrue(outcome.evidence().contains("0 of 1"), outcome.evidence());
    assertTrue(outcome.evidence().contains("an address of this host"), outcome.evidence());
  }

  @Test
  void anInterruptEndsTheSendingAndIsNotSwallowed() {
    Way way = new Way(LOOPBACK, LOOPBACK, listener.getLocalPort(), 3, SPACING);
    WakeOnLan.Pause interrupted =
        time -> {
          throw new InterruptedException();
        };
    Outcome<PowerState> outcome =
        new WakeOnLan(CARD, SecureOn.NONE, way, interrupted).power(PowerAction.ON, Duration.ZERO);
    assertTrue(Thread.interrupted());
    assertEquals(Kind.UNKNOWN_OUTCOME, fault(outcome).kind(), "one has left");
    assertTrue(outcome.evidence().contains("1 of 3"), outcome.evidence());
  }

  @Test
  void itSaysThatItCanDoNothingElse() {
    Bmc machine = machine(SecureOn.NONE, LOOPBACK, 1);
    assertEquals(
        "wol 52:54:00:aa:00:01: does not support anything but switching on",
        machine.power(PowerAction.OFF, Duration.ZERO).evidence());
    assertInstanceOf(Outcome.Unsupported.class, machine.inventory());
  }

  @Test
  void thePasswordIsNeverShown() {
    SecureOn password = SecureOn.parse("de:ad:be:ef:00:01");
    assertFalse(password.toString().contains("de"), password.toString());
    var refusal = assertThrows(IllegalArgumentException.class, () -> SecureOn.parse("de:ad:be"));
    assertFalse(refusal.toString().contains("de:ad"), refusal.toString());
    Outcome<PowerState> outcome =
        machine(password, LOOPBACK, 1).power(PowerAction.ON, Duration.ZERO);
    assertFalse(outcome.evidence().contains("de:ad"), outcome.evidence());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "52:54:00",
        "00:00:00:00:00:00",
        "ff:ff:ff:ff:ff:ff",
        "01:00:5e:00:00:01",
        "x"
      })
  void anAddressThatIsNoCardsIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> new HardwareAddress(text));
  }

  @Test
  void aWayThatCannotWorkIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Way(address(0, 0, 0, 0), BROADCAST, 9, 1, SPACING));
    assertThrows(IllegalArgumentException.class, () -> new Way(LOOPBACK, BROADCAST, 0, 1, SPACING));
    assertThrows(IllegalArgumentException.class, () -> new Way(LOOPBACK, BROADCAST, 9, 0, SPACING));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Way(LOOPBACK, BROADCAST, 9, 2, Duration.ofMinutes(1)));
  }

  private Bmc machine(SecureOn password, Inet4Address destination, int packets) {
    Way way = new Way(LOOPBACK, destination, listener.getLocalPort(), packets, SPACING);
    return new WakeOnLan(CARD, password, way, pauses::add);
  }

  private static BmcFault fault(Outcome<?> outcome) {
    return assertInstanceOf(Failed.class, outcome).fault();
  }

  private byte[] received() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
    listener.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  private static DatagramSocket unbound() {
    try {
      return new DatagramSocket(null);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Inet4Address address(int a, int b, int c, int d) {
    try {
      byte[] bytes = {(byte) a, (byte) b, (byte) c, (byte) d};
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
