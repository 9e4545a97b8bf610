// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.syslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.bootserver.syslog.SyslogMessage.Decoded;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Any datagram on the port for logs. */
final class SyslogFuzzTest {
  /** A line is short and printable; written as RFC 5424 and read again it is the same. */
  @FuzzTest
  void message(byte[] datagram) {
    switch (SyslogMessage.decode(ByteBuffer.wrap(datagram))) {
      case Decoded.Malformed(String reason) ->
          assertTrue(Set.of("priority", "header", "data").contains(reason), reason);
      case Decoded.Line(SyslogMessage message) -> {
        assertTrue(message.facility() >= 0 && message.facility() <= 23);
        assertTrue(message.severity() >= 0 && message.severity() <= 7);
        for (String text : new String[] {message.host(), message.app(), message.text()}) {
          assertTrue(text.length() <= SyslogMessage.MAX_TEXT);
          assertTrue(text.chars().noneMatch(Character::isISOControl));
        }
        SyslogMessage plain =
            new SyslogMessage(message.facility(), message.severity(), "", "", message.text());
        assertEquals(
            new Decoded.Line(plain), SyslogMessage.decode(ByteBuffer.wrap(written(message))));
      }
    }
  }

  private static byte[] written(SyslogMessage message) {
    int priority = message.facility() * 8 + message.severity();
    return ("<" + priority + ">1 - - - - - - " + message.text()).getBytes(StandardCharsets.UTF_8);
  }
}
