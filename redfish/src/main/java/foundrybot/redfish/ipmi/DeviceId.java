// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

/**
 * Answer to Get Device ID (IPMI 2.0, table 20-2).
 *
 * @param firmware {@code 2.88}; the second number is binary-coded decimal on the wire
 * @param version {@code 2.0}
 * @param manufacturer IANA enterprise number
 */
record DeviceId(String firmware, String version, int manufacturer, int product) {
  static DeviceId decode(byte[] data) {
    Octets in = new Octets("device id", data);
    in.u16("device id and revision");
    int major = in.u8("firmware revision") & 0x7f;
    int minor = in.u8("firmware revision");
    int version = in.u8("IPMI version");
    in.u8("device support");
    int manufacturer = in.u24("manufacturer") & 0xfffff;
    return new DeviceId(
        String.format("%d.%02x", major, minor),
        (version & 0x0f) + "." + (version >> 4),
        manufacturer,
        in.u16("product"));
  }

  /** Who made it, as far as the enterprise number is that of a maker of servers. */
  String vendor() {
    return switch (manufacturer) {
      case 0 -> "";
      case 2 -> "IBM";
      case 11 -> "HP";
      case 343 -> "Intel";
      case 674 -> "Dell";
      case 2011 -> "Huawei";
      case 5703 -> "NVIDIA";
      case 5771 -> "Cisco";
      case 7244 -> "Quanta";
      case 10368 -> "Fujitsu";
      case 10876 -> "Supermicro";
      case 15370 -> "Gigabyte";
      case 19046 -> "Lenovo";
      case 47196 -> "HPE";
      default -> "IANA enterprise " + manufacturer;
    };
  }
}
