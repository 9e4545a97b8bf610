// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import javax.crypto.KeyAgreement;

/** The curve NIST P-256 (SP 800-186, section 3.2.1.3), by what Java has for it. */
final class P256 {
  private static final int BYTES = 32;
  private static final ECGenParameterSpec NAME = new ECGenParameterSpec("secp256r1");
  private static final ECParameterSpec CURVE = curve();

  private P256() {}

  private static ECParameterSpec curve() {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(NAME);
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  /** The key at a point, which must lie on the curve: Java takes any two numbers. */
  static ECPublicKey key(BigInteger x, BigInteger y)
      throws PublicArea.Unfit, GeneralSecurityException {
    if (!hasPoint(x, y)) {
      throw new PublicArea.Unfit("a point beside the curve (expected: one on NIST P-256)");
    }
    return (ECPublicKey)
        KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(new ECPoint(x, y), CURVE));
  }

  /** Whether y^2 = x^3 + ax + b, of two numbers of the field. */
  private static boolean hasPoint(BigInteger x, BigInteger y) {
    EllipticCurve curve = CURVE.getCurve();
    BigInteger field = ((ECFieldFp) curve.getField()).getP();
    BigInteger right = x.pow(2).add(curve.getA()).multiply(x).add(curve.getB()).mod(field);
    return x.compareTo(field) < 0
        && y.compareTo(field) < 0
        && y.modPow(BigInteger.TWO, field).equals(right);
  }

  /** A key that nobody had before. */
  static KeyPair pair(SecureRandom random) throws GeneralSecurityException {
    KeyPairGenerator maker = KeyPairGenerator.getInstance("EC");
    maker.initialize(NAME, random);
    return maker.generateKeyPair();
  }

  /** What two keys have in common: the x coordinate of their product. */
  static byte[] shared(PrivateKey own, ECPublicKey other) throws GeneralSecurityException {
    KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
    agreement.init(own);
    agreement.doPhase(other, true);
    return agreement.generateSecret();
  }

  /** A coordinate as the TPM writes it: with its leading zeros (Part 1, annex C.8). */
  static byte[] bytes(BigInteger coordinate) {
    byte[] least = coordinate.toByteArray();
    byte[] all = new byte[BYTES];
    // A sign byte may come first.
    int count = Math.min(least.length, BYTES);
    System.arraycopy(least, least.length - count, all, BYTES - count, count);
    return all;
  }
}
