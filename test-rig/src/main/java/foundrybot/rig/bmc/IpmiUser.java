// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Who may log in at an IPMI BMC.
 *
 * @param name at most 16 bytes
 * @param password at most 20 bytes
 */
public record IpmiUser(String name, Secret password, Privilege limit) {
  static final int NAME_BYTES = 16;
  private static final int PASSWORD_BYTES = 20;

  /** What a session may do (IPMI 2.0, 6.8). */
  public enum Privilege {
    CALLBACK(1),
    USER(2),
    OPERATOR(3),
    ADMINISTRATOR(4);

    private final int level;

    Privilege(int level) {
      this.level = level;
    }

    /** On the wire. */
    int level() {
      return level;
    }

    static Optional<Privilege> of(int level) {
      return Arrays.stream(values()).filter(p -> p.level == level).findFirst();
    }
  }

  public IpmiUser {
    check("user", name, NAME_BYTES);
    check("password", password.reveal(), PASSWORD_BYTES);
  }

  private static void check(String what, String value, int most) {
    int length = value.getBytes(StandardCharsets.UTF_8).length;
    if (length > most) {
      throw new IllegalArgumentException(
          what + ": " + length + " bytes (expected: at most " + most + ")");
    }
  }

  /** K_UID: the password, filled with zeros. */
  byte[] key() {
    return key(password);
  }

  static byte[] key(Secret secret) {
    return Arrays.copyOf(secret.reveal().getBytes(StandardCharsets.UTF_8), PASSWORD_BYTES);
  }
}
