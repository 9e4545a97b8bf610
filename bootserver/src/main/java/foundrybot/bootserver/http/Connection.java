// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
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
 * ANSWERING  the handler's answer    stall, since the last byte taken: closed
 * IDLE       the answer's last byte  idle: closed
 * LINGERING  the last answer's end   2 s, or the client's end: closed
 * </pre>
 */
final class Connection extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

  private enum Phase {
    OPENED,
    RECEIVING,
    ASKING,
    ANSWERING,
    IDLE,
    LINGERING
  }

  private static final Duration LINGER = Duration.ofSeconds(2);

  private final HttpSettings.Limits limits;
  private final HttpHandler handler;
  private final Recorder recorder;
  private Phase phase = Phase.OPENED;
  private long deadline;
  private @Nullable ScheduledFuture<?> timer;
  private long timerAt;
  private @Nullable Answering answering;

  Connection(HttpSettings.Limits limits, HttpHandler handler, Recorder recorder) {
    super(FullHttpRequest.class);
    this.limits = limits;
    this.handler = handler;
    this.recorder = recorder;
  }

  /** Sits before the decoder and sees when bytes of a request begin to arrive. */
  ChannelHandler watch() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (phase == Phase.IDLE || phase == Phase.OPENED) {
          enter(ctx, Phase.RECEIVING, limits.receive());
        }
        if (phase == Phase.LINGERING) {
          ReferenceCountUtil.release(message);
        } else {
          ctx.fireChannelRead(message);
        }
      }
    };
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    enter(ctx, Phase.OPENED, limits.receive());
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    // Until this one is answered; the flow control before us keeps what is decoded already.
    ctx.channel().config().setAutoRead(false);
    boolean keepAlive = HttpUtil.isKeepAlive(request);
    Throwable fault = request.decoderResult().cause();
    if (fault != null) {
      malformed(ctx, fault);
      return;
    }
    enter(ctx, Phase.ASKING, limits.answer());
    String method = request.method().name();
    if (!METHODS.contains(method)) {
      refuse(ctx, "method", HttpAnswer.Body.text(501, "method not served\n", "a method"));
      return;
    }
    switch (Target.of(request.uri())) {
      case Target.Refused(String reason) ->
          refuse(ctx, reason, HttpAnswer.Body.text(400, "bad request: " + reason + "\n", reason));
      case Target.Plain target -> ask(ctx, view(ctx, request, target), keepAlive);
    }
  }

  private void ask(ChannelHandlerContext ctx, HttpRequestView request, boolean keepAlive) {
    Asked asked = Asked.of(request, keepAlive);
    CompletionStage<HttpAnswer> stage;
    try {
      stage = handler.handle(request);
    } catch (RuntimeException e) {
      answer(ctx, asked, failed(request, e));
      return;
    }
    var _ =
        stage.whenComplete(
            (answer, failure) -> {
              HttpAnswer sent = failure == null ? answer : failed(request, failure);
              if (ctx.executor().inEventLoop()) {
                answer(ctx, asked, sent);
              } else {
                ctx.executor().execute(() -> answer(ctx, asked, sent));
              }
            });
  }

  private static HttpAnswer failed(HttpRequestView request, Throwable failure) {
    LOG.error("http handler failed method={} peer={}", request.method(), request.peer(), failure);
    return HttpAnswer.Body.text(500, "internal error\n", "a failed request");
  }

  private void answer(ChannelHandlerContext ctx, Asked asked, HttpAnswer answer) {
    if (phase != Phase.ASKING || !ctx.channel().isActive()) {
      return;
    }
    enter(ctx, Phase.ANSWERING, limits.stall());
    Answering now =
        new Answering(
            ctx,
            asked,
            recorder,
            () -> enter(ctx, Phase.ANSWERING, limits.stall()),
            keptAlive -> answered(ctx, keptAlive));
    answering = now;
    try {
      now.send(answer);
    } catch (RuntimeException e) {
      // Such as a line break in a header field of the answer.
      LOG.error("http answer cannot be sent label={} peer={}", answer.label(), asked.peer(), e);
      recorder.counters().count("failed.answer");
      var _ = ctx.close();
    }
  }

  private void answered(ChannelHandlerContext ctx, boolean keptAlive) {
    answering = null;
    if (keptAlive && ctx.channel().isActive()) {
      enter(ctx, Phase.IDLE, limits.idle());
      ctx.channel().config().setAutoRead(true);
    } else {
      linger(ctx);
    }
  }

  /**
   * Ends our side, then takes and drops what the client still sends: a connection that is closed
   * with unread bytes is reset, and the client may lose the answer (RFC 9112 section 9.6).
   */
  private void linger(ChannelHandlerContext ctx) {
    if (ctx.channel() instanceof DuplexChannel channel && channel.isActive()) {
      enter(ctx, Phase.LINGERING, LINGER);
      var _ = channel.shutdownOutput();
      channel.config().setAutoRead(true);
    } else {
      var _ = ctx.close();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event.equals(Body.REFUSED)) {
      linger(ctx);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void refuse(ChannelHandlerContext ctx, String reason, HttpAnswer.Body answer) {
    recorder.counters().count("malformed." + reason);
    answer(ctx, Asked.nothing(peer(ctx)), answer);
  }

  private void malformed(ChannelHandlerContext ctx, Throwable fault) {
    boolean line = fault instanceof TooLongHttpLineException;
    boolean headers = fault instanceof TooLongHttpHeaderException;
    int status = line ? 414 : headers ? 431 : 400;
    String reason = line ? "line-too-long" : headers ? "headers-too-long" : "syntax";
    enter(ctx, Phase.ASKING, limits.answer());
    refuse(ctx, reason, HttpAnswer.Body.text(status, "bad request: " + reason + "\n", reason));
  }

  private static HttpRequestView view(
      ChannelHandlerContext ctx, FullHttpRequest request, Target.Plain target) {
    return new HttpRequestView(
        request.method().name(),
        target.path(),
        target.query(),
        headers(request.headers()),
        peer(ctx),
        (InetSocketAddress) ctx.channel().localAddress(),
        ByteBufUtil.getBytes(request.content()));
  }

  private static Map<String, String> headers(HttpHeaders headers) {
    Map<String, String> byName = new HashMap<>();
    for (Map.Entry<String, String> field : headers) {
      byName.merge(
          field.getKey().toLowerCase(Locale.ROOT), field.getValue(), (a, b) -> a + ", " + b);
    }
    return Map.copyOf(byName);
  }

  private static InetSocketAddress peer(ChannelHandlerContext ctx) {
    return (InetSocketAddress) ctx.channel().remoteAddress();
  }

  private void enter(ChannelHandlerContext ctx, Phase next, Duration time) {
    phase = next;
    deadline = ctx.executor().ticker().nanoTime() + time.toNanos();
    arm(ctx);
  }

  /** One task for many deadlines: it moves on when it finds itself too early. */
  private void arm(ChannelHandlerContext ctx) {
    ScheduledFuture<?> armed = timer;
    if (armed != null) {
      if (timerAt - deadline <= 0) {
        return;
      }
      armed.cancel(false);
    }
    timerAt = deadline;
    long delay = deadline - ctx.executor().ticker().nanoTime();
    timer = ctx.executor().schedule(() -> due(ctx), Math.max(0, delay), TimeUnit.NANOSECONDS);
  }

  private void due(ChannelHandlerContext ctx) {
    timer = null;
    Channel channel = ctx.channel();
    if (!channel.isActive()) {
      return;
    }
    if (ctx.executor().ticker().nanoTime() - deadline < 0) {
      arm(ctx);
      return;
    }
    switch (phase) {
      case OPENED, RECEIVING -> {
        recorder.tell(
            "timeout.receive",
            "http.timeout",
            Optional.empty(),
            peer(ctx),
            "no whole request within " + limits.receive().toMillis() + " ms");
        var _ = channel.close();
      }
      case ASKING -> {
        recorder.counters().count("timeout.answer");
        LOG.error(
            "http handler gave no answer peer={} ms={}", peer(ctx), limits.answer().toMillis());
        answer(
            ctx,
            Asked.nothing(peer(ctx)),
            HttpAnswer.Body.text(503, "no answer in time\n", "an unanswered request"));
      }
      case ANSWERING -> {
        recorder.counters().count("timeout.stall");
        var _ = channel.close();
      }
      case IDLE -> {
        recorder.counters().count("timeout.idle");
        var _ = channel.close();
      }
      case LINGERING -> {
        var _ = channel.close();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ScheduledFuture<?> armed = timer;
    if (armed != null) {
      armed.cancel(false);
    }
    Answering current = answering;
    if (current != null) {
      current.gone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.error("http connection failed peer={}", ctx.channel().remoteAddress(), cause);
    }
    var _ = ctx.close();
  }
}
