// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

import foundrybot.appliance.store.KeyRing;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.DigestInfo;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cms.CMSAbsentContent;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.SignerInfoGeneratorBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Signs what iPXE's {@code imgverify} is to let pass: kernels and initrds, scripts, boot programs.
 * Detached CMS (RFC 5652) without signed attributes, as that asks for, by a certificate for the
 * signing of code, whose CA is the appliance's. What is signed is a digest: of an image the one
 * that it had when it was imported, so a file that was changed since is not vouched for, however
 * large it is none is read, and the same image has the same signature for as long as the
 * certificate is good.
 */
public final class ImageSigner {
  private static final String KEY = "tls/images.key";
  private static final String FILE = "images.crt";

  /** Of two years and a quarter, when it is time for the next. */
  private static final Duration RENEW_BEFORE = Duration.ofDays(400);

  private static final int DIGEST_BYTES = 32;

  /** Signatures that are kept: a rack that boots at once asks for the same ones. */
  private static final int MOST_KEPT = 1024;

  private final KeyRing keys;
  private final InstantSource clock;
  private @Nullable Signing last;

  /** By digest, all by {@link #last}; the one that was asked for longest ago makes room. */
  private final Map<String, byte[]> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
          return size() > MOST_KEPT;
        }
      };

  /** A key with its certificate, and whose that is. */
  private record Signing(PrivateKey key, X509Certificate certificate, X509Certificate authority) {
    boolean isGoodAt(Instant now) {
      return !now.isBefore(certificate.getNotBefore().toInstant())
          && now.plus(RENEW_BEFORE).isBefore(certificate.getNotAfter().toInstant());
    }

    /** Without the key. */
    @Override
    public String toString() {
      return "Signing[" + certificate.getSubjectX500Principal() + "]";
    }
  }

  /**
   * Of a data folder whose CA is there. Nothing is made or read before something is to be signed:
   * most appliances have no iPXE that asks for it, and an RSA key costs a start some time.
   */
  public ImageSigner(KeyRing keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /** The certificate is made where it is missing, old, or another CA's. */
  private synchronized Signing signing() {
    Instant now = clock.instant();
    Signing known = last;
    if (known != null && known.isGoodAt(now)) {
      return known;
    }
    Issuer.Issued authority = Certificates.authorityWithKey(keys);
    Signing signing = stored(authority.certificate(), now).orElseGet(() -> made(authority, now));
    last = signing;
    kept.clear();
    return signing;
  }

  private Optional<Signing> stored(X509Certificate authority, Instant now) {
    Path file = file();
    if (!Files.exists(file) || !Files.exists(keys.data().resolve(KEY))) {
      return Optional.empty();
    }
    X509Certificate certificate = PemFiles.certificates(file).getFirst();
    Signing stored = new Signing(PemFiles.key(keys, KEY), certificate, authority);
    return stored.isGoodAt(now)
            && isBy(authority, certificate)
            && Certificates.belongTogether(certificate, stored.key())
        ? Optional.of(stored)
        : Optional.empty();
  }

  private Signing made(Issuer.Issued authority, Instant now) {
    Issuer.Issued made = new Issuer().images(authority, now);
    PemFiles.write(keys, KEY, made.key());
    PemFiles.write(file(), PemFiles.text(made.certificate()));
    return new Signing(made.key(), made.certificate(), authority.certificate());
  }

  private Path file() {
    return keys.data().resolve("tls").resolve(FILE);
  }

  private static boolean isBy(X509Certificate authority, X509Certificate certificate) {
    try {
      certificate.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /**
   * The signature of an image.
   *
   * @param sha256 its digest, 64 hexadecimal digits
   * @return DER, with both certificates
   * @throws TlsException if the key cannot be had
   */
  public byte[] signature(String sha256) {
    byte[] digest = HexFormat.of().parseHex(sha256);
    if (digest.length != DIGEST_BYTES) {
      throw new IllegalArgumentException(sha256 + ": no SHA-256");
    }
    Signing by = signing();
    synchronized (this) {
      byte[] known = kept.get(sha256);
      if (known != null) {
        return known.clone();
      }
    }
    byte[] made = signed(by, digest);
    synchronized (this) {
      if (by.equals(last)) {
        kept.put(sha256, made);
      }
    }
    return made.clone();
  }

  private static byte[] signed(Signing by, byte[] digest) {
    try {
      CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
      generator.addSignerInfoGenerator(
          new SignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
              .setDirectSignature(true)
              .build(
                  new OfDigest(by.key(), digest), new JcaX509CertificateHolder(by.certificate())));
      generator.addCertificates(new JcaCertStore(List.of(by.certificate(), by.authority())));
      // iPXE reads no lengths that are left open, as BER has them (X.690, section 8.1.3.6).
      return generator.generate(new CMSAbsentContent()).getEncoded(ASN1Encoding.DER);
    } catch (CMSException | OperatorCreationException | GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every JDK has RSA and SHA-256", e);
    }
  }

  /** RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2) of a digest that is known already. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  private record OfDigest(PrivateKey key, byte[] digest) implements ContentSigner {
    @Override
    public AlgorithmIdentifier getAlgorithmIdentifier() {
      return new AlgorithmIdentifier(
          PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE);
    }

    @Override
    public OutputStream getOutputStream() {
      return OutputStream.nullOutputStream();
    }

    @Override
    public byte[] getSignature() {
      try {
        AlgorithmIdentifier sha256 =
            new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);
        Signature signing = Signature.getInstance("NONEwithRSA");
        signing.initSign(key);
        signing.update(new DigestInfo(sha256, digest).getEncoded());
        return signing.sign();
      } catch (GeneralSecurityException | IOException e) {
        throw new IllegalStateException("every JDK has RSA", e);
      }
    }

    /** Without the key. */
    @Override
    public String toString() {
      return "OfDigest";
    }
  }
}
