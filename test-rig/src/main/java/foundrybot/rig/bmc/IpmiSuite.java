// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Cipher suites that are answered (IPMI 2.0, table 22-20), both with AES-CBC-128. */
enum IpmiSuite {
  SHA1(3, 1, 1, "HmacSHA1", 20, 12),
  SHA256(17, 3, 4, "HmacSHA256", 32, 16);

  private static final int AES_CBC_128 = 1;
  private static final int START_OF_RECORD = 0xc0;
  private static final int INTEGRITY_TAG = 0x40;
  private static final int CONFIDENTIALITY_TAG = 0x80;

  private final int number;
  private final int authentication;
  private final int integrity;
  private final String algorithm;
  private final int digestBytes;
  private final int cutBytes;

  IpmiSuite(
      int number,
      int authentication,
      int integrity,
      String algorithm,
      int digestBytes,
      int cutBytes) {
    this.number = number;
    this.authentication = authentication;
    this.integrity = integrity;
    this.algorithm = algorithm;
    this.digestBytes = digestBytes;
    this.cutBytes = cutBytes;
  }

  static IpmiSuite of(int number) {
    return Arrays.stream(values())
        .filter(suite -> suite.number == number)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("cipher suite: " + number + " (expected: 3 or 17)"));
  }

  /**
   * The first of those that fits what a console proposes; an algorithm of -1 leaves the choice to
   * the BMC.
   */
  static Optional<IpmiSuite> fitting(
      List<IpmiSuite> among, int authentication, int integrity, int confidentiality) {
    return among.stream()
        .filter(
            suite ->
                fits(suite.authentication, authentication)
                    && fits(suite.integrity, integrity)
                    && fits(AES_CBC_128, confidentiality))
        .findFirst();
  }

  private static boolean fits(int ours, int proposed) {
    return proposed == -1 || proposed == ours;
  }

  /** Number and algorithms of authentication, integrity and confidentiality. */
  List<Integer> algorithms() {
    return List.of(authentication, integrity, AES_CBC_128);
  }

  /** As Get Channel Cipher Suites lists it (table 22-18). */
  List<Integer> record() {
    return List.of(
        START_OF_RECORD,
        number,
        authentication,
        INTEGRITY_TAG | integrity,
        CONFIDENTIALITY_TAG | AES_CBC_128);
  }

  int digestBytes() {
    return digestBytes;
  }

  /** Of the code behind a packet and in RAKP message 4 (13.28). */
  int cutBytes() {
    return cutBytes;
  }

  byte[] hmac(byte[] key, byte[] text) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }

  byte[] cutHmac(byte[] key, byte[] text) {
    return Arrays.copyOf(hmac(key, text), cutBytes);
  }
}
