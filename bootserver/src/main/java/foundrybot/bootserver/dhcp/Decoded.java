// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

/** What came out of a datagram. */
public sealed interface Decoded {
  /** A well-formed message. */
  record Message(DhcpMessage message) implements Decoded {}

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
