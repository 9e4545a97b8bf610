// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that comes by network to an appliance which is asked too much. */
class ApiClientTest {
  private static final String WHY = "changes: operator ci has spent its budget; again in 7 s";

  private final AtomicInteger refusals = new AtomicInteger();
  private final List<String> ids = new CopyOnWriteArrayList<>();
  private final List<Duration> waits = new ArrayList<>();
  private String retryAfter = "7";
  private HttpServer server;

  @TempDir Path data;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          ids.add(String.valueOf(exchange.getRequestHeaders().getFirst("Command-Id")));
          boolean refused = refusals.getAndDecrement() > 0;
          if (refused && !retryAfter.isEmpty()) {
            exchange.getResponseHeaders().add("Retry-After", retryAfter);
          }
          byte[] body = (refused ? WHY + "\n" : "done\n").getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(refused ? 429 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    Files.writeString(
        data.resolve("appliance.url"), "http://127.0.0.1:" + server.getAddress().getPort());
    Path token = data.resolve("operator.token");
    Files.writeString(token, "f".repeat(64));
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String command() {
    try (ApiClient client = new ApiClient(data, waits::add)) {
      return client.command("nodes/w1/hold", "");
    }
  }

  @Test
  void itWaitsAsLongAsItIsToldToAndSaysSo() {
    refusals.set(2);
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertEquals("done\n", command());
    } finally {
      System.setErr(before);
    }
    assertEquals(List.of(Duration.ofSeconds(7), Duration.ofSeconds(7)), waits);
    assertEquals(
        ("bootserver: " + WHY + "; waiting 7 s\n").repeat(2),
        said.toString(StandardCharsets.UTF_8));
    assertEquals(3, ids.size());
    assertEquals(1, ids.stream().distinct().count(), "one command");
  }

  @Test
  void itIsPutOffForTwoMinutesAtMostAndThenSaysTheReason() {
    refusals.set(Integer.MAX_VALUE);
    UserException refused = assertThrows(UserException.class, this::command);
    assertEquals(ApiClient.UNREACHABLE, refused.exitStatus());
    assertTrue(String.valueOf(refused.getMessage()).contains(WHY), refused.getMessage());
    assertEquals(17, waits.size());

    waits.clear();
    retryAfter = "121";
    assertThrows(UserException.class, this::command);
    assertEquals(List.of(), waits);
  }

  @Test
  void anAnswerThatSaysNoTimeOrNoneItCanReadIsNotWaitedFor() {
    refusals.set(Integer.MAX_VALUE);
    for (String odd : List.of("", "-1", "Fri, 31 Dec 1999 23:59:59 GMT", "9".repeat(30))) {
      retryAfter = odd;
      assertThrows(UserException.class, this::command, odd);
      assertEquals(List.of(), waits, odd);
    }
  }

  @Test
  void toComeAtOnceIsASecondSoThatNoneAsksWithoutEnd() {
    refusals.set(Integer.MAX_VALUE);
    retryAfter = "0";
    assertThrows(UserException.class, this::command);
    assertEquals(120, waits.size());
  }
}
