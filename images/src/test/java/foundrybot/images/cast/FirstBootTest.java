// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the real script against a real server on loopback. */
class FirstBootTest {
  @TempDir Path folder = Path.of("");
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final AtomicInteger refusals = new AtomicInteger();
  private HttpServer server = newServer();

  private static HttpServer newServer() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void start() throws IOException {
    server.createContext("/", this::answer);
    server.start();
    Files.writeString(folder.resolve("first-boot"), FirstBoot.script());
    int port = server.getAddress().getPort();
    Files.writeString(
        folder.resolve("run.conf"), "URL='http://127.0.0.1:" + port + "/node/t0ken'\n");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String path = exchange.getRequestURI().getPath();
    seen.add(exchange.getRequestMethod() + " " + path + " " + body);
    boolean refuse = path.endsWith("/enroll") && refusals.getAndDecrement() > 0;
    byte[] answer = "welcome\n".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(refuse ? 503 : 200, answer.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(answer);
    }
  }

  private int run() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", folder.resolve("first-boot").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().put("FOUNDRYBOT_CONF", folder.resolve("run.conf").toString());
    builder.environment().put("FOUNDRYBOT_STATE", folder.resolve("state").toString());
    Process process = builder.start();
    process.getOutputStream().close();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "does not end");
    return process.exitValue();
  }

  @Test
  void itReportsEnrollsAndForgetsItsToken() throws Exception {
    assertEquals(0, run(), Files.readString(folder.resolve("log")));
    assertEquals(2, seen.size(), seen.toString());
    assertTrue(seen.get(0).startsWith("POST /node/t0ken/report/first-boot hostname="));
    assertTrue(seen.get(1).startsWith("POST /node/t0ken/enroll hostname="));
    for (String field : List.of("machine_id", "boot_id", "kernel", "os")) {
      assertTrue(seen.get(1).contains("&" + field + "="), seen.get(1));
    }
    assertFalse(Files.exists(folder.resolve("run.conf")));
    assertTrue(Files.exists(folder.resolve("state/enrolled")));
    assertEquals("welcome\n", Files.readString(folder.resolve("state/enrollment")));
  }

  @Test
  void itAsksAgainUntilTheApplianceAgreesAndReportsOnlyOnce() throws Exception {
    refusals.set(1);
    assertEquals(0, run(), Files.readString(folder.resolve("log")));
    assertEquals(1, seen.stream().filter(line -> line.contains("/first-boot ")).count());
    assertEquals(2, seen.stream().filter(line -> line.contains("/enroll ")).count());
    assertTrue(Files.exists(folder.resolve("state/enrolled")));
  }

  @Test
  void afterPowerWasLostBeforeTheTokenWasDeletedItOnlyDeletesIt() throws Exception {
    Files.createDirectories(folder.resolve("state"));
    Files.createFile(folder.resolve("state/enrolled"));
    assertEquals(0, run());
    assertEquals(List.of(), seen);
    assertFalse(Files.exists(folder.resolve("run.conf")));
  }

  @Test
  void aConfigurationThatIsNotOneAddressIsNotRun() throws Exception {
    Files.writeString(
        folder.resolve("run.conf"), "URL='http://127.0.0.1/'$(touch " + folder + "/pwned)\n");
    assertEquals(1, run());
    assertFalse(Files.exists(folder.resolve("pwned")));
    assertEquals(List.of(), seen);
  }
}
