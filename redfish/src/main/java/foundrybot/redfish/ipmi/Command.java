// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

/** The commands that are sent (IPMI 2.0, appendix G). */
enum Command {
  GET_CHASSIS_STATUS(0x00, 0x01),
  CHASSIS_CONTROL(0x00, 0x02),
  SET_SYSTEM_BOOT_OPTIONS(0x00, 0x08),
  GET_SYSTEM_BOOT_OPTIONS(0x00, 0x09),
  GET_DEVICE_ID(0x06, 0x01),
  GET_SYSTEM_GUID(0x06, 0x37),
  GET_CHANNEL_AUTHENTICATION_CAPABILITIES(0x06, 0x38),
  SET_SESSION_PRIVILEGE_LEVEL(0x06, 0x3b),
  CLOSE_SESSION(0x06, 0x3c),
  ACTIVATE_PAYLOAD(0x06, 0x48),
  DEACTIVATE_PAYLOAD(0x06, 0x49),
  GET_PAYLOAD_INSTANCE_INFO(0x06, 0x4b),
  GET_FRU_INVENTORY_AREA_INFO(0x0a, 0x10),
  READ_FRU_DATA(0x0a, 0x11),
  GET_SEL_INFO(0x0a, 0x40),
  GET_SEL_ENTRY(0x0a, 0x43);

  private final int netFunction;
  private final int code;

  Command(int netFunction, int code) {
    this.netFunction = netFunction;
    this.code = code;
  }

  int netFunction() {
    return netFunction;
  }

  int code() {
    return code;
  }

  /** As the specification calls it: {@code Get Chassis Status}. */
  String title() {
    StringBuilder title = new StringBuilder();
    for (String word : name().split("_", -1)) {
      boolean abbreviation = word.matches("ID|GUID|FRU|SEL");
      title
          .append(title.isEmpty() ? "" : " ")
          .append(word.charAt(0))
          .append(
              abbreviation
                  ? word.substring(1)
                  : word.substring(1).toLowerCase(java.util.Locale.ROOT));
    }
    return title.toString();
  }
}
