// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.hardware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptReportsTest {
  private static final Mac W1 = Mac.parse("52:54:00:aa:00:01").orElseThrow();

  private static Erased report(String fault) {
    return new Erased("2026-11-24T10:00:00Z", fault, new Erasure("whole", List.of()));
  }

  @Test
  void reportsThatComeAtOnceAreKeptOneAfterTheOther(@TempDir Path data) throws Exception {
    KeptReports<Erased> kept = KeptReports.erasures(data);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String fault = "fault " + i;
        all.add(
            threads.submit(
                () -> {
                  kept.keep(W1, report(fault));
                  return fault;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertTrue(kept.of(W1).orElseThrow().fault().startsWith("fault "));
  }

  @Test
  void oneThatMayNotGoStaysAndOneThatCannotBeReadIsNone(@TempDir Path data) throws Exception {
    KeptReports<Erased> kept = KeptReports.erasures(data);
    assertTrue(kept.keepInPlaceOf(W1, report(""), Optional::isEmpty));
    assertFalse(kept.keepInPlaceOf(W1, report("late"), Optional::isEmpty));
    assertEquals("", kept.of(W1).orElseThrow().fault());
    Files.writeString(data.resolve("erasures").resolve("52-54-00-aa-00-01.json"), "torn");
    assertTrue(kept.keepInPlaceOf(W1, report("next"), Optional::isEmpty));
    assertEquals("next", kept.of(W1).orElseThrow().fault());
  }
}
