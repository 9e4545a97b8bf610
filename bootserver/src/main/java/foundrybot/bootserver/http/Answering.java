// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.MacAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelProgressivePromise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One answer on its way. Runs on the connection's event loop.
 *
 * <p>Slices go out one after the other; after some of them it is the next connection's turn, also
 * where the client takes everything at once, so that a script never waits for a file.
 */
final class Answering {
  private static final Logger LOG = LoggerFactory.getLogger(Answering.class);

  /** How often a long answer is told to the flight recorder. */
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Slices before others have their turn. */
  private static final int TURN = 2;

  private static final byte[] NOTHING = new byte[0];

  /** Who is answered, and who wants to know how it goes. */
  interface Listener {
    /** The client took some bytes. */
    void progressed();

    /** All is sent; said once. */
    void finished(boolean keptAlive);
  }

  private final ChannelHandlerContext ctx;
  private final Service service;
  private final Listener listener;
  private Asked asked;
  private Optional<MacAddress> mac = Optional.empty();
  private String label = "";
  private int status;
  private long total;
  private long sent;
  private long toldAt;
  private boolean done;
  private @Nullable Content content;
  private @Nullable Streaming streaming;
  private long next;
  private long end;

  Answering(ChannelHandlerContext ctx, Asked asked, Service service, Listener listener) {
    this.ctx = ctx;
    this.asked = asked;
    this.service = service;
    this.listener = listener;
  }

  void send(HttpAnswer answer) {
    mac = answer.mac();
    label = answer.label();
    toldAt = now();
    switch (answer) {
      case HttpAnswer.Body body -> guarded(() -> body(body));
      case HttpAnswer.File file ->
          service.open(
              file.path(),
              ctx.executor(),
              held -> guarded(() -> file(file, held)),
              problem -> guarded(() -> failed(file, problem)));
      case HttpAnswer.Stream stream -> guarded(() -> stream(stream));
    }
  }

  /** An answer that cannot be sent any more gives back what it holds. */
  static void discard(HttpAnswer answer) {
    if (answer instanceof HttpAnswer.Stream stream) {
      stream.feed().ended();
    }
  }

