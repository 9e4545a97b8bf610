// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

/** What came out of a datagram. */
public sealed interface Decoded {
  /**
   * A well-formed message.
   *
   * @param message what it means
   * @param layout what else there was in the datagram
   */
  record Message(DhcpMessage message, Layout layout) implements Decoded {
    public Message {
      if (!layout.holds(message)) {
        throw new IllegalArgumentException(
            "layout: %s (expected: one that holds %s)".formatted(layout, message));
      }
    }
  }

  /**
   * Not a DHCP message.
   *
   * @param offset of the first byte that is wrong
   * @param fault which rule it breaks
   * @param expected what the rule asks for, and what was found
   */
  record Malformed(int offset, Fault fault, String expected) implements Decoded {}

  /** The rules a datagram may break: a bounded set, so that each can be counted. */
  enum Fault {
    TOO_SHORT,
    TOO_LONG,
    OP,
    HLEN,
    MAGIC_COOKIE,
    OPTION_LENGTH,
    OVERLOAD
  }
}
