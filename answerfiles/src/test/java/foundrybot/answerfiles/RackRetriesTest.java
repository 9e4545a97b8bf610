// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RackRetriesTest {
  private static final String NODES = "nodes: { 52:54:00:aa:00:01: etcd }\n";

  private static RetryLimits read(String retries) {
    return Samples.rack(Samples.HEAD + retries + NODES).retries();
  }

  @Test
  void threeAttemptsAQuarterOfAnHourApartHoldWhereNothingIsSaid() {
    assertEquals(new RetryLimits(3, Duration.ofMinutes(15)), read(""));
    assertEquals(new RetryLimits(0, Duration.ofMinutes(15)), read("retries: { attempts: 0 }\n"));
    assertEquals(
        new RetryLimits(10, Duration.ofHours(2)),
        read("retries: { attempts: 10, cycle-every: 2h }\n"));
  }

  @Test
  void eachFurtherWaitIsTwiceAsLong() {
    List<Long> minutes =
        List.of(0, 1, 2, 3).stream().map(n -> RetryLimits.USUAL.after(n).toMinutes()).toList();
    assertEquals(List.of(15L, 15L, 30L, 60L), minutes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cycle-every: 59s", "cycle-every: 25h", "cycle-every: 15", "attempts: 11"})
  void whatMakesNoSenseIsAFaultWithItsPlace(String retries) {
    List<String> faults = Samples.faults(Samples.HEAD + "retries: { " + retries + " }\n" + NODES);
    assertEquals(1, faults.size());
    assertTrue(faults.getFirst().startsWith("rack.yaml:5:"), faults.getFirst());
  }
}
