// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import foundrybot.bootserver.MacAddress;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file on its way to one client. Everything but the questions of who it is runs on its loop.
 */
final class Transfer {
  private static final Logger LOG = LoggerFactory.getLogger(Transfer.class);

  /** What a datagram can hold, and what the kernel cuts at one time ({@code UDP_MAX_SEGMENTS}). */
  private static final int MAX_RUN_BYTES = 65_507;

  private static final int MAX_SEGMENTS = 64;

  /** 200 Mbit/s. */
  private static final long NANOS_PER_BYTE = 40;

  /** From the news that the client's port is closed to the end of the transfer. */
  private static final int GRACE_MILLIS = 100;

  /** Hears how a transfer fares; called on the transfer's event loop. */
  interface Owner {
    void answered(Transfer transfer);

    void ended(Transfer transfer, String kind, String detail);

    /** Full blocks seem to get lost on the way, while small packets arrive. */
    void tooWide(Transfer transfer);

    /** Transfers that are under way, this one among them; called from any thread. */
    int underWay();

    /** Something worth counting. */
    void count(String reason);
  }

  private final String name;
  private final InetSocketAddress peer;
  private final Optional<MacAddress> mac;
  private final Negotiation agreed;
  private final Content content;
  private final Owner owner;
  private final Sender sender;
  private final Credit credit;
  private boolean segmented;
  private volatile @Nullable Wire wire;
  private @Nullable ScheduledFuture<?> timer;
  private long timerAt;
  private long startedAt;
  private boolean loading;
  private boolean toldAnswered;
  private boolean toldTooWide;
  private boolean ended;

