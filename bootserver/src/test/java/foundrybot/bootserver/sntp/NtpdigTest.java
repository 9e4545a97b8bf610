// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.sntp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.EventLoops;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** NTPsec's ntpdig as the client; package ntpsec-ntpdig. It asks port 123 only. */
@Tag("slow")
@Timeout(120)
class NtpdigTest {
  private static final InetAddress ADDRESS = InetAddress.ofLiteral("127.77.0.123");
  private static final Duration AHEAD = Duration.ofMinutes(5);

  private static String ask(TimeQuality quality) throws Exception {
    try (EventLoops loops = EventLoops.start(1);
        SntpServer _ =
            SntpServer.start(
                SntpSettings.on(ADDRESS, 123),
                loops,
                Clock.offset(Clock.systemUTC(), AHEAD),
                () -> quality,
                _ -> {})) {
      Process ntpdig =
          new ProcessBuilder("ntpdig", "-t", "20", ADDRESS.getHostAddress())
              .redirectErrorStream(true)
              .start();
      String out = new String(ntpdig.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      ntpdig.waitFor();
      return out;
    }
  }

  @Test
  void ntpdigReadsTheDifferenceOfTheClocks() throws Exception {
    String out = ask(TimeQuality.ownClock(10));
    Matcher offset = Pattern.compile("\\(\\+0000\\) \\+?([0-9.]+) \\+/- ([0-9.]+)").matcher(out);
    assertTrue(offset.find(), out);
    // Within what ntpdig itself says it may be wrong by.
    double wrong = Math.abs(Double.parseDouble(offset.group(1)) - AHEAD.toSeconds());
    assertTrue(wrong <= Double.parseDouble(offset.group(2)) + 0.001, out);
    assertTrue(out.contains("s10 no-leap"), out);
  }

  @Test
  void ntpdigGoesByNoClockThatIsNotSet() throws Exception {
    String out = ask(new TimeQuality.Unsynchronised());
    assertEquals(false, out.contains("+/-"), out);
  }
}
