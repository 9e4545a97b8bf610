// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import foundrybot.bootserver.MacAddress;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One answer on its way. Runs on the connection's event loop. */
final class Answering {
  private static final Logger LOG = LoggerFactory.getLogger(Answering.class);

  /** How often a long answer is told to the flight recorder. */
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final ChannelHandlerContext ctx;
  private final Asked asked;
  private final Recorder recorder;
  private final Runnable progressed;
  private final Consumer<Boolean> finished;
  private Optional<MacAddress> mac = Optional.empty();
  private String label = "";
  private int status;
  private long total;
  private long sent;
  private long toldAt;
  private boolean done;

  /**
   * @param progressed called when the client took some bytes
   * @param finished called once, when all is sent, with whether the connection goes on
   */
  Answering(
      ChannelHandlerContext ctx,
      Asked asked,
      Recorder recorder,
      Runnable progressed,
      Consumer<Boolean> finished) {
    this.ctx = ctx;
    this.asked = asked;
    this.recorder = recorder;
    this.progressed = progressed;
    this.finished = finished;
  }

  void send(HttpAnswer answer) {
    mac = answer.mac();
    label = answer.label();
    toldAt = now();
    switch (answer) {
      case HttpAnswer.Body body -> body(body);
      case HttpAnswer.File file -> file(file);
    }
  }

  private void body(HttpAnswer.Body body) {
    Selection selection =
        body.status() == 200 ? asked.select(body.bytes().length, "") : new Selection.Whole();
    switch (selection) {
      case Selection.Part(long from, long to) -> {
        HttpResponse head = head(206, body.contentType());
        head.headers().set(HttpHeaderNames.CONTENT_RANGE, range(from, to, body.bytes().length));
        body.headers().forEach((name, value) -> head.headers().set(name, value));
        memory(head, body.bytes(), (int) from, (int) (to - from + 1));
      }
      case Selection.Unsatisfiable _ -> unsatisfiable(body.bytes().length);
      case Selection.Whole _, Selection.Unchanged _ -> {
        HttpResponse head = head(body.status(), body.contentType());
        body.headers().forEach((name, value) -> head.headers().set(name, value));
        memory(head, body.bytes(), 0, body.bytes().length);
      }
    }
  }

  private void file(HttpAnswer.File file) {
    switch (asked.select(file.size(), file.etag())) {
      case Selection.Unchanged _ -> {
        HttpResponse head = head(304, "");
        head.headers().set(HttpHeaderNames.ETAG, file.etag());
        memory(head, new byte[0], 0, 0);
      }
      case Selection.Unsatisfiable _ -> unsatisfiable(file.size());
      case Selection.Whole _ -> region(file, head(200, file.contentType()), 0, file.size());
      case Selection.Part(long from, long to) -> {
        HttpResponse head = head(206, file.contentType());
        head.headers().set(HttpHeaderNames.CONTENT_RANGE, range(from, to, file.size()));
        region(file, head, from, to - from + 1);
      }
    }
  }

  private void unsatisfiable(long size) {
    HttpResponse head = head(416, "");
    head.headers().set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + size);
    memory(head, new byte[0], 0, 0);
  }

  /** Head and body in one write, so that a script goes out in one packet. */
  private void memory(HttpResponse head, byte[] bytes, int offset, int length) {
    boolean bodiless = status == 204 || status == 304;
    if (!bodiless) {
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
    }
    total = asked.head() || bodiless ? 0 : length;
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            head.protocolVersion(),
            head.status(),
            total == 0 ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes, offset, length),
            head.headers(),
            EmptyHttpHeaders.INSTANCE);
    var _ = ctx.writeAndFlush(response).addListener(written -> written((ChannelFuture) written));
  }

  private void region(HttpAnswer.File file, HttpResponse head, long from, long length) {
    if (!file.etag().isEmpty()) {
      head.headers().set(HttpHeaderNames.ETAG, file.etag());
    }
    head.headers()
        .set(HttpHeaderNames.ACCEPT_RANGES, "bytes")
        .set(HttpHeaderNames.CONTENT_LENGTH, length);
    FileChannel channel;
    try {
      channel = FileChannel.open(file.path(), StandardOpenOption.READ);
      if (channel.size() < from + length) {
        long size = channel.size();
        channel.close();
        throw new IOException("has %d bytes (expected: %d)".formatted(size, file.size()));
      }
    } catch (IOException e) {
      LOG.error("http file cannot be read path={} reason={}", file.path(), e.toString());
      recorder.counters().count("failed.file");
      HttpResponse failed = head(500, "text/plain; charset=utf-8");
      byte[] text = "the server cannot read this file\n".getBytes(StandardCharsets.UTF_8);
      memory(failed, text, 0, text.length);
      return;
    }
    if (asked.head() || length == 0) {
      closeQuietly(channel);
      var _ = ctx.write(head);
      var _ =
          ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
              .addListener(written -> written((ChannelFuture) written));
      return;
    }
    total = length;
    var _ = ctx.write(head);
    var _ =
        ctx.write(new DefaultFileRegion(channel, from, length), ctx.newProgressivePromise())
            .addListener(new Progress());
    var _ =
        ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
            .addListener(written -> written((ChannelFuture) written));
  }

  private final class Progress implements ChannelProgressiveFutureListener {
    @Override
    public void operationProgressed(ChannelProgressiveFuture future, long progress, long all) {
      sent = progress;
      progressed.run();
      if (now() - toldAt >= PROGRESS_NANOS) {
        toldAt = now();
        tell("progress", "http.progress", label + " " + sent + " of " + total + " bytes");
      }
    }

    @Override
    public void operationComplete(ChannelProgressiveFuture future) {
      // The last content's listener, or the end of the connection, says how it ended.
    }
  }

  private void written(ChannelFuture future) {
    if (done) {
      return;
    }
    if (!future.isSuccess()) {
      gone();
      var _ = ctx.close();
      return;
    }
    done = true;
    tell(
        "status." + status,
        "http.request",
        asked.method() + " " + label + " " + status + " " + total + " bytes");
    finished.accept(asked.keepAlive());
  }

  /** The client went away. */
  void gone() {
    if (!done) {
      done = true;
      tell(
          "aborted",
          "http.aborted",
          "%s %s %d at %d of %d bytes".formatted(asked.method(), label, status, sent, total));
    }
  }

  private void tell(String counter, String kind, String detail) {
    recorder.tell(counter, kind, mac, asked.peer(), detail);
  }

  private HttpResponse head(int status, String contentType) {
    this.status = status;
    HttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    if (!contentType.isEmpty()) {
      head.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }
    head.headers()
        .set(
            HttpHeaderNames.CONNECTION,
            asked.keepAlive() ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
    return head;
  }

  private static String range(long from, long to, long size) {
    return "bytes " + from + "-" + to + "/" + size;
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("http close failed reason={}", e.toString());
    }
  }

  private long now() {
    return ctx.executor().ticker().nanoTime();
  }
}
