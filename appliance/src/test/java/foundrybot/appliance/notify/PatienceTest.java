// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import foundrybot.appliance.notify.Patience.Reply;
import foundrybot.appliance.notify.Patience.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatienceTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Verdict judge(Reply reply, int tries, double random) {
    return Patience.USUAL.judge(reply, tries, NOW, NOW, random);
  }

  private static Reply answered(int status, String retryAfter) {
    return new Reply.Answered(status, retryAfter, "no");
  }

  private static long wait(Verdict verdict) {
    return Duration.between(NOW, assertInstanceOf(Verdict.Again.class, verdict).at()).toMillis();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 202, 204, 299})
  void whatWasTakenIsDone(int status) {
    assertEquals(new Verdict.Delivered(), judge(answered(status, ""), 1, 0));
  }

  @Test
  void waitsGrowToFiveMinutesAndHalfOfEachIsChance() {
    Reply none = new Reply.Unanswered("nobody there");
    List<Long> longest =
        IntStream.rangeClosed(1, 11).mapToObj(n -> wait(judge(none, n, 1.0))).toList();
    assertEquals(
        List.of(
            1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 32_000L, 64_000L, 128_000L, 256_000L, 300_000L,
            300_000L),
        longest);
    assertEquals(500, wait(judge(none, 1, 0.0)));
    assertEquals(150_000, wait(judge(none, 2_000_000, 0.0)));
  }

  @ParameterizedTest
  @CsvSource({
    "503, 120, 120000",
    "429, 0, 500",
    "503, 86400, 3600000",
    "503, 999999999, 3600000",
    "503, 'Thu, 01 Jan 2026 00:02:00 GMT', 120000",
    "503, 'Wed, 31 Dec 2025 00:00:00 GMT', 500",
    "503, soon, 500",
    "503, -5, 500",
    "400, 60, 60000"
  })
  void aReceiverMayAskForAWaitOfAnHourAtMost(int status, String retryAfter, long expected) {
    assertEquals(expected, wait(judge(answered(status, retryAfter), 1, 0.0)));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 400, 401, 403, 404, 422})
  void whatIsRefusedFiveTimesIsGivenUp(int status) {
    assertInstanceOf(Verdict.Again.class, judge(answered(status, ""), 4, 0));
    assertEquals(new Verdict.Dead(status + " no, 5 times"), judge(answered(status, ""), 5, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504})
  void whatMayPassIsTriedForThreeDays(int status) {
    assertInstanceOf(Verdict.Again.class, judge(answered(status, ""), 500, 0));
    Instant late = NOW.plus(Duration.ofDays(3));
    assertInstanceOf(
        Verdict.Dead.class, Patience.USUAL.judge(answered(status, ""), 500, NOW, late, 0));
  }

  @Test
  void whoIsGoneIsSentNothingMore() {
    assertInstanceOf(Verdict.Gone.class, judge(answered(410, ""), 1, 0));
  }
}
