// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.net.Inet4Address;
import java.util.List;

/**
 * One option (RFC 2132); a value longer than 255 bytes is split on the wire (RFC 3396).
 *
 * @param code 1..254; 0 and 255 are padding and end and never appear here
 * @param value as it stands on the wire
 */
public record DhcpOption(int code, Octets value) {
  public static final int SUBNET_MASK = 1;
  public static final int ROUTERS = 3;
  public static final int DNS_SERVERS = 6;
  public static final int HOST_NAME = 12;
  public static final int DOMAIN_NAME = 15;
  public static final int NTP_SERVERS = 42;
  public static final int VENDOR_SPECIFIC = 43;
  public static final int REQUESTED_ADDRESS = 50;
  public static final int LEASE_TIME = 51;
  public static final int OVERLOAD = 52;
  public static final int MESSAGE_TYPE = 53;
  public static final int SERVER_ID = 54;
  public static final int PARAMETER_LIST = 55;
  public static final int MESSAGE = 56;
  public static final int MAX_MESSAGE_SIZE = 57;
  public static final int RENEWAL_TIME = 58;
  public static final int REBINDING_TIME = 59;
  public static final int VENDOR_CLASS = 60;
  public static final int CLIENT_ID = 61;
  public static final int TFTP_SERVER_NAME = 66;
  public static final int BOOT_FILE = 67;
  public static final int USER_CLASS = 77;
  public static final int RELAY_AGENT = 82;
  public static final int ARCHITECTURE = 93;
  public static final int CLIENT_UUID = 97;
  public static final int DOMAIN_SEARCH = 119;
  public static final int CLASSLESS_ROUTES = 121;
  public static final int IPXE = 175;

  /** Of older Windows; means the same as 121. */
  public static final int MICROSOFT_ROUTES = 249;

  public DhcpOption {
    if (code < 1 || code > 254) {
      throw new IllegalArgumentException("option: " + code + " (expected: 1..254)");
    }
  }

  public static DhcpOption text(int code, String text) {
    return new DhcpOption(code, Octets.text(text));
  }

  public static DhcpOption address(int code, Inet4Address address) {
    return new DhcpOption(code, Octets.of(address.getAddress()));
  }

  /** Addresses one after the other, such as option 3. */
  public static DhcpOption addresses(int code, List<Inet4Address> addresses) {
    byte[] value = new byte[4 * addresses.size()];
    for (int i = 0; i < addresses.size(); i++) {
      System.arraycopy(addresses.get(i).getAddress(), 0, value, 4 * i, 4);
    }
    return new DhcpOption(code, Octets.of(value));
  }

  public static DhcpOption u8(int code, int value) {
    return new DhcpOption(code, Octets.of((byte) value));
  }

  public static DhcpOption u32(int code, long value) {
    return new DhcpOption(code, Octets.ofU32(value));
  }
}
