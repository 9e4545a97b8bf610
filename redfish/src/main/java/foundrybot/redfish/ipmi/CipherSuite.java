// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The cipher suites that are spoken: those that authenticate and encrypt with what is not broken
 * (IPMI 2.0, table 22-20). Suite 0 lets anybody in and is not here.
 */
enum CipherSuite {
  /** RAKP-HMAC-SHA256, HMAC-SHA256-128, AES-CBC-128. */
  SUITE_17(17, 3, 4, "HmacSHA256", 32, 16),
  /** RAKP-HMAC-SHA1, HMAC-SHA1-96, AES-CBC-128. */
  SUITE_3(3, 1, 1, "HmacSHA1", 20, 12);

  /** AES-CBC-128, the only one of table 13-19 that is worth its name. */
  static final int CONFIDENTIALITY = 1;

  private final int id;
  private final int authentication;
  private final int integrity;
  private final String hmac;
  private final int hashBytes;
  private final int codeBytes;

  CipherSuite(
      int id, int authentication, int integrity, String hmac, int hashBytes, int codeBytes) {
    this.id = id;
    this.authentication = authentication;
    this.integrity = integrity;
    this.hmac = hmac;
    this.hashBytes = hashBytes;
    this.codeBytes = codeBytes;
  }

  /** The one with this number, as {@code ipmitool -C} takes it. */
  static Optional<CipherSuite> of(int id) {
    return Arrays.stream(values()).filter(suite -> suite.id == id).findFirst();
  }

  /** The one of these algorithms (IPMI 2.0, tables 13-17 to 13-19), if it is among those. */
  static Optional<CipherSuite> of(
      List<CipherSuite> among, int authentication, int integrity, int confidentiality) {
    return among.stream()
        .filter(
            suite ->
                suite.authentication == authentication
                    && suite.integrity == integrity
                    && confidentiality == CONFIDENTIALITY)
        .findFirst();
  }

  int id() {
    return id;
  }

  int authentication() {
    return authentication;
  }

  int integrity() {
    return integrity;
  }

  /** Length of a whole hash, as the key exchange has it. */
  int hashBytes() {
    return hashBytes;
  }

  /** Length of what is left of a hash behind a packet and in RAKP 4. */
  int codeBytes() {
    return codeBytes;
  }

  /** The keyed hash of the parts in a row. An empty key is a key of one zero byte: the same. */
  byte[] hash(byte[] key, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(hmac);
      mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, hmac));
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(hmac + ": every JDK has it", e);
    }
  }

  /** The keyed hash, cut to its first {@link #codeBytes()}. */
  byte[] code(byte[] key, byte[]... parts) {
    return Arrays.copyOf(hash(key, parts), codeBytes);
  }

  @Override
  public String toString() {
    return "cipher suite " + id;
  }
}
