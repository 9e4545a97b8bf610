// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;

/**
 * Switches a machine on by a magic packet: for machines without a BMC.
 *
 * <p>Nothing answers a magic packet and one may be lost, so several are sent; a card that is awake
 * ignores them. There is no way to switch off, and none is pretended.
 */
public final class WakeOnLan implements Bmc {

  /** The port that is customary; the "discard" service of RFC 863. */
  public static final int PORT = 9;

  /**
   * How packets are sent.
   *
   * @param source an address of the interface they must leave by; the kernel takes the interface of
   *     a limited broadcast from it
   * @param destination 255.255.255.255, or the broadcast address of the machine's subnet
   * @param port UDP port, customarily {@link #PORT}
   * @param packets how many, 1..100
   * @param spacing between them, at most 10 s
   */
  public record Way(
      Inet4Address source, Inet4Address destination, int port, int packets, Duration spacing) {

    private static final Duration MAX_SPACING = Duration.ofSeconds(10);

    public Way {
      if (source.isAnyLocalAddress()) {
        throw new IllegalArgumentException(
            "source: 0.0.0.0 (expected: an address of the interface the packet must leave by)");
      }
      if (port < 1 || port > 65535) {
        throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
      }
      if (packets < 1 || packets > 100) {
        throw new IllegalArgumentException("packets: " + packets + " (expected: 1..100)");
      }
      if (spacing.isNegative() || spacing.compareTo(MAX_SPACING) > 0) {
        throw new IllegalArgumentException("spacing: " + spacing + " (expected: 0..10 s)");
      }
    }
  }

  /** How time passes between packets. */
  @FunctionalInterface
  public interface Pause {
    /** Waits that long. */
    void pause(Duration time) throws InterruptedException;
  }

  private final HardwareAddress target;
  private final SecureOn password;
  private final Way way;
  private final Pause pause;

  /** A machine's card and how to reach it; {@code Thread::sleep} is the usual pause. */
  public WakeOnLan(HardwareAddress target, SecureOn password, Way way, Pause pause) {
    this.target = target;
    this.password = password;
    this.way = way;
    this.pause = pause;
  }

  @Override
  public String describe() {
    return "wol " + target;
  }

  /** Takes packets times spacing; nothing is waited for behind the last packet. */
  @Override
  public Outcome<PowerState> power(PowerAction action, Duration patience) {
    return action == PowerAction.ON
        ? wake()
        : new Outcome.Unsupported<>(describe(), "anything but switching on");
  }

  @Override
  public void close() {}

  private Outcome<PowerState> wake() {
    InetSocketAddress destination = new InetSocketAddress(way.destination(), way.port());
    byte[] packet = MagicPacket.of(target, password);
    int sent = 0;
    try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
      channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
      channel.bind(new InetSocketAddress(way.source(), 0));
      while (sent < way.packets()) {
        if (sent > 0) {
          pause.pause(way.spacing());
        }
        channel.send(ByteBuffer.wrap(packet), destination);
        sent++;
      }
      return new Outcome.Done<>(PowerState.UNKNOWN, describe() + ": sent, " + packets(sent));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed(sent, "interrupted", "try again");
    } catch (IOException e) {
      return failed(
          sent,
          String.valueOf(e.getMessage()),
          "expected: the source to be an address of this host, with a route to the destination");
    }
  }

  private Outcome<PowerState> failed(int sent, String answered, String advice) {
    BmcFault.Kind kind = sent == 0 ? BmcFault.Kind.NOT_SENT : BmcFault.Kind.UNKNOWN_OUTCOME;
    return new Outcome.Failed<>(new BmcFault(kind, describe(), packets(sent), answered, advice));
  }

  private String packets(int sent) {
    return String.format(
        "%d of %d magic packets from %s to %s:%d",
        sent,
        way.packets(),
        way.source().getHostAddress(),
        way.destination().getHostAddress(),
        way.port());
  }
}
