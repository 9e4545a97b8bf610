// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownBmcsTest {
  private static final int BMCS = 40;

  @Test
  void theFirstCertificateIsRememberedAndAnotherOneIsNot(@TempDir Path folder) {
    Path file = folder.resolve("known-bmcs");
    assertEquals("aa", new KnownBmcs(file).trusted("10.0.0.11", "aa"));
    assertEquals("aa", new KnownBmcs(file).trusted("10.0.0.11", "bb"));
    assertEquals("cc", new KnownBmcs(file).trusted("10.0.0.11:8443", "cc"));
  }

  @Test
  void bmcsThatAreMetAtTheSameMomentAreAllRemembered(@TempDir Path folder)
      throws InterruptedException, ExecutionException, IOException {
    Path file = folder.resolve("known-bmcs");
    CountDownLatch start = new CountDownLatch(1);
    List<Future<String>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < BMCS; i++) {
        int bmc = i;
        answers.add(
            threads.submit(
                () -> {
                  start.await();
                  // As in a deployment, each BMC has a client and so a memory of its own.
                  return new KnownBmcs(file).trusted("10.0.0." + bmc, "seen" + bmc);
                }));
      }
      start.countDown();
      for (int i = 0; i < BMCS; i++) {
        assertEquals("seen" + i, answers.get(i).get());
      }
    }
    assertEquals(BMCS, Files.readAllLines(file).size());
  }
}
