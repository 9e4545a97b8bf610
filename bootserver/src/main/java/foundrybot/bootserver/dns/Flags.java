// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.handler.codec.dns.DnsOpCode;
import io.netty.handler.codec.dns.DnsResponseCode;

/** The third and fourth octet of a message (RFC 1035 section 4.1.1, RFC 4035 section 3). */
final class Flags {
  static final int QR = 0x8000;
  static final int AA = 0x0400;
  static final int TC = 0x0200;
  static final int RD = 0x0100;
  static final int RA = 0x0080;
  static final int AD = 0x0020;
  static final int CD = 0x0010;
  private static final int RCODE = 0x000f;
  private static final int OPCODE = 0x7800;
  private static final int OPCODE_SHIFT = 11;

  private Flags() {}

  static DnsOpCode opcode(int flags) {
    return DnsOpCode.valueOf((flags & OPCODE) >> OPCODE_SHIFT);
  }

  static DnsResponseCode rcode(int flags) {
    return DnsResponseCode.valueOf(flags & RCODE);
  }

  static int withRcode(int flags, DnsResponseCode code) {
    return (flags & ~RCODE) | (code.intValue() & RCODE);
  }

  /** What every answer takes over from its query: opcode, RD and CD. */
  static int answerTo(int flags) {
    return QR | (flags & (OPCODE | RD | CD));
  }
}
