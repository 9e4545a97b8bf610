// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.RackFile;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * The machines of a rack file, simulated behind one relay. Every node of the rack file needs an
 * address of 127.0.0.0/8, which is the machine's own on this host.
 */
public final class SimulatedRack implements AutoCloseable {
  private final Uplink uplink;
  private final List<LossyRelay> lossy = new ArrayList<>();
  private final List<SimulatedNode> nodes = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * What the rack is like.
   *
   * @param relay the relay's address; on this host
   * @param firmware of each node
   * @param mishaps of each node
   * @param weather between all machines and the appliance, for what goes by UDP
   * @param seed the same seed makes the same choices
   */
  public record Plan(
      Inet4Address relay,
      Function<Node, FirmwareKind> firmware,
      Function<Node, Mishaps> mishaps,
      Pace pace,
      Weather weather,
      long seed) {}

  /** Builds the machines; all are still off. */
  public SimulatedRack(RackFile rack, Plan plan) {
    this.uplink =
        plan.weather().equals(Weather.FAIR) ? direct(rack, plan) : throughWeather(rack, plan);
    for (Node node : rack.nodes()) {
      Machine machine =
          new Machine(
              node.name(),
              node.mac().toString(),
              uuid(node.mac().toString()),
              plan.firmware().apply(node),
              node.address()
                  .orElseThrow(
                      () ->
                          new IllegalArgumentException(
                              node.name() + ": no address (expected: one of 127.0.0.0/8)"))
                  .address());
      nodes.add(
          new SimulatedNode(machine, uplink, plan.pace(), plan.mishaps().apply(node), plan.seed()));
    }
  }

  /** The SMBIOS UUID of the machine with that MAC. */
  public static UUID uuid(String mac) {
    return UUID.nameUUIDFromBytes(mac.getBytes(StandardCharsets.US_ASCII));
  }

  private static Uplink direct(RackFile rack, Plan plan) {
    Ports ports = rack.appliance().ports();
    InetSocketAddress dhcp = new InetSocketAddress(rack.appliance().address(), ports.dhcp());
    return new Uplink(
        new SimulatedRelay(plan.relay(), ports.relay(), dhcp), ports.proxyDhcp(), ports.tftp());
  }

  /** Lossy relays take the places of the appliance's ports, and of the relay's for its answers. */
  private Uplink throughWeather(RackFile rack, Plan plan) {
    Ports ports = rack.appliance().ports();
    InetSocketAddress appliance = new InetSocketAddress(rack.appliance().address(), 0);
    int dhcp = lossy(appliance, new InetSocketAddress(appliance.getAddress(), ports.dhcp()), plan);
    SimulatedRelay relay =
        new SimulatedRelay(plan.relay(), 0, new InetSocketAddress(appliance.getAddress(), dhcp));
    lossy(new InetSocketAddress(plan.relay(), ports.relay()), relay.address(), plan);
    return new Uplink(
        relay,
        lossy(appliance, new InetSocketAddress(appliance.getAddress(), ports.proxyDhcp()), plan),
        lossy(appliance, new InetSocketAddress(appliance.getAddress(), ports.tftp()), plan));
  }

  private int lossy(InetSocketAddress at, InetSocketAddress server, Plan plan) {
    LossyRelay opened = new LossyRelay(at, server, plan.weather(), 31 * plan.seed() + lossy.size());
    lossy.add(opened);
    return opened.address().getPort();
  }

  /** Switches all machines on. */
  public void powerOn() {
    for (SimulatedNode node : nodes) {
      threads.add(Thread.ofVirtual().name(node.machine().name()).start(node));
    }
  }

  public List<SimulatedNode> nodes() {
    return List.copyOf(nodes);
  }

  /** Waits for all machines that are not to fall silent; false if they are not done in time. */
  public boolean await(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    for (Thread thread : threads) {
      if (!thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
        return false;
      }
    }
    return true;
  }

  /** Whether no machine does anything any more: each is enrolled or has fallen silent. */
  public boolean isAtRest() {
    return !threads.isEmpty() && threads.stream().noneMatch(Thread::isAlive);
  }

  /** Packets that the relay got for no machine. */
  public long strayPackets() {
    return uplink.relay().strays();
  }

  /** Datagrams that the weather has taken, both ways. */
  public long lost() {
    return lossy.stream().mapToLong(LossyRelay::lost).sum();
  }

  /** Cuts the power. */
  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    uplink.relay().close();
    lossy.forEach(LossyRelay::close);
  }
}
