// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

/** Answer to Get SEL Info (IPMI 2.0, table 31-2): how many records the event log has. */
record SelInfo(int entries) {
  static SelInfo decode(byte[] data) {
    Octets in = new Octets("SEL info", data);
    in.u8("version");
    return new SelInfo(in.u16("entries"));
  }
}