  /**
   * Not started yet.
   *
   * @param credit what may be sent before the client has proved its address
   * @param segmented whether the kernel may be asked to cut a run of blocks into datagrams
   */
  Transfer(
      String name,
      InetSocketAddress peer,
      Optional<MacAddress> mac,
      Negotiation agreed,
      Content content,
      TftpSettings.Limits limits,
      Credit credit,
      boolean segmented,
      Owner owner) {
    this.name = name;
    this.peer = peer;
    this.mac = mac;
    this.agreed = agreed;
    this.content = content;
    this.credit = credit;
    this.segmented = segmented;
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

  int blockSize() {
    return agreed.blockSize();
  }

  /** Whether the client has answered, and has got on within the last nanoseconds. */
  boolean gotOnWithin(long nanos) {
    Wire open = wire;
    return open != null && sender.answered() && now(open) - sender.progressAt() < nanos;
  }

  /** Sends the first packet. */
  void begin(Wire open) {
    wire = open;
    startedAt = now(open);
    act(open, sender.start(startedAt));
  }

  /** The client repeated its request of so many bytes: its first packet may have been lost. */
  void again(int requestBytes) {
    onLoop(
        open -> {
          credit.earn(requestBytes);
          act(open, sender.again(now(open)));
        });
  }

  /** Ends it from outside. */
  void stop(String kind, String reason) {
    onLoop(open -> end(open, kind, reason + place()));
  }

  private interface Task {
    void run(Wire open);
  }

  private void onLoop(Task task) {
    Wire open = wire;
    if (open == null || open.loop().isShuttingDown()) {
      return;
    }
    if (open.loop().inEventLoop()) {
      task.run(open);
    } else {
      open.loop().execute(() -> task.run(open));
    }
  }

  void received(TftpMessage message) {
    Wire open = wire;
    if (ended || open == null) {
      return;
    }
    switch (message) {
      case TftpMessage.Ack(int block) -> {
        sender.crowded(crowd());
        act(open, sender.acknowledged(block, now(open)));
      }
      case TftpMessage.Failure(int code, String text) -> failed(open, code, text);
      default -> {
        // Nothing else has a place here, and answering it could start an exchange of errors.
      }
    }
  }

  /** What a window of each transfer under way takes on a network that is not the fastest. */
  private long crowd() {
    return NANOS_PER_BYTE * owner.underWay() * agreed.windowSize() * agreed.blockSize();
  }

  /** EDK2 and old ROMs ask once for the size alone, and end that transfer with an ERROR. */
  private void failed(Wire open, int code, String text) {
    boolean probe = !sender.answered() && agreed.accepted().containsKey("tsize");
    if (probe) {
      end(open, "tftp.probe", name + ", " + content.size() + " bytes, size asked only");
    } else {
      end(open, "tftp.aborted", "by the client" + place() + ": error " + code + " " + text);
    }
  }

  private void act(Wire open, Sender.Step step) {
    if (ended) {
      return;
    }
    switch (step) {
      case NOTHING -> {}
      case SEND_OACK -> oack(open);
      case SEND_WINDOW -> window(open);
      case DONE -> end(open, "tftp.done", name + ", " + content.size() + " bytes in " + took(open));
      case GIVE_UP -> end(open, "tftp.timeout", "no answer from the client" + place());
    }
    if (ended) {
      return;
    }
    if (sender.answered() && !toldAnswered) {
      toldAnswered = true;
      owner.answered(this);
    }
    if (!toldTooWide && sender.seemsTooWide()) {
      toldTooWide = true;
      owner.tooWide(this);
    }
    arm(open);
  }

  private void oack(Wire open) {
    ByteBuf packet = Packets.oack(open.alloc(), agreed.accepted());
    if (sender.answered() || credit.spend(packet.readableBytes())) {
      open.send(packet);
      open.flush();
    } else {
      packet.release();
    }
  }

  private void window(Wire open) {
    int block = agreed.blockSize();
    long start = (sender.from() - 1) * block;
    int length = (int) (Math.min(sender.to() * block, content.size()) - start);
    if (!sender.answered() && !credit.spend(length + Packets.HEADER)) {
      return;
    }
    if (!content.ready(start, length, () -> onLoop(this::loaded))) {
      loading = true;
      return;
    }
    int size = block + Packets.HEADER;
    long run = segmented ? Math.min(MAX_SEGMENTS, MAX_RUN_BYTES / size) : 1;
    try {
      for (long from = sender.from(); from <= sender.to(); from += run) {
        long to = Math.min(from + run - 1, sender.to());
        ByteBuf data = Packets.data(open.alloc(), content, block, from, to);
        if (from == to) {
          open.send(data);
        } else {
          open.sendRun(data, size, problem -> refused(open, problem));
        }
      }
      open.flush();
    } catch (IOException e) {
      LOG.error("tftp read failed file={} peer={} reason={}", name, peer, e.toString());
      open.send(Packets.error(open.alloc(), 0, "Read error"));
      open.flush();
      end(open, "tftp.failed", "reading failed" + place() + ": " + e.getMessage());
    }
  }

  /** The disk was slower than the client: nothing was lost meanwhile. */
  private void loaded(Wire open) {
    if (loading && !ended) {
      loading = false;
      sender.resumed(now(open));
      window(open);
      arm(open);
    }
  }

  /** A path narrower than the interface, or a driver that cannot: block by block, this once. */
  private void refused(Wire open, Throwable problem) {
    if (problem instanceof PortUnreachableException) {
      unreachable(open);
    } else if (!ended && segmented) {
      segmented = false;
      owner.count("segmentation-off");
      LOG.debug("tftp segmentation=off peer={} reason={}", peer, problem.toString());
      window(open);
    }
  }

  /** The kernel tells this before it hands over the last acknowledgement, which may be waiting. */
  void unreachable(Wire open) {
    if (!ended) {
      var _ =
          open.loop()
              .schedule(
                  () -> end(open, "tftp.aborted", "the client's port is closed" + place()),
                  GRACE_MILLIS,
                  TimeUnit.MILLISECONDS);
    }
  }

  private String took(Wire open) {
    long millis = (now(open) - startedAt) / 1_000_000;
    String thousandths = Long.toString(1000 + millis % 1000);
    return millis / 1000 + "." + thousandths.substring(1) + " s";
  }

  /** Bytes of the file that the client has acknowledged. */
  long delivered() {
    return Math.min(sender.acked() * blockSize(), content.size());
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
  private void arm(Wire open) {
    ScheduledFuture<?> armed = timer;
    if (armed != null) {
      if (timerAt - sender.deadline() <= 0) {
        return;
      }
      armed.cancel(false);
    }
    timerAt = sender.deadline();
    timer =
        open.loop()
            .schedule(() -> due(open), Math.max(0, timerAt - now(open)), TimeUnit.NANOSECONDS);
  }

  /**
   * A loop that is late has acknowledgements in its sockets that it has not read: it looks there
   * once more, and only what is missing after that is sent again. A task of the next round, and not
   * one of this round, comes after the sockets.
   */
  private void due(Wire open) {
    timer =
        open.loop()
            .schedule(
                () -> {
                  timer = null;
                  act(open, sender.timeout(now(open)));
                },
                1,
                TimeUnit.NANOSECONDS);
  }

  void end(Wire open, String kind, String detail) {
    if (ended) {
      return;
    }
    ended = true;
    ScheduledFuture<?> armed = timer;
    if (armed != null) {
      armed.cancel(false);
    }
    open.release();
    owner.ended(this, kind, detail);
  }

  /** The socket is gone. */
  void closed(Wire open) {
    end(open, "tftp.aborted", "server closed" + place());
  }

  /** The socket never came to be. */
  void unopened(Throwable cause) {
    if (!ended) {
      ended = true;
      LOG.error("tftp socket failed file={} peer={} reason={}", name, peer, cause.toString());
      owner.ended(this, "tftp.failed", name + ": no socket: " + cause.getMessage());
    }
  }

  void broken(Wire open, Throwable cause) {
    if (!ended) {
      LOG.error("tftp transfer failed file={} peer={}", name, peer, cause);
      end(open, "tftp.failed", "internal error" + place());
    }
  }

  private static long now(Wire open) {
    return open.loop().ticker().nanoTime();
  }
}
