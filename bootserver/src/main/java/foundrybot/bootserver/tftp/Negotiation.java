// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What was agreed for one transfer (RFC 2347): only what the client asked for, and within the
 * limits. An option that is unknown or makes no sense is left out of the answer, as the RFC says.
 *
 * @param blockSize bytes, 8..65464
 * @param windowSize blocks, 1..65535
 * @param timeout the wait before a block is sent again, if the client named one (RFC 2349)
 * @param accepted options of the OACK in the client's order; empty if there is to be none
 */
record Negotiation(
    int blockSize, int windowSize, Optional<Duration> timeout, Map<String, String> accepted) {
  private static final int DEFAULT_BLOCK_SIZE = 512;

  /** RFC 2349 allows 255 seconds; so long a wait only keeps a transfer in memory. */
  private static final int MAX_TIMEOUT = 10;

  /**
   * Decides.
   *
   * @param size of the file in bytes
   * @param widest the largest block that the path carries, in bytes
   */
  static Negotiation of(
      Map<String, String> asked, long size, TftpSettings.Limits limits, int widest) {
    int block = DEFAULT_BLOCK_SIZE;
    int window = 1;
    Optional<Duration> timeout = Optional.empty();
    Map<String, String> accepted = new LinkedHashMap<>();
    for (Map.Entry<String, String> option : asked.entrySet()) {
      OptionalInt number = number(option.getValue());
      switch (option.getKey()) {
        case "blksize" -> {
          if (within(number, 8, 65535)) {
            block = Math.min(number.getAsInt(), Math.min(limits.blockSize(), widest));
            accepted.put("blksize", Integer.toString(block));
          }
        }
        case "windowsize" -> {
          if (within(number, 1, 65535)) {
            window = Math.min(number.getAsInt(), limits.windowSize());
            accepted.put("windowsize", Integer.toString(window));
          }
        }
        case "timeout" -> {
          if (within(number, 1, MAX_TIMEOUT)) {
            timeout = Optional.of(Duration.ofSeconds(number.getAsInt()));
            accepted.put("timeout", Integer.toString(number.getAsInt()));
          }
        }
        case "tsize" -> accepted.put("tsize", Long.toString(size));
        default -> {
          // Unknown: not acknowledged, RFC 2347.
        }
      }
    }
    return new Negotiation(block, window, timeout, accepted);
  }

  /** Number of the last block; it is shorter than the others, and may be empty. */
  long lastBlock(long size) {
    return size / blockSize + 1;
  }

  private static boolean within(OptionalInt number, int least, int most) {
    return number.isPresent() && number.getAsInt() >= least && number.getAsInt() <= most;
  }

  private static OptionalInt number(String text) {
    return text.matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }
}
