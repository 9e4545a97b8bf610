// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/**
 * How boot programs travel.
 *
 * @param singlePort whether all transfers go through the TFTP port itself
 * @param blockSize the largest block in bytes, 512..65464
 * @param windowSize the largest window in blocks, 1..64
 */
public record TftpOptions(boolean singlePort, int blockSize, int windowSize) {
  static final int LEAST_BLOCK = 512;
  static final int MOST_BLOCK = 65_464;
  static final int MOST_WINDOW = 64;

  /** Ethernet's MTU of 1500 less 32 bytes of headers. */
  public static final TftpOptions USUAL = new TftpOptions(false, 1468, MOST_WINDOW);
}
