// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Certification requests as nodes make them. */
public final class Csr {
  private Csr() {}

  /** A key on P-256. */
  public static KeyPair key() {
    return key("EC", 256);
  }

  static KeyPair key(String algorithm, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** For a subject such as {@code CN=w1,O=worker}, as DER. */
  public static byte[] of(String subject, KeyPair key) {
    return of(subject, key, key);
  }

  /** Signed by another key than the one in it. */
  static byte[] of(String subject, KeyPair key, KeyPair signer) {
    String algorithm = signer.getPrivate().getAlgorithm();
    String by = algorithm.equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    try {
      return new JcaPKCS10CertificationRequestBuilder(new X500Principal(subject), key.getPublic())
          .build(new JcaContentSignerBuilder(by).build(signer.getPrivate()))
          .getEncoded();
    } catch (IOException | OperatorCreationException e) {
      throw new AssertionError(e);
    }
  }
}
