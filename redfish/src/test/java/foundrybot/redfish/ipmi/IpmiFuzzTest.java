// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.function.Function;

/** Any datagram from a BMC, and any body of an answer: a value or {@link Malformed}. */
final class IpmiFuzzTest {
  private static final SessionKeys KEYS = new SessionKeys(CipherSuite.SUITE_17, new byte[32]);

  /** Nobody without the key gets a packet taken; what was sealed is opened again. */
  @FuzzTest
  void packet(byte[] datagram) {
    read(
        datagram,
        in -> {
          RmcpPacket packet = RmcpPacket.decode(in);
          assertTrue(packet.payload().length <= RmcpPacket.MAX_BYTES);
          return KEYS.open(packet);
        });
    byte[] message = Arrays.copyOf(datagram, Math.min(datagram.length, 255));
    byte[] sealed = KEYS.seal(RmcpPacket.IPMI, 7, 9, message, new byte[16]);
    assertArrayEquals(message, KEYS.open(RmcpPacket.decode(sealed)).orElseThrow());
    sealed[sealed.length - 1] ^= 1;
    assertTrue(KEYS.open(RmcpPacket.decode(sealed)).isEmpty());
  }

  @FuzzTest
  void answer(byte[] body) {
    read(body, in -> IpmiMessage.decode(in));
    read(body, in -> KeyExchange.Opened.decode(in));
    read(body, in -> KeyExchange.Second.decode(in));
    read(body, in -> KeyExchange.Fourth.decode(in));
    read(body, in -> AuthenticationCapabilities.decode(in));
    read(body, in -> ChassisStatus.decode(in));
    read(body, in -> DeviceId.decode(in).vendor());
    read(body, in -> SystemGuid.decode(in));
    read(body, in -> BootFlags.decode(in).setting().text());
    read(body, in -> SelInfo.decode(in));
    read(body, in -> SelEntry.decode(in));
    read(body, in -> new SolWindow().take(SolPacket.decode(in)));
  }

  /** Names are bounded and printable whatever the inventory holds. */
  @FuzzTest
  void inventory(byte[] area) {
    for (FruArea.Kind kind : FruArea.Kind.values()) {
      read(
          area,
          in -> {
            FruArea fru = FruArea.decode(in, kind);
            for (String field : fru.fields()) {
              assertTrue(field.length() <= 126 && field.indexOf('\n') < 0, field);
            }
            return fru;
          });
    }
  }

  private static void read(byte[] bytes, Function<byte[], Object> decoder) {
    try {
      var _ = decoder.apply(bytes);
    } catch (Malformed e) {
      assertTrue(!e.what().isEmpty());
    }
  }
}
