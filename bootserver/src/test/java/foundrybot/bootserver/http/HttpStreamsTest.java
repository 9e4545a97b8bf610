// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.EventLoops;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HttpStreamsTest {
  private static final String GET = HttpRig.request("GET /stream HTTP/1.1", "Host: a");

  /** What a test puts in is what the client gets. */
  private static final class Lines implements Feed {
    final Queue<Next> waiting = new ConcurrentLinkedQueue<>();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger ends = new AtomicInteger();
    volatile boolean endless;
    volatile boolean failing;
    private volatile Runnable ready = () -> {};

    void put(Next next) {
      waiting.add(next);
      ready.run();
    }

    void put(String text) {
      put(new Next.Bytes(text.getBytes(UTF_8)));
    }

    @Override
    public void begin(Runnable ready) {
      this.ready = ready;
    }

    @Override
    public Next next() {
      asked.incrementAndGet();
      if (failing) {
        throw new IllegalStateException("of the test");
      }
      if (endless) {
        return new Next.Bytes(new byte[MOST_BYTES]);
      }
      Next next = waiting.poll();
      return next == null ? new Next.Nothing() : next;
    }

    @Override
    public byte[] pulse() {
      return ":\n\n".getBytes(UTF_8);
    }

    @Override
    public void ended() {
      ends.incrementAndGet();
    }
  }

  private final Lines feed = new Lines();
  private final EventLoops loops = EventLoops.start(1);
  private HttpServer server = start(HttpSettings.Limits.USUAL);

  private HttpServer start(HttpSettings.Limits limits) {
    return HttpServer.start(
        HttpSettings.on(InetAddress.getLoopbackAddress(), 0).with(limits),
        loops,
        request ->
            CompletableFuture.completedFuture(
                request.path().equals("/stream")
                    ? HttpAnswer.Stream.of(
                        "text/event-stream", Map.of("Cache-Control", "no-store"), feed, "stream")
                    : HttpAnswer.Body.text(200, "other", "other")),
        _ -> {});
  }

  private void restart(Duration stall) {
    server.close();
    Duration usual = Duration.ofSeconds(15);
    server = start(HttpSettings.Limits.USUAL.withTimes(usual, usual, stall, usual));
  }

  @AfterEach
  void stop() {
    server.close();
    loops.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private Socket asking(String request) throws IOException {
    Socket socket = connect();
    HttpRig.send(socket, request);
    return socket;
  }

  private static void eventually(String what, BooleanSupplier holds) {
    for (int i = 0; i < 2000 && !holds.getAsBoolean(); i++) {
      HttpRig.pause(5);
    }
    assertTrue(holds.getAsBoolean(), what);
  }

  private long counted(String name) {
    return server.counters().getOrDefault(name, 0L);
  }

  @Test
  void whatComesToBeIsSentAtOnceAndTheEndOfTheConnectionIsItsEnd() throws Exception {
    try (Socket socket = asking(GET)) {
      String head = HttpRig.readUntil(socket, "\r\n\r\n");
      assertTrue(head.startsWith("HTTP/1.1 200 OK\r\n"), head);
      assertTrue(head.contains("Content-Type: text/event-stream\r\n"), head);
      assertTrue(head.contains("Connection: close\r\n"), head);
      assertTrue(head.contains("Cache-Control: no-store\r\n"), head);
      assertFalse(head.contains("Content-Length"), head);
      feed.put("one\n");
      assertEquals("one\n", HttpRig.readUntil(socket, "\n"));
      feed.put("two\n");
      feed.put("three\n");
      feed.put(new Feed.Next.End("all-said"));
      assertEquals("two\nthree\n", new String(socket.getInputStream().readAllBytes(), UTF_8));
    }
    eventually("counted", () -> counted("stream.all-said") == 1 && counted("status.200") == 1);
    assertEquals(1, feed.ends.get());
  }

  @Test
  void whatWasThereBeforeTheClientCameIsSentToo() throws Exception {
    feed.put("early\n");
    try (Socket socket = asking(GET)) {
      HttpRig.readUntil(socket, "\r\n\r\n");
      assertEquals("early\n", HttpRig.readUntil(socket, "\n"));
    }
  }

  @Test
  void headGetsTheHeadAloneAndTheFeedIsGivenBack() throws Exception {
    try (Socket socket = asking(HttpRig.request("HEAD /stream HTTP/1.1", "Host: a"))) {
      String all = new String(socket.getInputStream().readAllBytes(), UTF_8);
      assertTrue(all.endsWith("\r\n\r\n"), all);
    }
    assertEquals(0, feed.asked.get());
    assertEquals(1, feed.ends.get());
  }

  @Test
  void aClientThatGoesIsNoticedAtOnce() throws Exception {
    try (Socket socket = asking(GET)) {
      HttpRig.readUntil(socket, "\r\n\r\n");
    }
    eventually("the feed is told", () -> feed.ends.get() == 1);
    eventually("counted", () -> counted("stream.left") == 1);
    feed.put("to nobody");
    HttpRig.pause(20);
    assertEquals(1, feed.waiting.size());
  }

  @Test
  void silenceIsFilledWithPulsesAndIsNoStall() throws Exception {
    restart(Duration.ofMillis(200));
    try (Socket socket = asking(GET)) {
      HttpRig.readUntil(socket, "\r\n\r\n");
      for (int i = 0; i < 5; i++) {
        assertEquals(":\n\n", HttpRig.readUntil(socket, "\n\n"));
      }
      feed.put("still here\n");
      assertTrue(HttpRig.readUntil(socket, "here\n").endsWith("still here\n"));
    }
    assertEquals(0, counted("timeout.stall"));
  }

  @Test
  void aClientThatTakesNothingIsAskedNoMoreOfAndThenClosed() throws Exception {
    restart(Duration.ofMillis(600));
    feed.endless = true;
    try (Socket socket = asking(GET)) {
      int before = -1;
      while (feed.asked.get() != before) {
        before = feed.asked.get();
        HttpRig.pause(200);
      }
      // What fits into the socket's own buffers, and one piece.
      assertTrue(before > 1 && before < 200, before + " pieces of 64 KiB");
      eventually("given up", () -> counted("timeout.stall") == 1 && feed.ends.get() == 1);
      assertFalse(socket.isClosed());
    }
  }

  @Test
  void aFeedThatNeverRunsDryKeepsNobodyElseWaiting() throws Exception {
    feed.endless = true;
    try (Socket greedy = asking(GET)) {
      Thread reader =
          Thread.startVirtualThread(
              () -> {
                try {
                  greedy.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                  // Ended by the test.
                }
              });
      for (int i = 0; i < 20; i++) {
        try (Socket other =
            asking(HttpRig.request("GET /x HTTP/1.1", "Host: a", "Connection: close"))) {
          String all = new String(other.getInputStream().readAllBytes(), UTF_8);
          assertTrue(all.endsWith("other"), all);
        }
      }
      greedy.shutdownInput();
      reader.join();
    }
  }

  @Test
  void aFeedThatFailsEndsItsConnectionAndNoOther() throws Exception {
    try (Socket socket = asking(GET)) {
      HttpRig.readUntil(socket, "\r\n\r\n");
      feed.failing = true;
      feed.put("never seen");
      assertEquals(-1, socket.getInputStream().read());
    }
    assertEquals(1, feed.ends.get());
    try (Socket other =
        asking(HttpRig.request("GET /x HTTP/1.1", "Host: a", "Connection: close"))) {
      assertTrue(new String(other.getInputStream().readAllBytes(), UTF_8).endsWith("other"));
    }
  }

  @Test
  void anEmptyOrTooLargePieceAndAReasonThatIsNoTokenAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Feed.Next.Bytes(new byte[0]));
    assertThrows(
        IllegalArgumentException.class, () -> new Feed.Next.Bytes(new byte[Feed.MOST_BYTES + 1]));
    assertThrows(IllegalArgumentException.class, () -> new Feed.Next.End("Some text"));
  }
}
