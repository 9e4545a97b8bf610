// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import foundrybot.bootserver.MacAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One file on its way to one client, on a socket of its own that is connected to that client. */
final class Transfer extends SimpleChannelInboundHandler<DatagramPacket> {
  private static final Logger LOG = LoggerFactory.getLogger(Transfer.class);

  /** What a datagram can hold, and what the kernel cuts at one time ({@code UDP_MAX_SEGMENTS}). */
  private static final int MAX_RUN_BYTES = 65_507;

  private static final int MAX_SEGMENTS = 64;

  /** Larger packets do not fit Ethernet's MTU, and the kernel does not segment across it. */
  private static final int MAX_SEGMENT_BYTES = 1472;

  /** From the news that the client's port is closed to the end of the transfer. */
  private static final int GRACE_MILLIS = 100;

  /** Hears how a transfer fares; called on the transfer's event loop. */
  interface Owner {
    void answered(Transfer transfer);

    void ended(Transfer transfer, String kind, String detail);

    /** The kernel does not cut runs into datagrams; from now on each is sent by itself. */
    void unsegmented();
  }

  private final String name;
  private final InetSocketAddress peer;
  private final Optional<MacAddress> mac;
  private final Negotiation agreed;
  private final Content content;
  private final Owner owner;
  private final AtomicBoolean segmentation;
  private final Sender sender;
  private volatile @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> timer;
  private long timerAt;
  private long startedAt;
  private boolean toldAnswered;
  private boolean ended;

  Transfer(
      String name,
      InetSocketAddress peer,
      Optional<MacAddress> mac,
      Negotiation agreed,
      Content content,
      TftpSettings.Limits limits,
      AtomicBoolean segmentation,
      Owner owner) {
    this.name = name;
    this.peer = peer;
    this.mac = mac;
    this.agreed = agreed;
    this.content = content;
    this.segmentation = segmentation;
    this.owner = owner;
    this.sender =
        new Sender(
            agreed.lastBlock(content.size()),
            agreed.windowSize(),
            !agreed.accepted().isEmpty(),
            Sender.Timing.of(limits, agreed));
  }

  InetSocketAddress peer() {
    return peer;
  }

  Optional<MacAddress> mac() {
    return mac;
  }

  /** The client repeated its request: its first packet may have been lost. */
  void again() {
    onLoop(ctx -> act(ctx, sender.again(now(ctx))));
  }

  /** Ends it from outside. */
  void stop(String kind, String reason) {
    onLoop(ctx -> end(ctx, kind, reason + place()));
  }

  private interface Task {
    void run(ChannelHandlerContext ctx);
  }

