// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

/** What a BMC says about a session that is to be opened (IPMI 2.0, table 13-15). */
final class SessionStatus {
  static final int DONE = 0x00;
  static final int UNKNOWN_USER = 0x0d;
  static final int BAD_INTEGRITY = 0x0f;

  private SessionStatus() {}

  /** Whether it has no room for a session now. */
  static boolean isFull(int status) {
    return status == 0x01 || status == 0x0b;
  }

  /** Whether another cipher suite may do; some BMCs refuse a suite by "invalid role". */
  static boolean refusesSuite(int status) {
    return switch (status) {
      case 0x04, 0x05, 0x06, 0x07, 0x09, 0x10, 0x11, 0x12 -> true;
      default -> false;
    };
  }

  static boolean refusesRole(int status) {
    return status == 0x09 || status == 0x0a;
  }

  /** For people: {@code status 0x0d (no such user)}. */
  static String text(int status) {
    return String.format("status 0x%02x (%s)", status, meaning(status));
  }

  private static String meaning(int status) {
    return switch (status) {
      case DONE -> "done";
      case 0x01 -> "no session free";
      case 0x02 -> "invalid session";
      case 0x03 -> "invalid payload type";
      case 0x04 -> "authentication algorithm refused";
      case 0x05 -> "integrity algorithm refused";
      case 0x06 -> "no such authentication";
      case 0x07 -> "no such integrity";
      case 0x08 -> "session inactive";
      case 0x09 -> "invalid role";
      case 0x0a -> "privilege not granted";
      case 0x0b -> "no session free for this privilege";
      case 0x0c -> "user name of wrong length";
      case UNKNOWN_USER -> "no such user";
      case 0x0e -> "GUID refused";
      case BAD_INTEGRITY -> "integrity check failed";
      case 0x10 -> "confidentiality algorithm refused";
      case 0x11 -> "cipher suite refused";
      case 0x12 -> "illegal parameter";
      default -> "in no table";
    };
  }
}
