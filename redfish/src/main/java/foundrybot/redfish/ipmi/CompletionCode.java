// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

/**
 * What a completion code says (IPMI 2.0, table 5-2). It stays a byte: BMCs send codes that stand in
 * no table, and those of 0x80 to 0xbe mean something else for each command.
 */
final class CompletionCode {
  static final int DONE = 0x00;

  /** Time ran out inside the BMC: it may have carried the command out. */
  static final int TIMEOUT = 0xc3;

  /** What was asked for is not there: a record, a part. */
  static final int NOT_PRESENT = 0xcb;

  private CompletionCode() {}

  /** Whether the same command may succeed in a moment. */
  static boolean isBusy(int code) {
    return switch (code) {
      case 0xc0, TIMEOUT, 0xc4, 0xd0, 0xd1, 0xd2 -> true;
      default -> false;
    };
  }

  /** Whether it is busy and has surely not begun. */
  static boolean isNotYet(int code) {
    return isBusy(code) && code != TIMEOUT;
  }

  /** Whether the BMC does not know the command, or not for this. */
  static boolean isUnsupported(int code) {
    return code == 0xc1 || code == 0xc2 || code == 0xd6;
  }

  static boolean isPrivilege(int code) {
    return code == 0xd4;
  }

  /** For people: {@code completion code 0xc0 (busy)}. */
  static String text(int code) {
    return String.format("completion code 0x%02x (%s)", code, meaning(code));
  }

  private static String meaning(int code) {
    return switch (code) {
      case DONE -> "done";
      case 0xc0 -> "busy";
      case 0xc1 -> "command unknown";
      case 0xc2 -> "command unknown for this LUN";
      case TIMEOUT -> "timeout inside the BMC";
      case 0xc4 -> "out of space";
      case 0xc5 -> "reservation cancelled";
      case 0xc6 -> "request truncated";
      case 0xc7 -> "request of wrong length";
      case 0xc8 -> "request too long";
      case 0xc9 -> "parameter out of range";
      case 0xca -> "cannot return so many bytes";
      case NOT_PRESENT -> "not present";
      case 0xcc -> "invalid field";
      case 0xcd -> "not allowed for this sensor or record";
      case 0xce -> "no answer could be given";
      case 0xcf -> "duplicate request";
      case 0xd0 -> "SDR repository in update";
      case 0xd1 -> "firmware in update";
      case 0xd2 -> "BMC still initialising";
      case 0xd3 -> "destination unavailable";
      case 0xd4 -> "insufficient privilege";
      case 0xd5 -> "not possible in the present state";
      case 0xd6 -> "subfunction disabled";
      case 0xff -> "unspecified error";
      default ->
          code >= 0x80 && code <= 0xbe
              ? "of this command"
              : code <= 0x7e && code != DONE ? "of this vendor" : "in no table";
    };
  }
}