  /** Whether it ends only with its connection, so that a client that ends its side is gone. */
  boolean isStream() {
    return streaming != null;
  }

  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      // Such as a line break in a header field of the answer.
      LOG.error("http answer cannot be sent label={} peer={}", label, asked.peer(), e);
      service.recorder().counters().count("failed.answer");
      end();
      var _ = ctx.close();
    }
  }

  private void body(HttpAnswer.Body body) {
    int length = body.bytes().length;
    Selection selection = body.status() == 200 ? asked.select(length, "") : new Selection.Whole();
    Content.Memory memory = new Content.Memory(body.bytes());
    switch (selection) {
      case Selection.Part(long from, long to) ->
          out(
              more(body, head(206, body.contentType()))
                  .field("Content-Range", range(from, to, length)),
              memory,
              from,
              to + 1);
      case Selection.Unsatisfiable _ -> unsatisfiable(length);
      case Selection.Whole _, Selection.Unchanged _ ->
          out(more(body, head(body.status(), body.contentType())), memory, 0, length);
    }
  }

  private static Head more(HttpAnswer.Body body, Head head) {
    body.headers().forEach(head::field);
    return head;
  }

  private void stream(HttpAnswer.Stream stream) {
    Streaming body = new Streaming(ctx, stream.feed(), service.limits().stall(), new Streamed());
    streaming = body;
    asked = asked.last();
    Head head = head(200, stream.contentType());
    stream.headers().forEach(head::field);
    ByteBuf first = ctx.alloc().ioBuffer(head.length());
    head.write(first);
    ChannelFuture written = ctx.writeAndFlush(first);
    if (asked.head()) {
      var _ = written.addListener(future -> last((ChannelFuture) future));
    } else {
      body.begin();
    }
  }

  /** What becomes of a stream. */
  private final class Streamed implements Streaming.Owner {
    @Override
    public void took(int bytes) {
      sent += bytes;
      total = sent;
      listener.progressed();
    }

    @Override
    public void over(String reason) {
      service.recorder().counters().count("stream." + reason);
      last(ctx.newSucceededFuture());
    }

    @Override
    public void lost() {
      gone();
      var _ = ctx.close();
    }
  }

  private void file(HttpAnswer.File file, OpenFiles.Hold held) {
    if (done) {
      held.close();
      return;
    }
    boolean exact = !file.etag().isEmpty();
    if (exact ? held.size() != file.size() : held.size() < file.size()) {
      held.close();
      String has = "has %d bytes (expected: %d)".formatted(held.size(), file.size());
      failed(file, new IOException(has));
      return;
    }
    Content bytes = service.secure() ? new Content.Read(held) : new Content.ZeroCopy(held);
    switch (asked.select(file.size(), file.etag())) {
      case Selection.Unchanged _ -> {
        held.close();
        out(head(304, "").field("ETag", file.etag()), new Content.Memory(NOTHING), 0, 0);
      }
      case Selection.Unsatisfiable _ -> {
        held.close();
        unsatisfiable(file.size());
      }
      case Selection.Whole _ ->
          out(ofFile(file, head(200, file.contentType())), bytes, 0, file.size());
      case Selection.Part(long from, long to) ->
          out(
              ofFile(file, head(206, file.contentType()))
                  .field("Content-Range", range(from, to, file.size())),
              bytes,
              from,
              to + 1);
    }
  }

  private static Head ofFile(HttpAnswer.File file, Head head) {
    if (!file.etag().isEmpty()) {
      head.field("ETag", file.etag());
    }
    return head.field("Accept-Ranges", "bytes");
  }

  private void failed(HttpAnswer.File file, IOException problem) {
    LOG.error("http file cannot be read path={} reason={}", file.path(), problem.toString());
    service.recorder().counters().count("failed.file");
    if (done) {
      return;
    }
    byte[] text = "the server cannot read this file\n".getBytes(StandardCharsets.UTF_8);
    out(head(500, "text/plain; charset=utf-8"), new Content.Memory(text), 0, text.length);
  }

  private void unsatisfiable(long size) {
    Head head = head(416, "").field("Content-Range", "bytes */" + size);
    out(head, new Content.Memory(NOTHING), 0, 0);
  }

  /** The head, and at once as much of the content as is small. */
  private void out(Head head, Content bytes, long from, long to) {
    boolean bodiless = status == 204 || status == 304;
    if (!bodiless) {
      head.field("Content-Length", to - from);
    }
    content = bytes;
    next = from;
    end = asked.head() || bodiless ? from : to;
    total = end - from;
    boolean together = total <= Content.SMALL;
    ByteBuf first = ctx.alloc().ioBuffer(head.length() + (together ? (int) total : 0));
    try {
      head.write(first);
      if (together) {
        bytes.copy(first, from, (int) total);
        next = end;
      }
    } catch (IOException e) {
      first.release();
      broken(e);
      return;
    }
    ChannelFuture written = next == end ? ctx.writeAndFlush(first) : ctx.write(first);
    if (next < end) {
      pump();
    } else if (written.isDone()) {
      last(written);
    } else {
      var _ = written.addListener(future -> last((ChannelFuture) future));
    }
  }

  /** Writes slices until the socket or the turn is full. */
  private void pump() {
    Content bytes = content;
    for (int turn = 0; bytes != null && !done; turn++) {
      if (turn == TURN) {
        later();
        return;
      }
      int length = bytes.slice(end - next);
      Object part;
      try {
        part = bytes.part(ctx.alloc(), next, length);
      } catch (IOException e) {
        broken(e);
        return;
      }
      long before = next;
      next += length;
      ChannelProgressivePromise promise = ctx.newProgressivePromise();
      ChannelFuture written = ctx.writeAndFlush(part, promise);
      if (!written.isDone()) {
        var _ = promise.addListener(new Slice(before));
        return;
      }
      if (!took(written)) {
        return;
      }
    }
  }

  /**
   * Goes on when the loop has looked after all others. A plain task would not do: the loop runs
   * tasks that tasks add, for up to a second, before it looks at a socket again.
   */
  private void later() {
    var _ = ctx.executor().schedule(this::pump, 1, TimeUnit.NANOSECONDS);
  }

  /** Whether there is more to send. */
  private boolean took(ChannelFuture written) {
    if (next == end || !written.isSuccess()) {
      last(written);
      return false;
    }
    progressed(next);
    return true;
  }

  private void progressed(long upTo) {
    sent = total - (end - upTo);
    listener.progressed();
    if (now() - toldAt >= PROGRESS_NANOS) {
      toldAt = now();
      tell("progress", "http.progress", label + " " + sent + " of " + total + " bytes");
    }
  }

  private final class Slice implements ChannelProgressiveFutureListener {
    private final long from;

    Slice(long from) {
      this.from = from;
    }

    @Override
    public void operationProgressed(ChannelProgressiveFuture future, long progress, long all) {
      progressed(from + progress);
    }

    @Override
    public void operationComplete(ChannelProgressiveFuture future) {
      if (!done && took(future)) {
        later();
      }
    }
  }

  private void last(ChannelFuture written) {
    if (done) {
      return;
    }
    if (!written.isSuccess()) {
      gone();
      var _ = ctx.close();
      return;
    }
    sent = total;
    end();
    tell(
        "status." + status,
        "http.request",
        asked.method() + " " + label + " " + status + " " + total + " bytes");
    listener.finished(asked.keepAlive());
  }

  /** A file that broke off under way: nothing but the end of the connection can say so. */
  private void broken(IOException problem) {
    LOG.error("http answer broke off label={} reason={}", label, problem.toString());
    service.recorder().counters().count("failed.file");
    gone();
    var _ = ctx.close();
  }

  /** The client went away. */
  void gone() {
    if (!done && isStream()) {
      end();
      tell(
          "stream.left",
          "http.request",
          "%s %s %d %d bytes".formatted(asked.method(), label, status, sent));
    } else if (!done) {
      end();
      tell(
          "aborted",
          "http.aborted",
          "%s %s %d at %d of %d bytes".formatted(asked.method(), label, status, sent, total));
    }
  }

  private void end() {
    done = true;
    service.recorder().counters().add(Counters.SENT_BYTES, sent);
    Content bytes = content;
    if (bytes != null) {
      content = null;
      bytes.done();
    }
    Streaming stream = streaming;
    if (stream != null) {
      stream.end();
    }
  }

  private void tell(String counter, String kind, String detail) {
    service.recorder().tell(counter, kind, mac, asked.peer(), detail);
  }

  /** Field names as RFC 9110 writes them: GRUB compares them letter by letter. */
  private Head head(int status, String contentType) {
    this.status = status;
    Head head = new Head(status);
    if (!contentType.isEmpty()) {
      head.field("Content-Type", contentType);
    }
    return head.field("Connection", asked.keepAlive() ? "keep-alive" : "close");
  }

  private static String range(long from, long to, long size) {
    return "bytes " + from + "-" + to + "/" + size;
  }

  private long now() {
    return ctx.executor().ticker().nanoTime();
  }
}
