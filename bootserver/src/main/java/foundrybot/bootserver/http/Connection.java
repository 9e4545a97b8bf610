// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection. It answers one request at a time, in order; what the client sends meanwhile stays
 * in the kernel, whose window tells the client to wait.
 *
 * <pre>
 * phase      begins with             ends in time or else
 * OPENED     the connection          receive: closed
 * RECEIVING  a request's first byte  receive: closed
 * ASKING     a whole request         answer: 503, closed
 * ANSWERING  the handler's answer    stall, since the last byte taken: closed; a stream has
 *                                    pulses that are to be taken
 * IDLE       the answer's last byte  idle: closed
 * LINGERING  the last answer's end   2 s, or the client's end: closed
 * </pre>
 */
final class Connection extends ChannelInboundHandlerAdapter implements Answering.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private enum Phase {
    OPENED,
    RECEIVING,
    ASKING,
    ANSWERING,
    IDLE,
    LINGERING
  }

  private static final Duration LINGER = Duration.ofSeconds(2);

  private final Service service;
  private final HttpSettings.Limits limits;
  private final Ahead ahead = new Ahead();
  private final Deadline deadline;
  private final Channel channel;
  private Phase phase = Phase.OPENED;
  private @Nullable Answering answering;
  private @Nullable Incoming incoming;

  /** Whether all of the request that was begun last has come in. */
  private boolean whole = true;

  /** Whether the client said itself that it sends nothing more. */
  private boolean silent;

  private boolean draining;
  private boolean inputEnded;

  Connection(Service service, Channel channel) {
    this.service = service;
    this.limits = service.limits();
    this.channel = channel;
    this.deadline = new Deadline(channel.eventLoop(), this::due);
  }

  /** Sits before the connection, and sees when bytes of a request begin to arrive. */
  ChannelHandler decoder(HttpDecoderConfig config) {
    return new HttpRequestDecoder(config) {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (phase == Phase.IDLE || phase == Phase.OPENED) {
          enter(Phase.RECEIVING, limits.receive());
        }
        if (phase == Phase.LINGERING) {
          ReferenceCountUtil.release(message);
        } else {
          super.channelRead(ctx, message);
        }
      }
    };
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    enter(Phase.OPENED, limits.receive());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HttpObject object) || phase == Phase.LINGERING) {
      ReferenceCountUtil.release(message);
    } else if (ahead.isEmpty() && (!isBusy() || isOfPresentRequest(object))) {
      take(ctx, object);
    } else {
      keep(object);
    }
  }

  private boolean isBusy() {
    return phase == Phase.ASKING || phase == Phase.ANSWERING;
  }

  private boolean isOfPresentRequest(HttpObject object) {
    return !whole && object instanceof HttpContent;
  }

  /** For later. No more is read until then, so this is what one read brought and nothing else. */
  private void keep(HttpObject object) {
    channel.config().setAutoRead(false);
    if (!ahead.add(object)) {
      tell("refused.pipelined", "http.refused", "more than " + Ahead.MAX_REQUESTS + " ahead");
      enter(Phase.LINGERING, LINGER);
      ahead.discard();
      var _ = channel.close();
    }
  }

  private void drain(ChannelHandlerContext ctx) {
    if (draining) {
      return;
    }
    draining = true;
    for (HttpObject next; !isBusy() && (next = ahead.poll()) != null; ) {
      if (next instanceof HttpRequest) {
        enter(Phase.RECEIVING, limits.receive());
      }
      take(ctx, next);
    }
    draining = false;
    if (ahead.isEmpty() && !isBusy()) {
      if (inputEnded) {
        linger();
      } else if (!channel.config().isAutoRead()) {
        channel.config().setAutoRead(true);
      }
    }
  }

  private void take(ChannelHandlerContext ctx, HttpObject object) {
    try {
      if (object instanceof HttpRequest request) {
        whole = object instanceof LastHttpContent;
        begin(ctx, request);
      } else if (object instanceof HttpContent part) {
        whole |= part instanceof LastHttpContent;
        more(ctx, part);
      }
    } finally {
      ReferenceCountUtil.release(object);
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest request) {
    Throwable fault = request.decoderResult().cause();
    if (fault != null) {
      malformed(ctx, fault);
      return;
    }
    String method = request.method().name();
    if (!METHODS.contains(method)) {
      refuse(ctx, "method", HttpAnswer.Body.text(501, "method not served\n", "a method"));
      return;
    }
    if (namesSeveralHosts(request)) {
      refuse(ctx, "hosts", HttpAnswer.Body.text(400, "bad request: hosts\n", "hosts"));
      return;
    }
    switch (Target.of(request.uri())) {
      case Target.Refused(String reason) ->
          refuse(ctx, reason, HttpAnswer.Body.text(400, "bad request: " + reason + "\n", reason));
      case Target.Plain target -> {
        HttpRequestView view = Incoming.view(channel, request, target);
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        boolean body = Incoming.hasBody(request);
        silent = !keepAlive && !body;
        if (body) {
          receive(ctx, request, view, keepAlive);
        } else {
          ask(ctx, view, keepAlive);
        }
      }
    }
  }

  /**
   * Two fields Host are two answers to one question (RFC 9112 section 3.2). None at all is let pass
   * although that section wants it refused: no answer depends on it, and whoever leaves it out is a
   * small loader.
   */
  private static boolean namesSeveralHosts(HttpRequest request) {
    Iterator<String> hosts = request.headers().valueStringIterator(HttpHeaderNames.HOST);
    if (!hosts.hasNext()) {
      return false;
    }
    hosts.next();
    return hosts.hasNext();
  }

  /** Decides on a body before any of it is taken. */
  private void receive(
      ChannelHandlerContext ctx, HttpRequest request, HttpRequestView view, boolean keepAlive) {
    int limit = Math.clamp(service.handler().bodyLimit(view), 0, limits.body());
    if (limit == 0) {
      ask(ctx, view, false);
      return;
    }
    if (HttpUtil.getContentLength(request, 0L) > limit) {
      tooLarge(ctx, limit);
      return;
    }
    String expected = expectation(request);
    if (expected != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected)) {
      turnDown(ctx, 417, "refused.expectation", "an expectation other than 100-continue");
      return;
    }
    incoming = new Incoming(view, keepAlive, limit);
    if (expected != null) {
      var _ = ctx.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
    }
  }

  /** A client of HTTP/1.0 takes no interim answer (RFC 9110 section 10.1.1). */
  private static @Nullable String expectation(HttpRequest request) {
    return request.protocolVersion().equals(HttpVersion.HTTP_1_0)
        ? null
        : request.headers().get(HttpHeaderNames.EXPECT);
  }

  private void more(ChannelHandlerContext ctx, HttpContent part) {
    Incoming now = incoming;
    if (now == null) {
      return;
    }
    Throwable fault = part.decoderResult().cause();
    if (fault != null) {
      incoming = null;
      malformed(ctx, fault);
    } else if (!now.append(part.content())) {
      incoming = null;
      tooLarge(ctx, now.limit());
    } else if (part instanceof LastHttpContent) {
      incoming = null;
      ask(ctx, now.whole(), now.keepAlive());
    }
  }

  private void tooLarge(ChannelHandlerContext ctx, int limit) {
    turnDown(ctx, 413, "refused.body", "body larger than " + limit + " bytes");
  }

  private void turnDown(ChannelHandlerContext ctx, int status, String counter, String reason) {
    tell(counter, "http.refused", reason);
    enter(Phase.ASKING, limits.answer());
    answer(ctx, Asked.nothing(peer()), HttpAnswer.Body.text(status, reason + "\n", reason));
  }

  private void ask(ChannelHandlerContext ctx, HttpRequestView request, boolean keepAlive) {
    enter(Phase.ASKING, limits.answer());
    Asked asked = Asked.of(request, keepAlive);
    CompletionStage<HttpAnswer> stage;
    try {
      stage = service.handler().handle(request);
    } catch (RuntimeException e) {
      answer(ctx, asked, service.failed(request, e));
      return;
    }
    var _ =
        stage.whenComplete(
            (answer, failure) -> {
              HttpAnswer sent = failure == null ? answer : service.failed(request, failure);
              if (ctx.executor().inEventLoop()) {
                answer(ctx, asked, sent);
              } else {
                ctx.executor().execute(() -> answer(ctx, asked, sent));
              }
            });
  }

  private void answer(ChannelHandlerContext ctx, Asked asked, HttpAnswer answer) {
    if (phase != Phase.ASKING || !channel.isActive()) {
      Answering.discard(answer);
      return;
    }
    enter(Phase.ANSWERING, limits.stall());
    Answering now = new Answering(ctx, asked, service, this);
    answering = now;
    now.send(answer);
  }

  @Override
  public void progressed() {
    enter(Phase.ANSWERING, limits.stall());
  }

  @Override
  public void finished(boolean keptAlive) {
    answering = null;
    if (keptAlive && channel.isActive()) {
      enter(Phase.IDLE, limits.idle());
      drain(channel.pipeline().context(this));
    } else {
      linger();
    }
  }

  /**
   * Ends our side, then takes and drops what the client still sends: a connection that is closed
   * with unread bytes is reset, and the client may lose the answer (RFC 9112 section 9.6). A client
   * that has said "close" sends nothing more, except for the end of its TLS.
   */
  private void linger() {
    boolean nothingUnread = inputEnded || (silent && !service.secure());
    if (!(channel instanceof DuplexChannel duplex) || !channel.isActive() || nothingUnread) {
      var _ = channel.close();
      return;
    }
    enter(Phase.LINGERING, LINGER);
    ahead.discard();
    Tls.endOutput(duplex);
    channel.config().setAutoRead(true);
  }

  /** A client that ends its side early still gets what it asked for, unless that has no end. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      Answering current = answering;
      if (!isBusy() || (current != null && current.isStream())) {
        var _ = channel.close();
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  private void refuse(ChannelHandlerContext ctx, String reason, HttpAnswer.Body answer) {
    service.recorder().counters().count("malformed." + reason);
    enter(Phase.ASKING, limits.answer());
    answer(ctx, Asked.nothing(peer()), answer);
  }

  private void malformed(ChannelHandlerContext ctx, Throwable fault) {
    boolean line = fault instanceof TooLongHttpLineException;
    boolean headers = fault instanceof TooLongHttpHeaderException;
    int status = line ? 414 : headers ? 431 : 400;
    String reason = line ? "line-too-long" : headers ? "headers-too-long" : "syntax";
    refuse(ctx, reason, HttpAnswer.Body.text(status, "bad request: " + reason + "\n", reason));
  }

  private void tell(String counter, String kind, String detail) {
    service.recorder().tell(counter, kind, Optional.empty(), peer(), detail);
  }

  private InetSocketAddress peer() {
    return Incoming.peer(channel);
  }

  private void enter(Phase next, Duration time) {
    phase = next;
    deadline.in(time);
  }

  private void due() {
    if (!channel.isActive()) {
      return;
    }
    switch (phase) {
      case OPENED, RECEIVING -> {
        String reason = "no whole request within " + limits.receive().toMillis() + " ms";
        tell("timeout.receive", "http.timeout", reason);
        var _ = channel.close();
      }
      case ASKING -> {
        service.recorder().counters().count("timeout.answer");
        LOG.error("http handler gave no answer peer={} ms={}", peer(), limits.answer().toMillis());
        answer(
            channel.pipeline().context(this),
            Asked.nothing(peer()),
            HttpAnswer.Body.text(503, "no answer in time\n", "an unanswered request"));
      }
      case ANSWERING, IDLE -> {
        String what = phase == Phase.IDLE ? "timeout.idle" : "timeout.stall";
        service.recorder().counters().count(what);
        var _ = channel.close();
      }
      case LINGERING -> {
        var _ = channel.close();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    deadline.cancel();
    ahead.discard();
    Answering current = answering;
    if (current != null) {
      current.gone();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.error("http connection failed peer={}", ctx.channel().remoteAddress(), cause);
    }
    var _ = channel.close();
  }
}
