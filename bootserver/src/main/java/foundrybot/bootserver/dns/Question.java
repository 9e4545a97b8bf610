// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.handler.codec.dns.DnsRecordType;

/** What is asked: the key of every answer (RFC 1035 section 4.1.2). */
record Question(Name name, DnsRecordType type, int dnsClass) {
  static final int CLASS_IN = 1;
  static final int CLASS_ANY = 255;

  @Override
  public String toString() {
    return name + " " + type.name();
  }
}
