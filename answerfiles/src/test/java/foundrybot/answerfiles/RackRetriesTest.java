// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  private static List<RetryLimits> ofNodes(String retries, String roles, String nodes) {
    RackFile rack = Samples.rack(Samples.HEAD + retries + roles + "nodes:\n" + nodes.indent(2));
    return rack.nodes().stream().map(rack::retriesOf).toList();
  }

  @Test
  void whatANodeSaysGoesBeforeItsRoleAndThatBeforeTheRack() {
    List<RetryLimits> limits =
        ofNodes(
            "retries: { attempts: 2, cycle-every: 1h }\n",
            "roles: { worker: { attempts: { installing: 1, dhcp: 4 } } }\n",
            """
            52:54:00:aa:00:01: etcd
            52:54:00:aa:00:02: worker
            52:54:00:aa:00:03: { role: worker, attempts: { run: 6, dhcp: 0 } }
            """);
    Duration hour = Duration.ofHours(1);
    assertEquals(
        List.of(
            new RetryLimits(2, hour),
            new RetryLimits(2, hour, Map.of("installing", 1, "dhcp", 4)),
            new RetryLimits(6, hour, Map.of("installing", 1, "dhcp", 0))),
        limits);
    assertEquals(2, limits.get(1).at("kernel"));
    assertEquals(1, limits.get(1).at("installing"));
  }

  @Test
  void noneAreThoseThatPowerCycleNothingAtAnyStage() {
    Duration every = Duration.ofMinutes(15);
    RetryLimits none = new RetryLimits(0, every, Map.of("dhcp", 0));
    assertTrue(RetryLimits.areNone(List.of(none, new RetryLimits(0, every))));
    assertFalse(RetryLimits.areNone(List.of(none, new RetryLimits(0, every, Map.of("dhcp", 1)))));
    assertFalse(RetryLimits.areNone(List.of(none, RetryLimits.USUAL)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "first-boot: 1 | attempts: first-boot (expected: one of run, powered-on, dhcp,",
        "dhcp: 11 | attempts.dhcp: 11 (expected: 0..10)",
        "run: often | attempts.run: often (expected: 0..10)"
      })
  void attemptsThatMakeNoSenseAreNamedOfARoleAndOfANode(String attempts, String fault) {
    String own = "{ attempts: { " + attempts + " } }";
    List<String> faults =
        Samples.faults(
            Samples.HEAD
                + ("roles: { worker: " + own + " }\n")
                + "nodes:\n  52:54:00:aa:00:01: { role: etcd, attempts: { "
                + attempts
                + " } }\n");
    assertEquals(2, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains("roles.worker." + fault), faults::toString);
    assertTrue(faults.getLast().contains("nodes.52:54:00:aa:00:01." + fault), faults::toString);
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
