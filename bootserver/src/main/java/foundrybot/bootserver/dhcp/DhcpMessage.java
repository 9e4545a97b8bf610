// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.net.Inet4Address;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * One DHCP message (RFC 2131 section 2), as it is meant: split options are joined, overloaded
 * fields are unpacked.
 *
 * @param op 1 request, 2 reply
 * @param htype hardware type, 1 for Ethernet
 * @param hops relays passed
 * @param xid transaction, 32 bits, chosen by the client
 * @param secs since the client began
 * @param flags the highest bit asks for broadcast answers
 * @param ciaddr the address the client has and answers to
 * @param yiaddr the address it is given
 * @param siaddr where its boot program is
 * @param giaddr the relay's address
 * @param chaddr hardware address; its length is {@code hlen}
 * @param sname server name without the NUL
 * @param file boot file without the NUL
 * @param options in the order of the wire, no code twice
 */
public record DhcpMessage(
    int op,
    int htype,
    int hops,
    int xid,
    int secs,
    int flags,
    Inet4Address ciaddr,
    Inet4Address yiaddr,
    Inet4Address siaddr,
    Inet4Address giaddr,
    Octets chaddr,
    String sname,
    String file,
    List<DhcpOption> options) {

  public static final int REQUEST = 1;
  public static final int REPLY = 2;
  public static final int BROADCAST = 0x8000;
  static final int CHADDR_LENGTH = 16;
  static final int SNAME_LENGTH = 64;
  static final int FILE_LENGTH = 128;

  public DhcpMessage {
    options = List.copyOf(options);
    require(op == REQUEST || op == REPLY, "op", op, "1 or 2");
    require(htype >>> 8 == 0, "htype", htype, "0..255");
    require(hops >>> 8 == 0, "hops", hops, "0..255");
    require(secs >>> 16 == 0, "secs", secs, "0..65535");
    require(flags >>> 16 == 0, "flags", flags, "0..65535");
    require(chaddr.length() <= CHADDR_LENGTH, "hlen", chaddr.length(), "0..16");
    require(sname.length() <= SNAME_LENGTH, "sname length", sname.length(), "0..64");
    require(file.length() <= FILE_LENGTH, "file length", file.length(), "0..128");
    // Each datagram in and out comes through here.
    BitSet codes = new BitSet(256);
    for (DhcpOption option : options) {
      int code = option.code();
      require(!codes.get(code), "option", code, "once");
      codes.set(code);
    }
  }

  private static void require(boolean holds, String field, int value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: " + expected + ")");
    }
  }

  /** The value of an option, if it is there. */
  public Optional<Octets> option(int code) {
    for (DhcpOption option : options) {
      if (option.code() == code) {
        return Optional.of(option.value());
      }
    }
    return Optional.empty();
  }

  /** The address an option holds; empty where it is missing or not four bytes long. */
  public Optional<Inet4Address> address(int code) {
    return option(code).filter(v -> v.length() == 4).map(v -> Ipv4.of(v.u32(0)));
  }

  /** Option 53; empty where it is missing or not a known type (BOOTP has none). */
  public Optional<MessageType> type() {
    return option(DhcpOption.MESSAGE_TYPE)
        .filter(v -> v.length() == 1)
        .flatMap(v -> MessageType.of(v.at(0)));
  }

  /** Message types of option 53 (RFC 2132 section 9.6). */
  public enum MessageType {
    DISCOVER(1),
    OFFER(2),
    REQUEST(3),
    DECLINE(4),
    ACK(5),
    NAK(6),
    RELEASE(7),
    INFORM(8);

    /** In the order of their codes, from 1. */
    private static final List<Optional<MessageType>> BY_CODE =
        Arrays.stream(values()).map(Optional::of).toList();

    private final int code;
    private final String event = "dhcp." + Outcome.token(this);

    MessageType(int code) {
      this.code = code;
    }

    public DhcpOption option() {
      return DhcpOption.u8(DhcpOption.MESSAGE_TYPE, code);
    }

    /** What a message of this type is told and counted as. */
    String event() {
      return event;
    }

    static Optional<MessageType> of(int code) {
      return code >= 1 && code <= BY_CODE.size() ? BY_CODE.get(code - 1) : Optional.empty();
    }
  }
}
