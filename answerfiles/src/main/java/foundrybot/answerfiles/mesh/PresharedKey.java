// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

/**
 * What two peers share beside their key pairs: 32 bytes.
 *
 * @param text base64, 44 characters; a secret
 */
public record PresharedKey(String text) {
  public PresharedKey {
    if (!WgKey.isKey(text)) {
      throw new IllegalArgumentException("preshared key: malformed (expected: 32 bytes as base64)");
    }
  }

  /** Leaves the key out. */
  @Override
  public String toString() {
    return "PresharedKey[...]";
  }
}
