// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Probes with what any program may do on Linux. On a network that we are on, one datagram to the
 * discard port makes the kernel ask by ARP, which no firewall of a machine suppresses; the answer
 * is read in {@code /proc/net/arp}. Behind a relay nobody can ask by ARP: there an ICMP echo is
 * tried (with the right to open raw sockets; else a TCP connection, whose refusal says as much),
 * and a machine that drops both is not seen.
 */
final class KernelProber implements AddressProber {
  private static final Path ARP_TABLE = Path.of("/proc/net/arp");
  private static final int DISCARD = 9;

  /** When the table is looked at; the last one decides that nobody is there. */
  private static final long[] LOOKS_MS = {10, 50, 150, 400};

  private static final int ECHO_MS = 400;
  private static final int MAX_ECHOES = 32;

  /** How long a reading of the table serves: longer if it is long, so that probing stays cheap. */
  private static final long LEAST_KEPT = TimeUnit.MILLISECONDS.toNanos(5);

  private static final long MOST_KEPT = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int KEPT_TIMES_READING = 20;

  private final Path table;
  private final ScheduledExecutorService looker;
  private final ExecutorService echoes;

  /** Touched by the looker's thread only, as is what follows. */
  private final OldNeighbours neighbours = new OldNeighbours();

  private ArpTable latest = ArpTable.EMPTY;
  private long latestAt;
  private long keeps = LEAST_KEPT;

  KernelProber() {
    this(ARP_TABLE);
  }

  KernelProber(Path table) {
    this.table = table;
    ThreadFactory threads = Thread.ofPlatform().name("dhcp-probe-", 0).daemon(true).factory();
    this.looker = new ScheduledThreadPoolExecutor(1, threads);
    // The call cannot be made without a thread that waits; beyond these, addresses go unprobed.
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            MAX_ECHOES, MAX_ECHOES, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1), threads);
    pool.allowCoreThreadTimeOut(true);
    this.echoes = pool;
  }

  @Override
  public CompletionStage<Finding> probe(
      Inet4Address address, MacAddress candidate, boolean onLink) {
    CompletableFuture<Finding> found = new CompletableFuture<>();
    try {
      if (onLink) {
        looker.execute(() -> begin(address, candidate, found));
      } else {
        echoes.execute(() -> found.complete(echo(address)));
      }
    } catch (RejectedExecutionException e) {
      found.complete(new Finding.Free());
    }
    return found;
  }

  private static Finding echo(Inet4Address address) {
    try {
      return address.isReachable(ECHO_MS)
          ? new Finding.InUse("a machine answers at " + address.getHostAddress())
          : new Finding.Free();
    } catch (IOException e) {
      return new Finding.Free();
    }
  }

  private void begin(Inet4Address address, MacAddress candidate, CompletableFuture<Finding> found) {
    Optional<MacAddress> before = table().owner(address);
    try {
      // Connected, so that the refusal of the port comes back as an error of the socket.
      DatagramChannel socket = DatagramChannel.open(StandardProtocolFamily.INET);
      socket.configureBlocking(false);
      socket.connect(new InetSocketAddress(address, DISCARD));
      socket.write(ByteBuffer.allocate(1));
      long now = System.nanoTime();
      boolean confirmed = false;
      if (before.isPresent()) {
        confirmed = neighbours.confirmed(address, now);
      } else {
        neighbours.none(address);
      }
      look(new Asked(address, candidate, before, confirmed, socket, now, found), 0);
    } catch (IOException e) {
      found.complete(new Finding.Free());
    }
  }

  private record Asked(
      Inet4Address address,
      MacAddress candidate,
      Optional<MacAddress> before,
      boolean confirmed,
      DatagramChannel socket,
      long since,
      CompletableFuture<Finding> found) {}

  private void look(Asked asked, int number) {
    long due = asked.since() + TimeUnit.MILLISECONDS.toNanos(LOOKS_MS[number]);
    try {
      var _ =
          looker.schedule(
              () -> looked(asked, number), due - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      conclude(asked, new Finding.Free());
    }
  }

  private void looked(Asked asked, int number) {
    boolean last = number == LOOKS_MS.length - 1;
    Optional<Finding> finding =
        ArpTable.judge(
            table().owner(asked.address()),
            asked.before(),
            asked.candidate(),
            isRefused(asked.socket()),
            asked.confirmed(),
            last);
    if (finding.isPresent()) {
      conclude(asked, finding.get());
    } else {
      look(asked, number + 1);
    }
  }

  private static boolean isRefused(DatagramChannel socket) {
    try {
      socket.read(ByteBuffer.allocate(1));
      return false;
    } catch (PortUnreachableException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void conclude(Asked asked, Finding finding) {
    try {
      asked.socket().close();
    } catch (IOException e) {
      // Nothing is lost with it.
    }
    asked.found().complete(finding);
  }

  /** Many addresses are asked at one time, and one reading serves them all. */
  private ArpTable table() {
    long now = System.nanoTime();
    if (now - latestAt < keeps) {
      return latest;
    }
    try {
      latest = ArpTable.parse(Files.readString(table, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      latest = ArpTable.EMPTY;
    }
    latestAt = System.nanoTime();
    keeps = Math.clamp(KEPT_TIMES_READING * (latestAt - now), LEAST_KEPT, MOST_KEPT);
    return latest;
  }

  @Override
  public void close() {
    looker.shutdownNow();
    echoes.shutdownNow();
  }
}
