// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/**
 * A simulated TPM: a key that shows itself as an EK, and TPM2_ActivateCredential. The real one of
 * {@code TpmNodeTest} says whether that is right.
 */
public final class SoftTpm {
  private static final KeyPairGenerator MAKER = maker();

  private final KeyPair pair;
  private final byte[] ek;
  private final byte[] ak = bytes(Vectors.AK);

  /** With keys that no other one has; its EK is of RSA. */
  public SoftTpm() {
    this(MAKER.generateKeyPair(), bytes(Vectors.EK));
    byte[] modulus = ((RSAPublicKey) pair.getPublic()).getModulus().toByteArray();
    System.arraycopy(modulus, modulus.length - 256, ek, ek.length - 256, 256);
  }

  private SoftTpm(KeyPair pair, byte[] ek) {
    this.pair = pair;
    this.ek = ek;
    byte[] point = new byte[32];
    new SecureRandom().nextBytes(point);
    System.arraycopy(point, 0, ak, ak.length - 32, 32);
  }

  /** The same with an EK of ECC. */
  public static SoftTpm elliptic() {
    try {
      SoftTpm tpm = new SoftTpm(P256.pair(new SecureRandom()), bytes(Vectors.ECC_EK));
      ECPoint point = ((ECPublicKey) tpm.pair.getPublic()).getW();
      System.arraycopy(P256.bytes(point.getAffineX()), 0, tpm.ek, tpm.ek.length - 66, 32);
      System.arraycopy(P256.bytes(point.getAffineY()), 0, tpm.ek, tpm.ek.length - 32, 32);
      return tpm;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPairGenerator maker() {
    try {
      KeyPairGenerator maker = KeyPairGenerator.getInstance("RSA");
      maker.initialize(2048);
      return maker;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] bytes(String base64) {
    return Base64.getDecoder().decode(base64);
  }

  /** The lines of a request. */
  public String[] shown() {
    Base64.Encoder base64 = Base64.getEncoder();
    return new String[] {"ek=" + base64.encodeToString(ek), "ak=" + base64.encodeToString(ak)};
  }

  /** The same with the proof. */
  public String[] proved(TpmSecret secret) {
    String[] lines = Arrays.copyOf(shown(), 3);
    lines[2] = "proof=" + secret.proof();
    return lines;
  }

  public String hash() {
    return TpmKeys.decode(ek, ak) instanceof TpmKeys.Reading.Read(TpmKeys keys)
        ? keys.hash().toString()
        : "";
  }

  /** What it opens; empty for what was wrapped for another EK or AK, or was changed. */
  public Optional<TpmSecret> activate(String credential) {
    byte[] file = bytes(credential);
    try {
      byte[] seed = seed(Arrays.copyOfRange(file, 80, file.length));
      byte[] name = name();
      byte[] hidden = Arrays.copyOfRange(file, 44, 78);
      byte[] both = Arrays.copyOf(hidden, hidden.length + name.length);
      System.arraycopy(name, 0, both, hidden.length, name.length);
      byte[] integrity =
          Credential.hmac(Credential.derived(seed, "INTEGRITY", new byte[0], 256), both);
      if (!MessageDigest.isEqual(integrity, Arrays.copyOfRange(file, 12, 44))) {
        return Optional.empty();
      }
      Cipher aes = Cipher.getInstance("AES/CFB/NoPadding");
      aes.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(Credential.derived(seed, "STORAGE", name, 128), "AES"),
          new IvParameterSpec(new byte[16]));
      return Optional.of(new TpmSecret(Arrays.copyOfRange(aes.doFinal(hidden), 2, 34)));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  private byte[] seed(byte[] told) throws GeneralSecurityException {
    if (pair.getPublic() instanceof ECPublicKey own) {
      byte[] x = Arrays.copyOfRange(told, 2, 34);
      byte[] y = Arrays.copyOfRange(told, 36, 68);
      KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
      agreement.init(pair.getPrivate());
      agreement.doPhase(
          KeyFactory.getInstance("EC")
              .generatePublic(
                  new ECPublicKeySpec(
                      new ECPoint(new BigInteger(1, x), new BigInteger(1, y)), own.getParams())),
          true);
      byte[] to = P256.bytes(own.getW().getAffineX());
      return Credential.agreed(agreement.generateSecret(), x, to);
    }
    Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
    byte[] label = "IDENTITY\0".getBytes(StandardCharsets.US_ASCII);
    rsa.init(
        Cipher.DECRYPT_MODE,
        pair.getPrivate(),
        new OAEPParameterSpec(
            "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, new PSource.PSpecified(label)));
    return rsa.doFinal(told);
  }

  private byte[] name() {
    return TpmKeys.decode(ek, ak) instanceof TpmKeys.Reading.Read(TpmKeys keys)
        ? HexFormat.of().parseHex(keys.akName())
        : new byte[0];
  }
}
