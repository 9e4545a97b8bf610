// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import foundrybot.bootserver.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * One read of one file (RFC 1350, 2347 to 2349, 7440) from a socket of its own. Every byte is
 * compared with the reference. Must be used on its loop only.
 */
final class TftpFetch {
  /** How files are asked for; shared by many transfers, whose sums it keeps. */
  static final class Plan {
    private final EventLoops loops;
    private final InetSocketAddress server;
    private final ByteBuf reference;
    private final int blockSize;
    private final int windowSize;
    private final boolean probe;
    private final double lost;
    private final int delayMs;
    private final RandomGenerator random;
    private long bytes;
    private long repeated;
    private long timeouts;
    private int window = 1;

    Plan(
        EventLoops loops,
        InetSocketAddress server,
        ByteBuf reference,
        Order.Tftp order,
        RandomGenerator random) {
      this.loops = loops;
      this.server = server;
      this.reference = reference;
      this.blockSize = order.blockSize();
      this.windowSize = order.windowSize();
      this.probe = order.probe();
      this.lost = order.lost();
      this.delayMs = order.delayMs();
      this.random = random;
    }

    /** Bytes that were found right. */
    long bytes() {
      return bytes;
    }

    /** Blocks that came more than once. */
    long repeated() {
      return repeated;
    }

    /** How often a client had to ask again after its time-out. */
    long timeouts() {
      return timeouts;
    }

    /** The window that was last granted. */
    int window() {
      return window;
    }
  }

  /** Told once, how it ended; the text is empty when all is well. */
  interface Ending {
    void ended(String trouble);
  }

  /** EDK2 waits 4 s and tries 6 times. */
  private static final long TIMEOUT_MS = 4_000;

  private static final int MOST_TRIES = 6;
  private static final int LARGEST = 2048;
  private static final int MOST_AT_ONCE = 64;

  private final Plan plan;
  private final String file;
  private final InetSocketAddress own;
  private final Ending ending;
  private Optional<Channel> channel = Optional.empty();
  private Optional<InetSocketAddress> peer = Optional.empty();
  private boolean probing;
  private boolean agreed;
  private int blockSize = 512;
  private int windowSize = 1;
  private long wanted = 1;
  private long acknowledged = -1;
  private int inWindow;
  private boolean gapTold;
  private boolean ackWaits;
  private int tries;
  private long heard;
  private boolean over;

  private TftpFetch(Plan plan, String file, InetSocketAddress own, Ending ending) {
    this.plan = plan;
    this.file = file;
    this.own = own;
    this.ending = ending;
    this.probing = plan.probe;
  }

  static void start(Plan plan, String file, InetSocketAddress own, Ending ending) {
    new TftpFetch(plan, file, own, ending).open();
  }

