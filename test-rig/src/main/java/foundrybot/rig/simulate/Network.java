// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Ports;
import foundrybot.appliance.DrivenAppliance;
import foundrybot.bootserver.dhcp.DhcpService;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Carries datagrams between machines and appliance: late, twice, in another order, or not. */
final class Network {
  private static final Duration WAY = Duration.ofNanos(200_000);
  private static final int MAC_AT = 28;
  private static final int XID_AT = 4;

  private final World world;
  private final Weather weather;
  private final Random random;

  /** Machines that wait for an answer, by transaction. */
  private final Map<Integer, Mailbox> waiting = new HashMap<>();

  /**
   * Each is itself alone; in the order in which they were opened, so that a run can be repeated.
   */
  @SuppressWarnings("UndefinedEquals")
  private final Set<CompletableFuture<?>> connections = new LinkedHashSet<>();

  /** Goes up when the appliance dies: what was on its way to it, or from it, arrives no more. */
  private int epoch;

  private long sent;
  private long lost;
  private long doubled;

  Network(World world, Weather weather, Random random) {
    this.world = world;
    this.weather = weather;
    this.random = random;
  }

  long sent() {
    return sent;
  }

  long lost() {
    return lost;
  }

  long doubled() {
    return doubled;
  }

  /** Why a connection ends whose server has died. */
  static final class Cut extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Cut() {
      super("the appliance was killed", null, false, false);
    }
  }

  /** A machine waits for the answer to its request. */
  @SuppressWarnings("UndefinedEquals") // identity is meant
  void open(CompletableFuture<?> answer) {
    connections.add(answer);
  }

  @SuppressWarnings("UndefinedEquals") // identity is meant
  void close(CompletableFuture<?> answer) {
    connections.remove(answer);
  }

  /** The appliance is no more. */
  void cut() {
    epoch++;
    for (CompletableFuture<?> connection : List.copyOf(connections)) {
      connection.completeExceptionally(new Cut());
    }
  }

  int epoch() {
    return epoch;
  }

  boolean breaksNow() {
    return weather.broken() > 0 && random.nextDouble() < weather.broken();
  }

  void listen(int xid, Mailbox mailbox) {
    waiting.put(xid, mailbox);
  }

  void leave(int xid) {
    waiting.remove(xid);
  }

  /**
   * A machine asks by DHCP.
   *
   * @param from its address and port, or 0.0.0.0 for a broadcast
   * @param proxy whether it is sent to port 4011
   */
  void ask(byte[] packet, InetSocketAddress from, boolean proxy) {
    carried(
        () ->
            world
                .appliance()
                .flatMap(DrivenAppliance::dhcp)
                .ifPresent(
                    dhcp -> {
                      ByteBuf bytes = Unpooled.wrappedBuffer(packet);
                      if (proxy) {
                        dhcp.onProxyPort(bytes, from, way());
                      } else {
                        dhcp.onServerPort(bytes, from, way());
                      }
                      world.touched();
                    }));
  }

  /** A line of a machine's log; nobody tells it whether that arrives (RFC 3164 section 6). */
  void log(byte[] datagram, Mac mac, InetAddress from, Runnable arrived) {
    carried(
        () ->
            world
                .appliance()
                .ifPresent(
                    appliance -> {
                      world.logs(mac);
                      appliance.log(from, ByteBuffer.wrap(datagram));
                      arrived.run();
                    }));
  }

  private DhcpService.Way way() {
    return (packet, as, to, failed) -> {
      byte[] bytes = new byte[packet.readableBytes()];
      packet.readBytes(bytes);
      packet.release();
      carried(() -> arrived(bytes));
    };
  }

  private void arrived(byte[] packet) {
    if (packet.length > MAC_AT) {
      int xid = Unpooled.wrappedBuffer(packet).getInt(XID_AT);
      Mailbox mailbox = waiting.get(xid);
      if (mailbox != null) {
        mailbox.put(packet);
      }
    }
  }

  /** One datagram, by the weather. */
  void carried(Runnable arrival) {
    sent++;
    if (weather.loss() > 0 && random.nextDouble() < weather.loss()) {
      lost++;
      return;
    }
    deliver(arrival);
    if (weather.twice() > 0 && random.nextDouble() < weather.twice()) {
      doubled++;
      deliver(arrival);
    }
  }

  private void deliver(Runnable arrival) {
    int then = epoch;
    world
        .time()
        .after(
            late(),
            () -> {
              if (then == epoch) {
                arrival.run();
              }
            });
  }

  Duration late() {
    return WAY.plusNanos((long) (weather.latest().toNanos() * random.nextDouble()));
  }

  /** The broadcast of a machine that has no address yet. */
  InetSocketAddress nobody() {
    Ports ports = world.rack().appliance().ports();
    return new InetSocketAddress(Inet4Address.ofLiteral("0.0.0.0"), ports.dhcpClient());
  }
}
