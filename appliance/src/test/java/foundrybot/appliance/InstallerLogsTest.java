// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Logs that machines send to a running appliance. */
@Timeout(60)
class InstallerLogsTest {
  private static final String W1 = "52:54:00:aa:00:01";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder = Path.of("");

  private LoopbackAppliance rack() {
    return new LoopbackAppliance(folder).node(W1, "w1", "debian-12");
  }

  private static void log(LoopbackAppliance appliance, String from, String... lines)
      throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral(from))) {
      for (String line : lines) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        socket.send(
            new DatagramPacket(
                bytes,
                bytes.length,
                new InetSocketAddress(LoopbackAppliance.ADDRESS, appliance.port("syslog"))));
      }
    }
  }

  private static List<String> lines(LoopbackAppliance appliance, String query) {
    Heard answer = appliance.send(appliance.asOperator("nodes/w1/log" + query));
    assertEquals(200, answer.status(), answer.text());
    List<String> lines = new ArrayList<>();
    for (JsonNode line : JSON.readTree(answer.text())) {
      lines.add(line.get("from").asString() + " " + line.get("text").asString());
    }
    return lines;
  }

  private static long counted(LoopbackAppliance appliance, String name) {
    JsonNode number = appliance.statusJson().get("counters").get(name);
    return number == null ? 0 : number.asLong();
  }

  @Test
  void aLineBelongsToTheNodeThatShowedItsTokenFromThere() throws Exception {
    try (LoopbackAppliance appliance = rack().start()) {
      log(appliance, "127.0.0.1", "<30>early: nobody knows me yet");
      LoopbackAppliance.eventually("counted", () -> counted(appliance, "syslog.strangers") == 1);
      Machine machine = new Machine(appliance, W1);
      String token = machine.fetchToken();
      assertEquals(200, machine.report("installer-started").status());
      log(appliance, "127.0.0.1", "<13>Nov 29 15:40:00 main-menu[5]: url=/node/" + token + "/x");
      log(appliance, "127.0.0.9", "<13>Nov 29 15:40:00 main-menu[5]: forged");
      LoopbackAppliance.eventually("kept", () -> !lines(appliance, "").isEmpty());
      assertEquals(List.of("127.0.0.1 main-menu: url=/node/***/x"), lines(appliance, "?lines=9"));
      LoopbackAppliance.eventually("counted", () -> counted(appliance, "syslog.strangers") == 2);
      appliance.stop();
      appliance.startAgain();
      assertEquals(1, lines(appliance, "").size());
    }
  }

  @Test
  void itsLinesTellHowFarAnInstallerIsAlsoAfterARestart() throws Exception {
    try (LoopbackAppliance appliance = rack().start()) {
      Machine machine = new Machine(appliance, W1);
      machine.fetchToken();
      assertEquals(200, machine.report("installer-started").status());
      assertEquals(1, percent(appliance));
      log(appliance, "127.0.0.9", menu("pkgsel"));
      log(appliance, "127.0.0.1", menu("bootstrap-base"));
      LoopbackAppliance.eventually("heard", () -> percent(appliance) == 12);
      log(appliance, "127.0.0.1", menu("partman-base"));
      LoopbackAppliance.eventually("kept", () -> lines(appliance, "").size() == 2);
      assertEquals(12, percent(appliance), "never back");
      appliance.stop();
      appliance.startAgain();
      assertEquals(12, percent(appliance));
      assertEquals(
          "installing the base system",
          appliance.statusJson(W1).get("progress").get("step").asString());
      assertEquals(200, machine.report("installed").status());
      assertEquals(-1, percent(appliance));
    }
  }

  private static String menu(String item) {
    return "<13>Nov 29 15:40:00 main-menu[5]: INFO: Menu item '" + item + "' selected";
  }

  private static int percent(LoopbackAppliance appliance) {
    return appliance.statusJson(W1).get("progress").get("percent").asInt();
  }

  @Test
  void aReaderAsksForWhatCameAfterItsLastLine() throws Exception {
    try (LoopbackAppliance appliance = rack().start()) {
      Machine machine = new Machine(appliance, W1);
      machine.fetchToken();
      assertEquals(200, machine.report("installer-started").status());
      log(appliance, "127.0.0.1", "<6>a: 1", "<6>a: 2", "<6>a: 3");
      LoopbackAppliance.eventually("kept", () -> lines(appliance, "").size() == 3);
      Heard all = appliance.send(appliance.asOperator("nodes/w1/log"));
      String second = JSON.readTree(all.text()).get(1).get("at").asString();
      assertEquals(List.of("127.0.0.1 a: 3"), lines(appliance, "?after=" + second));
      for (String wrong : new String[] {"?lines=0", "?lines=5001", "?lines=x", "?after=noon"}) {
        Heard refused = appliance.send(appliance.asOperator("nodes/w1/log" + wrong));
        assertEquals(422, refused.status(), wrong);
        assertTrue(refused.text().contains("lines=1..5000"), refused.text());
      }
    }
  }

  @Test
  void aFloodOfNoiseCostsCountersAndTheNodeIsStillHeard() throws Exception {
    try (LoopbackAppliance appliance = rack().start()) {
      Machine machine = new Machine(appliance, W1);
      machine.fetchToken();
      assertEquals(200, machine.report("installer-started").status());
      Random random = new Random(7);
      String[] noise = new String[500];
      for (int i = 0; i < noise.length; i++) {
        byte[] bytes = new byte[random.nextInt(1400)];
        random.nextBytes(bytes);
        noise[i] = (i % 2 == 0 ? "<13>" : "") + new String(bytes, StandardCharsets.ISO_8859_1);
      }
      log(appliance, "127.0.0.7", noise);
      LoopbackAppliance.eventually(
          "noise is counted",
          () -> {
            try {
              log(appliance, "127.0.0.1", "<6>a: heard");
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
            return lines(appliance, "").contains("127.0.0.1 a: heard");
          });
      assertTrue(counted(appliance, "syslog.malformed.priority") > 0);
      assertTrue(counted(appliance, "syslog.strangers") > 0);
      assertTrue(lines(appliance, "").stream().allMatch("127.0.0.1 a: heard"::equals));
    }
  }

  @Test
  void aTakenPortOrTheSwitchLeavesTheApplianceWithoutLogsAndRunning() throws Exception {
    try (LoopbackAppliance appliance = rack().start()) {
      appliance.stop();
      try (DatagramSocket _ =
          new DatagramSocket(
              new InetSocketAddress(LoopbackAppliance.ADDRESS, appliance.port("syslog")))) {
        appliance.startAgain();
        assertEquals(List.of(), lines(appliance, ""));
        appliance.stop();
      }
      appliance.with("syslog", "off").startAgain();
      try (DatagramSocket free =
          new DatagramSocket(
              new InetSocketAddress(LoopbackAppliance.ADDRESS, appliance.port("syslog")))) {
        assertFalse(free.isClosed());
      }
    }
  }

  @Test
  @Tag("slow")
  void whatLoggerSendsIsInTheNodesLog() throws Exception {
    try (LoopbackAppliance appliance = rack().start()) {
      Machine machine = new Machine(appliance, W1);
      machine.fetchToken();
      assertEquals(200, machine.report("installer-started").status());
      Process logger =
          new ProcessBuilder(
                  "logger",
                  "--udp",
                  "--server",
                  LoopbackAppliance.ADDRESS,
                  "--port",
                  "" + appliance.port("syslog"),
                  "--tag",
                  "partman",
                  "no disk: /dev/vda")
              .inheritIO()
              .start();
      assertTrue(logger.waitFor(10, TimeUnit.SECONDS) && logger.exitValue() == 0);
      LoopbackAppliance.eventually(
          "kept",
          () ->
              lines(appliance, "").stream()
                  .anyMatch(line -> line.endsWith(" partman: no disk: /dev/vda")));
    }
  }
}
