// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class MetricsRoutesTest {
  private static final String MAC = "52:54:00:bb:00:01";

  @Test
  void prometheusIsToldWhereTheRackStandsAndOnlyWithAToken(@TempDir Path folder) {
    try (LoopbackAppliance appliance = new LoopbackAppliance(folder)) {
      appliance.node(MAC, "w1", "debian-12").node("52:54:00:bb:00:02", "w2", "debian-12").start();
      Machine machine = new Machine(appliance, MAC).install();
      assertEquals(200, machine.enroll().status());
      assertEquals(401, appliance.get("/metrics").status());
      Heard answer =
          appliance.send(
              HttpRequest.newBuilder(appliance.uri("/metrics"))
                  .header("Authorization", "Bearer " + OperatorAccess.of(appliance.data).token()));
      assertEquals(200, answer.status());
      String text = answer.text();
      for (String line :
          new String[] {
            "foundrybot_cluster_complete 0",
            "foundrybot_nodes{stage=\"enrolled\",condition=\"ok\"} 1",
            "foundrybot_nodes{stage=\"planned\",condition=\"waiting\"} 1",
            "foundrybot_node_info{node=\"w1\",role=\"worker\",stage=\"enrolled\",condition=\"ok\"}"
                + " 1",
            "foundrybot_rack_file_refused 0",
            "foundrybot_journal_dropped_facts_total 0",
            "foundrybot_rung_seconds_count{stage=\"installing\"} 1"
          }) {
        assertTrue(text.contains(line + "\n"), line + " in\n" + text);
      }
      assertTrue(
          text.contains("foundrybot_wire_events_total{service=\"http\",event=\"status.200\"} "));
      assertTrue(
          Pattern.compile("(?m)^foundrybot_sent_bytes_total\\{service=\"http\"} [1-9]\\d+$")
              .matcher(text)
              .find(),
          text);
      assertFalse(text.contains(MAC), "no MAC of anybody's");
      for (String line : text.lines().toList()) {
        assertTrue(
            line.matches("# (HELP|TYPE) foundrybot_.*|foundrybot_\\w+(\\{.*})? -?[0-9.E+-]+"),
            line);
      }
    }
  }

  @Test
  @Tag("slow")
  void prometheusOwnCheckHasNothingToSay(@TempDir Path folder) throws Exception {
    try (LoopbackAppliance appliance = new LoopbackAppliance(folder)) {
      appliance
          .node(MAC, "w1", "debian-12")
          .webhook("chat", "{ url: http://127.0.0.1:9/, secret-env: NOT_SET }")
          .start();
      assertEquals(200, new Machine(appliance, MAC).install().enroll().status());
      HttpRequest.Builder request =
          HttpRequest.newBuilder(appliance.uri("/metrics"))
              .header("Authorization", "Bearer " + OperatorAccess.of(appliance.data).token());
      Path page = folder.resolve("page");
      Files.writeString(page, appliance.send(request).text());
      Process promtool =
          new ProcessBuilder("promtool", "check", "metrics")
              .redirectInput(page.toFile())
              .redirectErrorStream(true)
              .start();
      String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, promtool.waitFor(), said);
      assertEquals("", said);
    }
  }

  @Test
  void aJournalThatHangsKeepsNoNumbersBack(@TempDir Path folder) throws Exception {
    CountDownLatch hung = new CountDownLatch(1);
    CountDownLatch free = new CountDownLatch(1);
    try (LoopbackAppliance appliance = new LoopbackAppliance(folder)) {
      appliance.node(MAC, "w1", "debian-12").start();
      appliance.clock.whenAsked(
          () -> {
            if (Thread.currentThread().getName().equals("journal")) {
              hung.countDown();
              await(free);
            }
          });
      appliance.get("/boot/" + MAC + "/no-such-file");
      assertTrue(hung.await(10, TimeUnit.SECONDS), "the journal hangs");
      HttpRequest.Builder request =
          HttpRequest.newBuilder(appliance.uri("/metrics")).timeout(Duration.ofSeconds(5));
      request.header("Authorization", "Bearer " + OperatorAccess.of(appliance.data).token());
      assertTrue(appliance.send(request).text().contains("foundrybot_cluster_complete 0"));
    } finally {
      free.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
