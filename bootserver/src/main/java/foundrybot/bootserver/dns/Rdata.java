// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import java.net.Inet4Address;
import java.net.InetAddress;

/** What the zone's records say. */
sealed interface Rdata {
  DnsRecordType type();

  /** A (RFC 1035 section 3.4.1) or AAAA (RFC 3596). */
  record Address(InetAddress address) implements Rdata {
    @Override
    public DnsRecordType type() {
      return address instanceof Inet4Address ? DnsRecordType.A : DnsRecordType.AAAA;
    }
  }

  /** NS or PTR (RFC 1035 sections 3.3.11 and 3.3.12). */
  record Target(DnsRecordType type, Name name) implements Rdata {}

  /** SRV (RFC 2782). */
  record Service(int priority, int weight, int port, Name target) implements Rdata {
    @Override
    public DnsRecordType type() {
      return DnsRecordType.SRV;
    }
  }

  /** SOA (RFC 1035 section 3.3.13); {@code minimum} is for negative answers (RFC 2308). */
  record Authority(
      Name server, Name mailbox, long serial, int refresh, int retry, int expire, int minimum)
      implements Rdata {
    @Override
    public DnsRecordType type() {
      return DnsRecordType.SOA;
    }
  }

  /** HINFO that stands for all types, as the answer to ANY (RFC 8482 section 4.2). */
  record Minimal() implements Rdata {
    static final DnsRecordType HINFO = DnsRecordType.valueOf(13);

    @Override
    public DnsRecordType type() {
      return HINFO;
    }
  }
}
