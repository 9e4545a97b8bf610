// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import java.net.Inet4Address;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the TFTP server listens and what it may spend.
 *
 * @param address the advertised address: the port is bound to it, and so is each transfer's own
 *     port, because firmware drops what comes from another address
 * @param port 69, or any other for a run without rights; 0 takes a free one
 * @param networkInterface the only interface to serve on ({@code SO_BINDTODEVICE}, Linux), or empty
 * @param singlePort all transfers go through {@code port}, for firewalls that let nothing else
 *     through; otherwise each has a port of its own, as RFC 1350 section 4 says
 * @param limits maxima
 */
public record TftpSettings(
    Inet4Address address,
    int port,
    Optional<String> networkInterface,
    boolean singlePort,
    Limits limits) {

  public TftpSettings {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("tftp port: " + port + " (expected: 0..65535)");
    }
  }

  /** On every interface that carries the address, with the usual limits. */
  public static TftpSettings on(Inet4Address address, int port) {
    return new TftpSettings(address, port, Optional.empty(), false, Limits.USUAL);
  }

  /** The same, on one interface only. */
  public TftpSettings onlyOn(String networkInterface) {
    return new TftpSettings(address, port, Optional.of(networkInterface), singlePort, limits);
  }

  /** The same with other limits. */
  public TftpSettings with(Limits limits) {
    return new TftpSettings(address, port, networkInterface, singlePort, limits);
  }

  /** The same with all transfers through the one port. */
  public TftpSettings onOnePort() {
    return new TftpSettings(address, port, networkInterface, true, limits);
  }

  /**
   * Maxima of the TFTP server.
   *
   * @param blockSize the largest block granted (RFC 2348) in bytes, 512..65464; less where the
   *     path's MTU, as far as it is known, leaves less room
   * @param windowSize the largest window granted (RFC 7440) in blocks, 1..64
   * @param transfers at one time, in all
   * @param transfersPerClient at one time, for one address; nodes behind one router share it
   * @param leastTimeout the shortest wait before a block is sent again, however near the client is
   * @param firstTimeout the wait before anything is known about the client's distance
   * @param longestTimeout where the doubling of the wait ends
   * @param giveUp time without progress after which a transfer ends
   * @param firstPacketResends how often the first packet is sent again to a client that never
   *     answered: its address may be forged; an OACK, being short, three times as often
   */
  public record Limits(
      int blockSize,
      int windowSize,
      int transfers,
      int transfersPerClient,
      Duration leastTimeout,
      Duration firstTimeout,
      Duration longestTimeout,
      Duration giveUp,
      int firstPacketResends) {

    /** Ethernet's MTU of 1500, and room for a rack that powers on at once. */
    public static final Limits USUAL =
        new Limits(
            1468,
            64,
            8192,
            512,
            Duration.ofMillis(20),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            3);

    public Limits {
      check("block size", blockSize, 512, 65464);
      check("window size", windowSize, 1, 64);
      check("transfers", transfers, 1, 60_000);
      check("transfers per client", transfersPerClient, 1, transfers);
      check("resends of the first packet", firstPacketResends, 0, 10);
      if (!leastTimeout.isPositive()
          || leastTimeout.compareTo(firstTimeout) > 0
          || firstTimeout.compareTo(longestTimeout) > 0
          || longestTimeout.compareTo(giveUp) > 0) {
        throw new IllegalArgumentException(
            "tftp time-outs: least %s, first %s, longest %s, give up %s (expected: ascending)"
                .formatted(leastTimeout, firstTimeout, longestTimeout, giveUp));
      }
    }

    /** The same with another largest block, in bytes. */
    public Limits withBlockSize(int bytes) {
      return new Limits(
          bytes,
          windowSize,
          transfers,
          transfersPerClient,
          leastTimeout,
          firstTimeout,
          longestTimeout,
          giveUp,
          firstPacketResends);
    }

    /** The same with another largest window, in blocks. */
    public Limits withWindowSize(int blocks) {
      return new Limits(
          blockSize,
          blocks,
          transfers,
          transfersPerClient,
          leastTimeout,
          firstTimeout,
          longestTimeout,
          giveUp,
          firstPacketResends);
    }

    /** The same with other numbers of transfers. */
    public Limits withTransfers(int total, int perClient) {
      return new Limits(
          blockSize,
          windowSize,
          total,
          perClient,
          leastTimeout,
          firstTimeout,
          longestTimeout,
          giveUp,
          firstPacketResends);
    }

    /** The same with another end to waiting. */
    public Limits withGiveUp(Duration giveUp) {
      return new Limits(
          blockSize,
          windowSize,
          transfers,
          transfersPerClient,
          leastTimeout,
          firstTimeout,
          longestTimeout,
          giveUp,
          firstPacketResends);
    }

    private static void check(String what, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            "tftp %s: %d (expected: %d..%d)".formatted(what, value, least, most));
      }
    }
  }
}