  private void open() {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(plan.loops.group())
            .channel(plan.loops.datagramChannel())
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(LARGEST * Math.min(plan.windowSize, MOST_AT_ONCE)))
            .handler(new Handler(this));
    if (plan.loops.isEpoll()) {
      bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, LARGEST);
    }
    var _ =
        bootstrap
            .bind(own)
            .addListener(
                (io.netty.channel.ChannelFuture bound) -> {
                  if (!bound.isSuccess()) {
                    end("no socket: " + bound.cause().getMessage());
                    return;
                  }
                  channel = Optional.of(bound.channel());
                  heard = System.nanoTime();
                  ask();
                  watch(bound.channel());
                });
  }

  private void watch(Channel socket) {
    var _ =
        socket.eventLoop().schedule(() -> onTimer(socket), TIMEOUT_MS / 8, TimeUnit.MILLISECONDS);
  }

  private void onTimer(Channel socket) {
    if (over || channel.filter(socket::equals).isEmpty()) {
      return;
    }
    if (System.nanoTime() - heard > TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS)) {
      heard = System.nanoTime();
      plan.timeouts++;
      if (++tries > MOST_TRIES) {
        end("timed out at block " + wanted);
        return;
      }
      gapTold = false;
      if (peer.isPresent()) {
        acknowledge();
      } else {
        ask();
      }
    }
    watch(socket);
  }

  private void ask() {
    ByteBuf out = buffer(128 + file.length()).writeShort(1);
    word(word(out, file), "octet");
    word(word(out, "tsize"), "0");
    word(word(out, "blksize"), Integer.toString(plan.blockSize));
    if (plan.windowSize > 1) {
      word(word(out, "windowsize"), Integer.toString(plan.windowSize));
    }
    send(out, plan.server);
  }

  private ByteBuf buffer(int size) {
    return channel.orElseThrow().alloc().directBuffer(size);
  }

  private static ByteBuf word(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
    return out.writeByte(0);
  }

  private void send(ByteBuf packet, InetSocketAddress to) {
    channel.ifPresentOrElse(
        socket -> {
          var _ = socket.writeAndFlush(new DatagramPacket(packet, to), socket.voidPromise());
        },
        packet::release);
  }

  private void acknowledge() {
    if (plan.delayMs == 0) {
      sendAck();
    } else if (!ackWaits) {
      ackWaits = true;
      inWindow = 0;
      var _ =
          channel
              .orElseThrow()
              .eventLoop()
              .schedule(
                  () -> {
                    ackWaits = false;
                    sendAck();
                  },
                  plan.delayMs,
                  TimeUnit.MILLISECONDS);
    }
  }

  private void sendAck() {
    if (over || channel.isEmpty()) {
      return;
    }
    acknowledged = wanted - 1;
    inWindow = 0;
    peer.ifPresent(to -> send(buffer(4).writeShort(4).writeShort((int) acknowledged), to));
  }

  private void received(DatagramPacket packet) {
    ByteBuf in = packet.content();
    if (over || in.readableBytes() < 4) {
      return;
    }
    if (peer.isEmpty()) {
      peer = Optional.of(packet.sender());
    } else if (peer.get().getPort() != packet.sender().getPort()) {
      return;
    }
    heard = System.nanoTime();
    tries = 0;
    switch (in.readUnsignedShort()) {
      case 3 -> data(in);
      case 5 -> end("ERROR " + in.readUnsignedShort() + text(in));
      case 6 -> agreed(in);
      default -> {
        // Nothing that a server may send; the time-out will tell.
      }
    }
  }

  private static String text(ByteBuf in) {
    return in.isReadable()
        ? " " + in.toString(StandardCharsets.US_ASCII).replaceAll("[^ -~]", "")
        : "";
  }

  private void agreed(ByteBuf in) {
    if (probing) {
      probing = false;
      ByteBuf error = buffer(32).writeShort(5).writeShort(8);
      send(word(error, "User aborted the transfer"), peer.orElseThrow());
      close();
      open();
      return;
    }
    if (agreed) {
      if (wanted == 1) {
        acknowledge();
      }
      return;
    }
    String[] words = in.toString(StandardCharsets.US_ASCII).split("\0", -1);
    for (int i = 0; i + 1 < words.length; i += 2) {
      int value = number(words[i + 1]);
      switch (words[i].toLowerCase(Locale.ROOT)) {
        case "blksize" -> blockSize = value;
        case "windowsize" -> windowSize = value;
        case "tsize" -> {
          if (value != plan.reference.readableBytes()) {
            end("tsize " + value);
            return;
          }
        }
        default -> {
          end("option " + words[i] + " was not asked for");
          return;
        }
      }
    }
    plan.window = windowSize;
    agreed = true;
    acknowledge();
  }

  private static int number(String text) {
    return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
  }

  private void data(ByteBuf in) {
    if (probing) {
      end("no OACK for the size probe");
      return;
    }
    if (plan.lost > 0 && plan.random.nextDouble() < plan.lost) {
      return;
    }
    // Block numbers roll over; the distance to the wanted one does not.
    short ahead = (short) (in.readUnsignedShort() - (int) wanted);
    if (ahead < 0) {
      plan.repeated++;
      if (ahead == -1 && !ackWaits && acknowledged == wanted - 1) {
        acknowledge();
      }
      return;
    }
    if (ahead > 0) {
      if (!gapTold) {
        gapTold = true;
        acknowledge();
      }
      return;
    }
    take(in);
  }

  private void take(ByteBuf in) {
    int length = in.readableBytes();
    long at = (wanted - 1) * blockSize;
    if (at + length > plan.reference.readableBytes()
        || !ByteBufUtil.equals(in, in.readerIndex(), plan.reference, (int) at, length)) {
      end("wrong content in block " + wanted);
      return;
    }
    plan.bytes += length;
    wanted++;
    gapTold = false;
    if (length < blockSize) {
      sendAck();
      end(at + length == plan.reference.readableBytes() ? "" : "ended at byte " + (at + length));
    } else if (++inWindow >= windowSize) {
      acknowledge();
    }
  }

  private void close() {
    channel.ifPresent(
        socket -> {
          var _ = socket.close();
        });
    channel = Optional.empty();
    peer = Optional.empty();
  }

  private void end(String trouble) {
    if (!over) {
      over = true;
      close();
      ending.ended(trouble);
    }
  }

  private static final class Handler extends SimpleChannelInboundHandler<DatagramPacket> {
    private final TftpFetch fetch;

    Handler(TftpFetch fetch) {
      this.fetch = fetch;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      // What still comes for a probe that was aborted is not of the transfer after it.
      if (fetch.channel.filter(context.channel()::equals).isPresent()) {
        fetch.received(packet);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (fetch.channel.filter(context.channel()::equals).isPresent()) {
        fetch.end(String.valueOf(cause.getMessage()));
      }
    }
  }
}
