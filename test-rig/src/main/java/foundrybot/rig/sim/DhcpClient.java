// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import foundrybot.rig.sim.DhcpWire.Answer;
import foundrybot.rig.sim.DhcpWire.Query;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The DHCP part of a PXE ROM, of UEFI's PXE and HTTP boot drivers, and of iPXE: what they ask, how
 * long they wait, when they go on to port 4011 (PXE 2.1 section 2.2).
 *
 * <p>Two kinds of racks are understood: a proxy offer beside the site's own DHCP server, whose
 * lease is then taken for granted, and an appliance that gives the lease itself.
 */
final class DhcpClient {
  /** What was agreed on: what to fetch from where. */
  record Boot(Inet4Address server, String file) {}

  /** PXE 2.1 section 2.2.4: a ROM tries four times and doubles its wait. */
  private static final List<Duration> WAITS =
      List.of(
          Duration.ofSeconds(4),
          Duration.ofSeconds(8),
          Duration.ofSeconds(16),
          Duration.ofSeconds(32));

  private final Machine machine;
  private final Uplink uplink;
  private final Pace pace;
  private final double loss;
  private final RandomGenerator random;

  DhcpClient(Machine machine, Uplink uplink, Pace pace, double loss, RandomGenerator random) {
    this.machine = machine;
    this.uplink = uplink;
    this.pace = pace;
    this.loss = loss;
    this.random = random;
  }

  /** As the firmware, before anything of ours runs. */
  Boot asFirmware() throws IOException, InterruptedException {
    FirmwareKind firmware = machine.firmware();
    Map<Integer, byte[]> options = DhcpQuestions.asFirmware(machine);
    Answer answer = lease(options, false);
    boolean asksAgain =
        firmware == FirmwareKind.UEFI && answer.hasClass("PXEClient") && !answer.skipsDiscovery();
    return boot(asksAgain ? bootServer(answer.siaddr(), options) : answer);
  }

  /** As iPXE, which the firmware has just started. */
  Boot asIpxe() throws IOException, InterruptedException {
    Map<Integer, byte[]> options = DhcpQuestions.asIpxe(machine);
    return boot(lease(options, true));
  }

  private static Boot boot(Answer answer) throws Setback {
    if (answer.bootFile().isEmpty()) {
      throw new Setback("dhcp: the answer names no boot file");
    }
    return new Boot(answer.siaddr(), answer.bootFile());
  }

  /** DISCOVER until there is an offer to boot from; REQUEST if it comes with an address. */
  private Answer lease(Map<Integer, byte[]> options, boolean ipxe)
      throws IOException, InterruptedException {
    int xid = random.nextInt();
    try (SimulatedRelay.Conversation talk = uplink.relay().open(xid)) {
      for (Duration wait : WAITS) {
        Optional<Answer> offer =
            ask(talk, query(xid, DhcpWire.DISCOVER, options), DhcpWire.OFFER, wait);
        if (offer.isEmpty()) {
          continue;
        }
        if (offer.get().yiaddr().isAnyLocalAddress()) {
          return offer.get();
        }
        Map<Integer, byte[]> selecting = new HashMap<>(options);
        selecting.put(50, offer.get().yiaddr().getAddress());
        selecting.put(54, offer.get().option(54).orElse(new byte[4]));
        Optional<Answer> ack =
            ask(talk, query(xid, DhcpWire.REQUEST, selecting), DhcpWire.ACK, wait);
        if (ack.isPresent()) {
          return ack.get();
        }
      }
    }
    throw new Setback("dhcp: no " + (ipxe ? "offer for iPXE" : "boot offer"));
  }

  private Query query(int xid, int type, Map<Integer, byte[]> options) {
    return DhcpQuestions.query(machine, xid, type, options);
  }

  private Optional<Answer> ask(
      SimulatedRelay.Conversation talk, Query query, int expected, Duration wait)
      throws IOException, InterruptedException {
    if (!isLost()) {
      talk.send(query);
    }
    long end = System.nanoTime() + pace.scaled(wait).toNanos();
    while (true) {
      byte[] packet = talk.answers().poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (packet == null) {
        return Optional.empty();
      }
      Optional<Answer> answer = DhcpWire.read(packet, machine.macBytes());
      if (answer.isPresent() && !isLost()) {
        if (answer.get().type() == DhcpWire.NAK) {
          throw new Setback("dhcp: refused (DHCPNAK)");
        }
        if (answer.get().type() == expected) {
          return answer;
        }
      }
    }
  }

  private boolean isLost() {
    return loss > 0 && random.nextDouble() < loss;
  }

  /** UEFI's second question, by unicast to the server of the offer. */
  private Answer bootServer(Inet4Address server, Map<Integer, byte[]> options) throws IOException {
    Query first = query(random.nextInt(), DhcpWire.REQUEST, options);
    Query query =
        new Query(
            first.xid(), 0, false, machine.address(), first.giaddr(), first.mac(), first.options());
    try (Wire wire = Wire.open(machine.address(), 0, random, loss)) {
      for (Duration wait : WAITS) {
        wire.send(query.bytes(), new InetSocketAddress(server, uplink.proxyPort()));
        Optional<Answer> answer =
            wire.receive(pace.scaled(wait))
                .flatMap(packet -> DhcpWire.read(packet.bytes(), machine.macBytes()))
                .filter(a -> a.xid() == query.xid() && a.type() == DhcpWire.ACK);
        if (answer.isPresent()) {
          return answer.get();
        }
      }
    }
    throw new Setback("pxe: no answer from the boot server's port 4011");
  }
}
