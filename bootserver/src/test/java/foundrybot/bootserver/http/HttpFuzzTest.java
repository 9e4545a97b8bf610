// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.bootserver.Counters;
import foundrybot.bootserver.MacAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Any bytes as a request's target, as a range, and as a whole connection. */
final class HttpFuzzTest {
  private static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
  private static final HttpSettings.Limits LIMITS =
      new HttpSettings.Limits(
          512,
          1024,
          256,
          8,
          8,
          HttpSettings.Limits.USUAL.receive(),
          HttpSettings.Limits.USUAL.answer(),
          HttpSettings.Limits.USUAL.stall(),
          HttpSettings.Limits.USUAL.idle());

  /** A path stays below its root, and is its own decoded form when it is encoded again. */
  @FuzzTest
  void target(byte[] bytes) {
    String raw = new String(bytes, StandardCharsets.ISO_8859_1);
    assertEquals(Target.read(raw), Target.of(raw), "the short way");
    switch (Target.of(raw)) {
      case Target.Plain(String path, var query) -> {
        checkPath(path);
        assertTrue(query.values().stream().mapToInt(List::size).sum() <= Target.MAX_PARAMETERS);
        query.keySet().forEach(HttpFuzzTest::checkText);
        query.values().forEach(values -> values.forEach(HttpFuzzTest::checkText));
        assertEquals(path, ((Target.Plain) Target.of(encoded(path))).path());
      }
      case Target.Refused(String reason) -> assertTrue(reason.matches("[a-z-]{1,20}"), reason);
    }
  }

  private static void checkPath(String path) {
    checkText(path);
    assertTrue(path.startsWith("/") && !path.contains("//"), path);
    for (String segment : path.split("[/\\\\]", -1)) {
      assertFalse(segment.equals(".."), path);
    }
    assertFalse(List.of(path.split("/", -1)).contains("."), path);
    for (String segment : path.split("/", -1)) {
      MacAddress.parse(segment)
          .ifPresent(mac -> assertEquals(Optional.of(mac), MacAddress.parse(mac.hyphenated())));
    }
    assertTrue(Path.of("/www").resolve(path.substring(1)).normalize().startsWith("/www"), path);
  }

  private static void checkText(String text) {
    assertTrue(text.chars().noneMatch(Character::isISOControl), text);
  }

  private static String encoded(String path) {
    StringBuilder out = new StringBuilder();
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      out.append(b == '/' ? "/" : "%%%02x".formatted(b));
    }
    return out.toString();
  }

  /** A part lies inside of the file, whatever the three header fields say. */
  @FuzzTest
  void range(FuzzedDataProvider data) {
    long size = data.consumeLong(0, Long.MAX_VALUE);
    String etag = data.pickValue(new String[] {"", "\"a\"", "W/\"a\""});
    Optional<String> ifNoneMatch = field(data);
    Optional<String> ifRange = field(data);
    Optional<String> range = Optional.of(data.consumeRemainingAsAsciiString());
    switch (Selection.of(size, etag, ifNoneMatch, range, ifRange)) {
      case Selection.Part(long from, long to) -> {
        assertTrue(0 <= from && from <= to && to < size, from + "-" + to + " of " + size);
        String again = "bytes=" + from + "-" + to;
        assertEquals(
            new Selection.Part(from, to),
            Selection.of(size, etag, Optional.empty(), Optional.of(again), Optional.empty()));
      }
      case Selection.Unchanged _ -> assertTrue(ifNoneMatch.isPresent() && !etag.isEmpty());
      case Selection.Unsatisfiable _ ->
          assertTrue(range.get().regionMatches(true, 0, "bytes=", 0, 6));
      case Selection.Whole _ -> {}
    }
  }

  private static Optional<String> field(FuzzedDataProvider data) {
    return data.consumeBoolean()
        ? Optional.of(data.consumeAsciiString(data.consumeInt(0, 40)))
        : Optional.empty();
  }

  /** A proof is whole or none, and no guess is right; it has no control characters. */
  @FuzzTest
  void proof(byte[] bytes) {
    String field = new String(bytes, StandardCharsets.ISO_8859_1);
    DigestAnswer.read("Digest " + field)
        .ifPresent(
            answer -> {
              assertTrue(answer.response().matches("[0-9a-f]{32}"), field);
              checkText(answer.user() + answer.realm() + answer.nonce() + answer.uri());
              assertFalse(answer.proves("GET", "a secret that nobody has"), field);
            });
  }

  /** Whatever a client sends: the server's side stays HTTP, and the handler sees clean paths. */
  @FuzzTest
  void connection(byte[] bytes) {
    List<HttpRequestView> seen = new ArrayList<>();
    Counters counters = new Counters();
    EmbeddedChannel channel = new AddressedChannel();
    HttpHandler handler =
        request -> {
          seen.add(request);
          return CompletableFuture.completedFuture(
              HttpAnswer.Body.text(200, "0123456789", "a page"));
        };
    Recorder recorder = new Recorder(event -> {}, counters);
    Service service =
        new Service(
            LIMITS, handler, recorder, new OpenFiles(System::nanoTime), false, Runnable::run);
    Connection connection = new Connection(service, channel);
    channel
        .pipeline()
        .addLast(
            connection.decoder(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(LIMITS.line())
                    .setMaxHeaderSize(LIMITS.headers())))
        .addLast(connection);
    channel.pipeline().fireChannelActive();
    // In two pieces, as TCP may cut it.
    int middle = bytes.length / 2;
    for (ByteBuf piece :
        List.of(
            Unpooled.copiedBuffer(bytes, 0, middle),
            Unpooled.copiedBuffer(bytes, middle, bytes.length - middle))) {
      if (channel.isOpen()) {
        channel.writeInbound(piece);
      } else {
        piece.release();
      }
    }
    channel.checkException();
    if (seen.stream().noneMatch(request -> request.method().equals("HEAD"))) {
      int answers = answers(channel);
      assertTrue(answers <= seen.size() + 1, () -> "answers to " + seen.size() + " requests");
    }
    for (HttpRequestView request : seen) {
      checkPath(request.path());
      assertTrue(request.body().length <= LIMITS.body());
      assertTrue(
          List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE").contains(request.method()));
    }
    var _ = channel.finishAndReleaseAll();
  }

  /** What was sent back, read by netty's own client. */
  private static int answers(EmbeddedChannel server) {
    EmbeddedChannel client = new EmbeddedChannel(new HttpResponseDecoder());
    for (Object out = server.readOutbound(); out != null; out = server.readOutbound()) {
      client.writeInbound(out);
    }
    int answers = 0;
    for (Object in = client.readInbound(); in != null; in = client.readInbound()) {
      if (in instanceof HttpResponse response) {
        assertTrue(response.decoderResult().isSuccess(), response::toString);
        int status = response.status().code();
        assertTrue(status != 500 && status >= 100 && status < 600, response::toString);
        answers += status == 100 ? 0 : 1;
      }
      ReferenceCountUtil.release(in);
    }
    var _ = client.finishAndReleaseAll();
    return answers;
  }

  private static final class AddressedChannel extends EmbeddedChannel {
    @Override
    protected SocketAddress remoteAddress0() {
      return PEER;
    }

    @Override
    protected SocketAddress localAddress0() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
    }
  }
}
