// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PlacesTest {
  private static final Duration FOR_EVER = Duration.ofHours(1);

  @Test
  void neverMoreThanTheLimitAreInAtOnce() throws InterruptedException {
    Places places = new Places(() -> 3, FOR_EVER);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(40);
    for (int i = 0; i < 40; i++) {
      Thread.startVirtualThread(
          () -> {
            try (Places.Lease _ = places.take()) {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              Thread.sleep(1);
              inside.decrementAndGet();
              done.countDown();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    assertTrue(done.await(30, TimeUnit.SECONDS));
    assertEquals(3, most.get());
  }

  @Test
  void whoStaysTooLongCountsNoLonger() throws InterruptedException {
    Places places = new Places(() -> 1, Duration.ofMillis(20));
    Places.Lease slow = places.take();
    try (Places.Lease _ = places.take()) {
      slow.close();
    }
    places.take().close();
  }
}
