// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import foundrybot.bootserver.EventLoops;
import foundrybot.rig.load.Order.Dialogue;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Machines that each boot once, as x64 UEFI firmware and then iPXE do: DISCOVER, REQUEST (to the
 * boot server's port beside another DHCP server), the boot program by TFTP, and on one connection
 * the script, the kernel, the initrd and a report.
 */
final class StormLoad {
  /** Where a machine is; each but the last has its own time in the result. */
  private enum Step {
    OFFER,
    ACK,
    PROGRAM,
    SCRIPT,
    KERNEL,
    INITRD,
    REPORT,
    DONE
  }

  private static final int NODE_BITS = 14;
  private static final int MOST_NODES = 1 << NODE_BITS;
  private static final long TICK_MS = 10;

  /** EDK2 waits 4, 8, 16 and 32 s for DHCP. */
  private static final long FIRST_WAIT = TimeUnit.SECONDS.toNanos(4);

  private static final int MOST_WAITS = 4;
  private static final Pattern KERNEL = Pattern.compile("(?m)^kernel .*?http://[^/ ]+(/\\S+)");
  private static final Pattern INITRD = Pattern.compile("(?m)^initrd .*?http://[^/ ]+(/\\S+)");

  private final Order.Storm order;
  private final EventLoops loops;
  private final EventLoop loop;
  private final DhcpPort port;
  private final TftpFetch.Plan files;
  private final Machine[] machines;
  private final Map<Step, Samples> steps = new EnumMap<>(Step.class);
  private final CompletableFuture<LoadResult> result = new CompletableFuture<>();
  private final long begin = System.nanoTime();
  private int sequence = (int) begin;
  private int started;
  private int ended;
  private int done;
  private long resent;
  private long httpBytes;
  private String trouble = "";

  private StormLoad(Order.Storm order, EventLoops loops) {
    if (order.nodes() < 1 || order.nodes() > MOST_NODES) {
      throw new IllegalArgumentException(
          "nodes: " + order.nodes() + " (expected: 1.." + MOST_NODES + ")");
    }
    this.order = order;
    this.loops = loops;
    this.loop = loops.group().next();
    this.machines = new Machine[order.nodes()];
    for (int i = 0; i < machines.length; i++) {
      machines[i] = new Machine(i);
    }
    for (Step step : Step.values()) {
      steps.put(step, new Samples());
    }
    Order.Tftp asEdk2 =
        new Order.Tftp(order.target(), "", order.reference(), 1, 1468, 4, true, 0, 0, 0);
    this.files =
        new TftpFetch.Plan(
            loops,
            order.target().at(order.target().ports().tftp()),
            TftpLoad.reference(order.reference()),
            asEdk2,
            new SplittableRandom(1));
    this.port = DhcpPort.open(order.target(), loops, this::answered);
  }

  /** Runs it until all machines have booted or failed. */
  static LoadResult run(Order.Storm order, EventLoops loops) {
    StormLoad load = new StormLoad(order, loops);
    load.loop.execute(load::tick);
    try {
      return load.result.join();
    } finally {
      load.port.close();
    }
  }

  private double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }

  private void tick() {
    int may =
        order.rampSeconds() > 0
            ? (int) Math.min(order.nodes(), seconds() / order.rampSeconds() * order.nodes() + 1)
            : order.nodes();
    while (started < may) {
      machines[started++].powerOn();
    }
    long now = System.nanoTime();
    for (int i = 0; i < started; i++) {
      machines[i].onTimer(now);
    }
    if (ended == order.nodes() || seconds() > order.patienceSeconds()) {
      finish();
    } else {
      var _ = loop.schedule(this::tick, TICK_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void finish() {
    if (result.isDone()) {
      return;
    }
    Map<String, Double> more = new TreeMap<>();
    steps.forEach(
        (step, times) -> {
          more.put(step.name().toLowerCase(java.util.Locale.ROOT) + "P50", times.percentileMs(50));
          more.put(step.name().toLowerCase(java.util.Locale.ROOT) + "P99", times.percentileMs(99));
        });
    more.put("resent", (double) resent);
    more.put("timeouts", (double) files.timeouts());
    more.put("repeated", (double) files.repeated());
    Samples whole = steps.getOrDefault(Step.DONE, new Samples());
    long failed = (long) order.nodes() - done;
    result.complete(
        LoadResult.of(done, failed, files.bytes() + httpBytes, seconds(), whole, trouble)
            .with(more));
  }

  private void answered(PxePacket.Answer answer) {
    int index = answer.xid() & MOST_NODES - 1;
    if (index < started && machines[index].xid == answer.xid()) {
      machines[index].answered(answer);
    }
  }

  /** One machine. */
  private final class Machine implements HttpFetch.Owner {
    private final int index;
    private int xid;
    private Step step = Step.OFFER;
    private int waits;
    private long powered;
    private long entered;
    private long sent;
    private Optional<PxePacket.Answer> offer = Optional.empty();
    private String kernel = "";
    private String initrd = "";

    Machine(int index) {
      this.index = index;
    }

    private InetSocketAddress own() {
      return order.target().client(index);
    }

    void powerOn() {
      powered = System.nanoTime();
      entered = powered;
      sendDhcp();
    }

    private void sendDhcp() {
      xid = ++sequence << NODE_BITS | index;
      sent = System.nanoTime();
      int node = order.firstNode() + index;
      if (offer.isEmpty()) {
        port.discover(xid, node);
      } else if (order.dialogue() == Dialogue.PROXY) {
        port.bootRequest(xid, node);
      } else {
        port.request(xid, node, offer.get());
      }
    }

    void onTimer(long now) {
      boolean asks = step == Step.OFFER || step == Step.ACK;
      if (asks && now - sent > FIRST_WAIT << waits) {
        if (++waits >= MOST_WAITS) {
          fail("timed out");
        } else {
          resent++;
          sendDhcp();
        }
      }
    }

    void answered(PxePacket.Answer answer) {
      if (step == Step.OFFER && answer.type() == PxePacket.OFFER) {
        offer = Optional.of(answer);
        enter(Step.ACK);
        sendDhcp();
      } else if (step == Step.ACK && answer.type() == PxePacket.ACK) {
        if (answer.file().isEmpty()) {
          fail("no boot file");
          return;
        }
        enter(Step.PROGRAM);
        TftpFetch.start(files, answer.file(), own(), this::fetched);
      } else if (step == Step.ACK && answer.type() == PxePacket.NAK) {
        fail("NAK");
      }
    }

    private void fetched(String problem) {
      if (!problem.isEmpty()) {
        fail(problem);
        return;
      }
      enter(Step.SCRIPT);
      InetSocketAddress to = order.target().at(order.target().ports().http());
      HttpFetch.open(loops, to, own(), Optional.empty(), this);
    }

    @Override
    public void connected(HttpFetch fetch) {
      String mac = PxePacket.mac(order.firstNode() + index, '-');
      fetch.get(order.script().replace("{mac}", mac), true, false);
    }

    @Override
    public void answered(HttpFetch fetch, HttpFetch.Answer answer) {
      if (answer.status() / 100 != 2) {
        fetch.close();
        fail("status " + answer.status());
        return;
      }
      httpBytes += answer.bytes();
      switch (step) {
        case SCRIPT -> scripted(fetch, answer.body());
        case KERNEL -> {
          enter(Step.INITRD);
          fetch.get(initrd, false, false);
        }
        case INITRD -> {
          enter(Step.REPORT);
          String node = kernel.replaceFirst("/artifact/.*", "");
          fetch.post(order.callback().replace("{node}", node), "state=booted");
        }
        default -> {
          fetch.close();
          enter(Step.DONE);
          steps.getOrDefault(Step.DONE, new Samples()).add(System.nanoTime() - powered);
          done++;
          ended++;
        }
      }
    }

    private void scripted(HttpFetch fetch, String script) {
      Matcher first = KERNEL.matcher(script);
      Matcher second = INITRD.matcher(script);
      if (!first.find() || !second.find()) {
        fetch.close();
        fail("a script without kernel and initrd");
        return;
      }
      kernel = first.group(1);
      initrd = second.group(1);
      enter(Step.KERNEL);
      fetch.get(kernel, false, false);
    }

    @Override
    public void failed(HttpFetch fetch, String problem) {
      fail(problem);
    }

    private void enter(Step next) {
      long now = System.nanoTime();
      steps.getOrDefault(step, new Samples()).add(now - entered);
      entered = now;
      step = next;
      waits = 0;
    }

    private void fail(String problem) {
      if (step != Step.DONE) {
        trouble = trouble.isEmpty() ? step + ": " + problem : trouble;
        step = Step.DONE;
        ended++;
      }
    }
  }
}
