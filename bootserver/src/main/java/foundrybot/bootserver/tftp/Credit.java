// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

/**
 * What may be sent to an address before it has answered, and so has proved that it asked: at most
 * {@link #FACTOR} times the bytes that came from it. A request without options must be answered
 * with a block of 512 bytes (RFC 1350), which the shortest request there is just pays for, once; an
 * OACK is hardly longer than its request.
 */
final class Credit {
  static final int FACTOR = 16;

  /** Headers of IPv4 and UDP, which both sides pay. */
  private static final int HEADERS = 28;

  private long left;

  Credit(int requestBytes) {
    earn(requestBytes);
  }

  void earn(int requestBytes) {
    left += (long) FACTOR * (requestBytes + HEADERS);
  }

  /** Whether a packet of that many bytes may go out; then it is paid. */
  boolean spend(int bytes) {
    if (left < bytes + HEADERS) {
      return false;
    }
    left -= bytes + HEADERS;
    return true;
  }
}
