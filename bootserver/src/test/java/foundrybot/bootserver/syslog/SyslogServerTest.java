// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.syslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.syslog.SyslogMessage.Decoded;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SyslogServerTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static SyslogMessage line(String datagram) {
    Decoded decoded =
        SyslogMessage.decode(ByteBuffer.wrap(datagram.getBytes(StandardCharsets.UTF_8)));
    return decoded instanceof Decoded.Line(SyslogMessage message)
        ? message
        : new SyslogMessage(0, 0, "", "", decoded.toString());
  }

  private static String reason(String datagram) {
    return SyslogMessage.decode(ByteBuffer.wrap(datagram.getBytes(StandardCharsets.UTF_8)))
            instanceof Decoded.Malformed(String reason)
        ? reason
        : "none";
  }

  @Test
  void theOldFormatIsReadWithAndWithoutAHost() {
    assertEquals(
        new SyslogMessage(1, 5, "w1", "main-menu", "Menu item 'partman' selected"),
        line("<13>Nov 29 15:40:00 w1 main-menu[512]: Menu item 'partman' selected"));
    assertEquals(
        new SyslogMessage(0, 6, "", "kernel", "[    1.2] eth0: link up"),
        line("<6>Nov  9 15:40:00 kernel: [    1.2] eth0: link up"));
    assertEquals(
        new SyslogMessage(1, 5, "w1", "anaconda", "ready"),
        line("<13>2026-11-29T15:40:00.123456+00:00 w1 anaconda: ready"));
  }

  @Test
  void ofTheOldFormatAllButThePriorityMayBeMissing() {
    assertEquals(new SyslogMessage(1, 5, "", "", "just words"), line("<13>just words"));
    assertEquals(new SyslogMessage(1, 5, "", "sh", "words"), line("<13>sh: words"));
    assertEquals(new SyslogMessage(0, 0, "", "", ""), line("<0>"));
  }

  @Test
  void theNewFormatIsReadWithItsStructuredDataLeftOut() {
    assertEquals(
        new SyslogMessage(20, 5, "w1", "cloud-init", "ready"),
        line(
            "<165>1 2026-11-29T15:40:00.1Z w1 cloud-init 812 ID47 [a@1 b=\"x\\]y\"][c]"
                + " \uFEFFready"));
    assertEquals(new SyslogMessage(20, 5, "", "", "x"), line("<165>1 - - - - - - x"));
    assertEquals(new SyslogMessage(20, 5, "", "", ""), line("<165>1 - - - - - -"));
  }

  @Test
  void whatIsNoLineSaysWhyNot() {
    for (String wrong : new String[] {"", "x", "<192>x", "<013>x", "<>x", "<1", "<-1>x", "1>x"}) {
      assertEquals("priority", reason(wrong), wrong);
    }
    assertEquals("header", reason("<1>1 - - -"));
    assertEquals("header", reason("<1>1 - - " + "a".repeat(49) + " - - - x"));
    assertEquals("data", reason("<1>1 - - - - - [a b=\"x"));
    assertEquals("data", reason("<1>1 - - - - - x"));
  }

  @Test
  void whatATerminalWouldObeyIsGone() {
    assertEquals("red plain", line("<1>\u001b[1;31mred\u001b[0m\u0007plain").text());
    assertEquals("a b", line("<1>a\nb\u202e\u0000").text());
    assertEquals(SyslogMessage.MAX_TEXT, line("<1>" + "x".repeat(4000)).text().length());
  }

  @Test
  void linesArriveAndWhatIsNoneIsCounted() throws Exception {
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    try (EventLoops loops = EventLoops.start(1);
        SyslogServer server =
            SyslogServer.start(
                SyslogSettings.on(LOOPBACK, 0),
                loops,
                (from, message) -> lines.add(from.getHostAddress() + " " + message.text()));
        DatagramSocket socket = new DatagramSocket(0, LOOPBACK)) {
      for (String text : new String[] {"junk", "<13>one", "<13>1 x", "<13>two"}) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, LOOPBACK, server.port()));
      }
      assertEquals("127.0.0.1 one", lines.poll(10, TimeUnit.SECONDS));
      assertEquals("127.0.0.1 two", lines.poll(10, TimeUnit.SECONDS));
      assertEquals(
          Map.of("received", 2L, "malformed.priority", 1L, "malformed.header", 1L),
          server.counters());
    }
  }

  @Test
  @Tag("slow")
  void theLinesOfLoggerArrive() throws Exception {
    BlockingQueue<SyslogMessage> lines = new LinkedBlockingQueue<>();
    try (EventLoops loops = EventLoops.start(1);
        SyslogServer server =
            SyslogServer.start(
                SyslogSettings.on(LOOPBACK, 0), loops, (_, message) -> lines.add(message))) {
      for (String format : new String[] {"--rfc3164", "--rfc5424"}) {
        Process logger =
            new ProcessBuilder(
                    "logger",
                    format,
                    "-d",
                    "-n",
                    "127.0.0.1",
                    "-P",
                    "" + server.port(),
                    "-t",
                    "partman",
                    "-p",
                    "daemon.err",
                    "no disk: /dev/vda")
                .inheritIO()
                .start();
        assertTrue(logger.waitFor(10, TimeUnit.SECONDS) && logger.exitValue() == 0, format);
        SyslogMessage line = lines.poll(10, TimeUnit.SECONDS);
        assertNotNull(line, format);
        assertEquals("partman", line.app(), format);
        assertEquals("no disk: /dev/vda", line.text(), format);
        assertEquals(3, line.facility(), format);
        assertEquals(3, line.severity(), format);
      }
    }
  }
}
