// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of a stream: one piece at a time, the next one when the socket has taken the last. Runs
 * on the connection's event loop.
 */
final class Streaming {
  private static final Logger LOG = LoggerFactory.getLogger(Streaming.class);

  /** Silence after which a pulse is sent, unless half the time to stall is less. */
  private static final Duration PULSE = Duration.ofSeconds(15);

  /** Who sends it, and wants to know how it goes. */
  interface Owner {
    /** The client took so many bytes. */
    void took(int bytes);

    /** The feed has nothing more; all that it had is sent. */
    void over(String reason);

    /** The socket takes nothing more. */
    void lost();
  }

  private final ChannelHandlerContext ctx;
  private final Feed feed;
  private final Owner owner;
  private final Deadline pulse;
  private final Duration silence;

  /** Whether a look at the feed is on its way to the loop: many calls are one look. */
  private final AtomicBoolean called = new AtomicBoolean();

  private boolean writing;
  private boolean ended;

  Streaming(ChannelHandlerContext ctx, Feed feed, Duration stall, Owner owner) {
    this.ctx = ctx;
    this.feed = feed;
    this.owner = owner;
    this.pulse = new Deadline(ctx.executor(), this::silent);
    Duration half = stall.dividedBy(2);
    this.silence = half.compareTo(PULSE) < 0 ? half : PULSE;
  }

  /** After the head was written. */
  void begin() {
    feed.begin(this::call);
    pulse.in(silence);
    call();
  }

  /** Not at once, also on the loop itself: a feed that never runs dry must not keep it. */
  private void call() {
    if (called.compareAndSet(false, true)) {
      var _ = ctx.executor().schedule(this::look, 1, TimeUnit.NANOSECONDS);
    }
  }

  private void look() {
    called.set(false);
    if (ended || writing) {
      return;
    }
    try {
      switch (feed.next()) {
        case Feed.Next.Bytes(byte[] bytes) -> write(bytes);
        case Feed.Next.Nothing _ -> {}
        case Feed.Next.End(String reason) -> {
          end();
          owner.over(reason);
        }
      }
    } catch (RuntimeException e) {
      LOG.error("http stream failed peer={}", ctx.channel().remoteAddress(), e);
      end();
      owner.lost();
    }
  }

  private void silent() {
    if (!ended && !writing) {
      write(feed.pulse());
    } else if (!ended) {
      pulse.in(silence);
    }
  }

  private void write(byte[] bytes) {
    writing = true;
    pulse.in(silence);
    ChannelFuture written = ctx.writeAndFlush(Unpooled.wrappedBuffer(bytes));
    var _ =
        written.addListener(
            future -> {
              writing = false;
              if (ended) {
                return;
              }
              if (future.isSuccess()) {
                owner.took(bytes.length);
                call();
              } else {
                end();
                owner.lost();
              }
            });
  }

  /** Nothing is asked or sent any more. */
  void end() {
    if (!ended) {
      ended = true;
      pulse.cancel();
      feed.ended();
    }
  }
}
