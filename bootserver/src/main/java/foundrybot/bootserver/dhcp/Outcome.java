// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Optional;

/** What is to be done about one message. */
sealed interface Outcome {
  /**
   * An answer.
   *
   * @param from our address that it leaves from
   * @param message not yet cut to {@code limit}
   * @param limit bytes of UDP payload that the client takes
   * @param to of a relayed packet never the source port, unless the relay asks for that
   * @param detail why this answer
   */
  record Reply(
      Inet4Address from, DhcpMessage message, int limit, InetSocketAddress to, String detail)
      implements Outcome {}

  /** An answer that leaves only when the lease it promises is saved. */
  record Promise(Lease lease, Reply reply) implements Outcome {}

  /**
   * An address that is offered if nobody answers on it.
   *
   * @param inquiry the DISCOVER, to be answered then
   * @param network where the address is
   * @param attempt how many addresses were found in use before this one
   */
  record Probe(
      Inquiry inquiry, MacAddress mac, DhcpNetwork network, Inet4Address address, int attempt)
      implements Outcome {}

  /** Something to remember, without an answer. */
  record Remember(Lease lease) implements Outcome {}

  /** No answer. */
  record Ignored(Cause cause, String detail) implements Outcome {
    Ignored(Cause cause) {
      this(cause, cause.text());
    }

    /** Whose offer was taken instead of ours, and for which address (RFC 2131 section 4.3.2). */
    static Ignored forAnother(DhcpMessage request) {
      return new Ignored(
          Cause.OTHER_SERVER,
          "server="
              + shown(request.address(DhcpOption.SERVER_ID))
              + " address="
              + shown(request.address(DhcpOption.REQUESTED_ADDRESS)));
    }

    private static String shown(Optional<Inet4Address> address) {
      return address.map(Inet4Address::getHostAddress).orElse("unknown");
    }
  }

  /** Why there is no answer: a bounded set, so that each can be counted. */
  enum Cause {
    REPLY("a server's message"),
    BOOTP("no message type: BOOTP is not served"),
    UNKNOWN_TYPE("a message type that is none of a client's"),
    NOT_BOOTING("not a boot client"),
    BAD_CLIENT("a boot client that breaks a rule"),
    POLICY("the policy says so"),
    UNSUITABLE("the policy's answer does not suit this client"),
    OTHER_SERVER("meant for another server"),
    PROXY_MODE("only boot offers are given here; addresses come from another server"),
    WRONG_PORT("not a message for this port"),
    BAD_RELAY("relay address is nobody's"),
    OTHER_SUBNET("relay's subnet is not served"),
    UNKNOWN_MACHINE("unknown machine, and leases are only for known ones"),
    NO_ADDRESS("no address is free"),
    ALL_IN_USE("the addresses that were tried are in use by machines that were not given them"),
    REPEATED("the address for it is still being probed; its later message will be answered"),
    NO_RECORD("no record of this machine's lease; it will start over"),
    INCOMPLETE("the message lacks what its type needs"),
    TOO_LONG("the answer does not fit what the client takes"),
    BUSY("too many leases wait to be saved"),
    NOT_SAVED("the lease could not be saved"),
    NOT_SENT("the answer could not be sent");

    private final String text;
    private final String counter = "dhcp.ignored." + token(this);

    Cause(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }

    /** What it is counted as. */
    String counter() {
      return counter;
    }

    /** The kind of event: who took another's offer is lost to us, and that is worth a name. */
    String event() {
      return this == OTHER_SERVER ? "dhcp.other-server" : "dhcp.ignored";
    }
  }

  /** The name of a constant as it stands in kinds of events and in counters. */
  static String token(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
