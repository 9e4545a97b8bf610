// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import foundrybot.bootserver.EventLoops;
import foundrybot.rig.load.Order.Dialogue;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A closed loop of DHCP exchanges: as soon as one has come to its end, the next machine begins. The
 * low bits of an xid are the slot, so an answer finds its exchange without a table.
 */
final class DhcpLoad {
  private static final int SLOT_BITS = 13;
  private static final int MOST_IN_FLIGHT = 1 << SLOT_BITS;
  private static final long LOST = TimeUnit.SECONDS.toNanos(1);
  private static final long SCAN_MS = 20;

  /** One exchange under way. */
  private static final class Slot {
    private int node;
    private int xid;
    private boolean second;
    private long begun;
    private long sent;
  }

  private final Order.Dhcp order;
  private final EventLoop loop;
  private final DhcpPort port;
  private final Slot[] slots;
  private final Samples times = new Samples();
  private final CompletableFuture<LoadResult> result = new CompletableFuture<>();
  private final long begin = System.nanoTime();
  private int sequence = (int) begin;
  private int started;
  private long done;
  private long lost;
  private long refused;
  private long withoutFile;
  private long strange;

  private DhcpLoad(Order.Dhcp order, EventLoops loops) {
    if (order.inFlight() < 1 || order.inFlight() > MOST_IN_FLIGHT) {
      throw new IllegalArgumentException(
          "in flight: " + order.inFlight() + " (expected: 1.." + MOST_IN_FLIGHT + ")");
    }
    this.order = order;
    this.loop = loops.group().next();
    this.slots = new Slot[order.inFlight()];
    this.port = DhcpPort.open(order.target(), loops, this::answered);
  }

  /** Runs it to its end. */
  static LoadResult run(Order.Dhcp order, EventLoops loops) {
    DhcpLoad load = new DhcpLoad(order, loops);
    load.loop.execute(load::start);
    try {
      return load.result.join();
    } finally {
      load.port.close();
    }
  }

  private void start() {
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot();
      next(i);
    }
    var _ = loop.schedule(this::scan, SCAN_MS, TimeUnit.MILLISECONDS);
  }

  private void next(int index) {
    Slot slot = slots[index];
    slot.node = order.firstNode() + started++ % order.nodes();
    slot.second = false;
    slot.begun = System.nanoTime();
    stamp(slot, index);
    port.discover(slot.xid, slot.node);
  }

  private void stamp(Slot slot, int index) {
    slot.xid = ++sequence << SLOT_BITS | index;
    slot.sent = System.nanoTime();
  }

  private void answered(PxePacket.Answer answer) {
    int index = answer.xid() & MOST_IN_FLIGHT - 1;
    if (result.isDone() || index >= slots.length || slots[index].xid != answer.xid()) {
      strange++;
      return;
    }
    Slot slot = slots[index];
    if (answer.type() == PxePacket.NAK) {
      refused++;
      next(index);
    } else if (!slot.second && order.dialogue() != Dialogue.DISCOVER) {
      slot.second = true;
      stamp(slot, index);
      if (order.dialogue() == Dialogue.DORA) {
        port.request(slot.xid, slot.node, answer);
      } else {
        port.bootRequest(slot.xid, slot.node);
      }
    } else {
      done++;
      // The offer of a proxy need not name the file: EDK2 asks the boot server for it.
      if (answer.file().isEmpty() && order.dialogue() != Dialogue.DISCOVER) {
        withoutFile++;
      }
      times.add(System.nanoTime() - slot.begun);
      next(index);
    }
  }

  private void scan() {
    long now = System.nanoTime();
    for (int i = 0; i < slots.length; i++) {
      if (now - slots[i].sent > LOST) {
        lost++;
        next(i);
      }
    }
    double seconds = (now - begin) / 1e9;
    if (seconds >= order.seconds()) {
      String trouble = withoutFile > 0 ? "ACK without a boot file" : refused > 0 ? "NAK" : "";
      result.complete(
          LoadResult.of(
                  done - withoutFile, lost + refused + withoutFile, 0, seconds, times, trouble)
              .with(Map.of("strange", (double) strange)));
      return;
    }
    var _ = loop.schedule(this::scan, SCAN_MS, TimeUnit.MILLISECONDS);
  }
}
