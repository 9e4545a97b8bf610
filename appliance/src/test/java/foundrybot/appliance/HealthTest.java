// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.http.HttpAnswer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class HealthTest {
  private static String said(CompletionStage<HttpAnswer> answer) {
    HttpAnswer.Body body =
        assertInstanceOf(HttpAnswer.Body.class, answer.toCompletableFuture().join());
    return body.status() + " " + new String(body.bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void aRunningApplianceIsAliveAndReadyAndTellsSoToAnybody(@TempDir Path folder) {
    try (LoopbackAppliance appliance = new LoopbackAppliance(folder)) {
      appliance.node("52:54:00:bb:00:01", "w1", "debian-12").start();
      Heard alive = appliance.get("/healthz");
      assertEquals(200, alive.status());
      assertEquals("ok\ndhcp threads: ok\nhttp threads: ok\ntftp threads: ok\n", alive.text());
      Heard ready = appliance.get("/readyz");
      assertEquals(200, ready.status(), ready.text());
      for (String part : new String[] {"journal", "disk", "start"}) {
        assertTrue(ready.text().contains(part + ": ok\n"), ready.text());
      }
    }
  }

  @Test
  void theTextSaysWhichPartIsNotReady(@TempDir Path folder) {
    CompletableFuture<Void> written = new CompletableFuture<>();
    Health health = new Health(() -> written, folder, ForkJoinPool.commonPool());
    String late = said(health.ready());
    assertTrue(late.startsWith("503 not ok\n"), late);
    assertTrue(late.contains("journal: not written within 2 s\n"), late);
    assertTrue(late.contains("start: not everything is started yet\n"), late);
    written.complete(null);
    health.started();
    assertTrue(said(health.ready()).startsWith("200 ok\n"));
  }

  @Test
  void aJournalThatFailedAndAFolderThatIsGoneAreNamed(@TempDir Path folder) {
    Health health =
        new Health(
            () -> CompletableFuture.failedFuture(new IllegalStateException("disk")),
            folder.resolve("gone"),
            ForkJoinPool.commonPool());
    health.started();
    String said = said(health.ready());
    assertTrue(said.contains("journal: failed\n") && said.contains("disk: cannot be read\n"), said);
  }

  @Test
  void aLoopThatHangsIsNotAlive(@TempDir Path folder) {
    CountDownLatch hung = new CountDownLatch(1);
    try (EventLoops loops = EventLoops.start(2)) {
      Health health =
          new Health(
              () -> CompletableFuture.completedFuture(null), folder, ForkJoinPool.commonPool());
      health.loops("dhcp", loops);
      assertTrue(said(health.live()).startsWith("200 ok\n"));
      loops
          .group()
          .next()
          .execute(
              () -> {
                try {
                  hung.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      String said = said(health.live());
      hung.countDown();
      assertEquals("503 not ok\ndhcp threads: no answer within 2 s\n", said);
    }
  }
}