  private void onLoop(Task task) {
    ChannelHandlerContext ctx = context;
    if (ctx != null && !ctx.executor().isShuttingDown()) {
      ctx.executor().execute(() -> task.run(ctx));
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    startedAt = now(ctx);
    act(ctx, sender.start(startedAt));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    if (ended) {
      return;
    }
    switch (TftpMessage.decode(packet.content())) {
      case TftpMessage.Ack(int block) -> act(ctx, sender.acknowledged(block, now(ctx)));
      case TftpMessage.Failure(int code, String text) -> failed(ctx, code, text);
      default -> {
        // Nothing else has a place here, and answering it could start an exchange of errors.
      }
    }
  }

  /** EDK2 and old ROMs ask once for the size alone, and end that transfer with an ERROR. */
  private void failed(ChannelHandlerContext ctx, int code, String text) {
    boolean probe = !sender.answered() && agreed.accepted().containsKey("tsize");
    if (probe) {
      end(ctx, "tftp.probe", name + ", " + content.size() + " bytes, size asked only");
    } else {
      end(ctx, "tftp.aborted", "by the client" + place() + ": error " + code + " " + text);
    }
  }

  private void act(ChannelHandlerContext ctx, Sender.Step step) {
    if (ended) {
      return;
    }
    switch (step) {
      case NOTHING -> {}
      case SEND_OACK -> {
        var _ = ctx.writeAndFlush(Packets.oack(ctx.alloc(), agreed.accepted()));
      }
      case SEND_WINDOW -> window(ctx);
      case DONE -> done(ctx);
      case GIVE_UP -> end(ctx, "tftp.timeout", "no answer from the client" + place());
    }
    if (ended) {
      return;
    }
    if (sender.answered() && !toldAnswered) {
      toldAnswered = true;
      owner.answered(this);
    }
    arm(ctx);
  }

  private void window(ChannelHandlerContext ctx) {
    int size = agreed.blockSize() + Packets.HEADER;
    long run = size <= MAX_SEGMENT_BYTES ? Math.min(MAX_SEGMENTS, MAX_RUN_BYTES / size) : 1;
    try {
      for (long from = sender.from(); from <= sender.to(); from += run) {
        long to = Math.min(from + run - 1, sender.to());
        send(ctx, Packets.data(ctx.alloc(), content, agreed.blockSize(), from, to), size);
      }
      ctx.flush();
    } catch (IOException e) {
      LOG.error("tftp read failed file={} peer={} reason={}", name, peer, e.toString());
      var _ = ctx.writeAndFlush(Packets.error(ctx.alloc(), 0, "Read error"));
      end(ctx, "tftp.failed", "reading failed" + place() + ": " + e.getMessage());
    }
  }

  /** One call of the kernel for a whole run of blocks where it can (UDP GSO). */
  private void send(ChannelHandlerContext ctx, ByteBuf run, int size) {
    if (run.readableBytes() <= size) {
      var _ = ctx.write(run);
    } else if (segmentation.get()) {
      ByteBuf spare = run.retainedDuplicate();
      ctx.write(new SegmentedDatagramPacket(run, size, peer))
          .addListener(
              sent -> {
                if (sent.isSuccess() || !ctx.channel().isActive()) {
                  spare.release();
                } else if (sent.cause() instanceof PortUnreachableException) {
                  spare.release();
                  exceptionCaught(ctx, sent.cause());
                } else {
                  if (segmentation.getAndSet(false)) {
                    owner.unsegmented();
                    LOG.info("tftp segmentation=off reason={}", sent.cause().toString());
                  }
                  oneByOne(ctx, spare, size);
                  ctx.flush();
                }
              });
    } else {
      oneByOne(ctx, run, size);
    }
  }

  private static void oneByOne(ChannelHandlerContext ctx, ByteBuf run, int size) {
    while (run.isReadable()) {
      var _ = ctx.write(run.readRetainedSlice(Math.min(size, run.readableBytes())));
    }
    run.release();
  }

  private void done(ChannelHandlerContext ctx) {
    double seconds = (now(ctx) - startedAt) / 1e9;
    end(
        ctx,
        "tftp.done",
        String.format(Locale.ROOT, "%s, %d bytes in %.3f s", name, content.size(), seconds));
  }

  private String place() {
    return " at block "
        + sender.acked()
        + " of "
        + agreed.lastBlock(content.size())
        + " of "
        + name;
  }

  /** One task for many deadlines: it moves on when it finds itself too early. */
  private void arm(ChannelHandlerContext ctx) {
    ScheduledFuture<?> armed = timer;
    if (armed != null) {
      if (timerAt - sender.deadline() <= 0) {
        return;
      }
      armed.cancel(false);
    }
    timerAt = sender.deadline();
    timer =
        ctx.executor()
            .schedule(
                () -> {
                  timer = null;
                  act(ctx, sender.timeout(now(ctx)));
                },
                Math.max(0, timerAt - now(ctx)),
                TimeUnit.NANOSECONDS);
  }

  private void end(ChannelHandlerContext ctx, String kind, String detail) {
    if (ended) {
      return;
    }
    ended = true;
    ScheduledFuture<?> armed = timer;
    if (armed != null) {
      armed.cancel(false);
    }
    release();
    var _ = ctx.close();
    owner.ended(this, kind, detail);
  }

  /** The socket never came to be. */
  void unopened(Throwable cause) {
    if (!ended) {
      ended = true;
      release();
      LOG.error("tftp socket failed file={} peer={} reason={}", name, peer, cause.toString());
      owner.ended(this, "tftp.failed", name + ": no socket: " + cause.getMessage());
    }
  }

  private void release() {
    try {
      content.close();
    } catch (IOException e) {
      LOG.warn("tftp close failed file={} reason={}", name, e.toString());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(ctx, "tftp.aborted", "server closed" + place());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (ended) {
      return;
    }
    if (cause instanceof IOException) {
      // The kernel tells this before it hands over the last acknowledgement, which may be waiting.
      var _ =
          ctx.executor()
              .schedule(
                  () -> end(ctx, "tftp.aborted", "the client's port is closed" + place()),
                  GRACE_MILLIS,
                  TimeUnit.MILLISECONDS);
      ctx.read();
    } else {
      LOG.error("tftp transfer failed file={} peer={}", name, peer, cause);
      end(ctx, "tftp.failed", "internal error" + place());
    }
  }

  private static long now(ChannelHandlerContext ctx) {
    return ctx.executor().ticker().nanoTime();
  }
}
