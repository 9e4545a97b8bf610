// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes certificates (RFC 5280). The CA's key is RSA, and so are all signatures in certificates,
 * because iPXE and older firmware verify nothing else; a server's own key may be another.
 */
final class Issuer {
  /** Firmware's clocks are set badly: what is made today is good since a while. */
  private static final Duration EARLIER = Duration.ofDays(7);

  private static final Duration CA_LIFE = Duration.ofDays(20L * 365);
  private static final Duration SERVER_LIFE = Duration.ofDays(825);
  private static final int CA_BITS = 3072;
  private static final int SERIAL_BITS = 127;
  private static final String SIGNED_BY = "SHA256withRSA";

  private final SecureRandom random = new SecureRandom();

  /** What a server signs with. */
  enum Kind {
    /** For every client. */
    RSA("RSA", 2048, KeyUsage.digitalSignature | KeyUsage.keyEncipherment),
    /** Curve P-256 (RFC 8422), which costs the server a tenth, for clients that can. */
    EC("EC", 256, KeyUsage.digitalSignature);

    private final String algorithm;
    private final int bits;
    private final int usage;

    Kind(String algorithm, int bits, int usage) {
      this.algorithm = algorithm;
      this.bits = bits;
      this.usage = usage;
    }

    /** As keys name it. */
    String algorithm() {
      return algorithm;
    }
  }

  /** A certificate and its key. */
  record Issued(X509Certificate certificate, PrivateKey key) {}

  /** A CA that signs itself and may sign servers only, not further CAs. */
  Issued authority(String cluster, Instant now) {
    KeyPair keys = keys(Kind.RSA.algorithm, CA_BITS);
    X500Name name = name("FoundryBot CA of " + cluster);
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
                  name, serial(), from(now), until(now, CA_LIFE), name, keys.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
              .addExtension(
                  Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
              .addExtension(
                  Extension.subjectKeyIdentifier,
                  false,
                  new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
      return signed(builder, keys, keys.getPrivate());
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException("every JDK has RSA, P-256 and SHA-256", e);
    }
  }

  /** A server's certificate for these names and addresses. */
  Issued server(
      Kind kind, Issued authority, List<String> names, List<InetAddress> addresses, Instant now) {
    KeyPair keys = keys(kind.algorithm, kind.bits);
    try {
      JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
                  authority.certificate(),
                  serial(),
                  from(now),
                  until(now, SERVER_LIFE),
                  name(addresses.getFirst().getHostAddress()),
                  keys.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(Extension.keyUsage, true, new KeyUsage(kind.usage))
              .addExtension(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
              .addExtension(Extension.subjectAlternativeName, false, alternatives(names, addresses))
              .addExtension(
                  Extension.subjectKeyIdentifier,
                  false,
                  ids.createSubjectKeyIdentifier(keys.getPublic()))
              .addExtension(
                  Extension.authorityKeyIdentifier,
                  false,
                  ids.createAuthorityKeyIdentifier(authority.certificate()));
      return signed(builder, keys, authority.key());
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException("every JDK has RSA, P-256 and SHA-256", e);
    }
  }

  /** A certificate for the signing of images, which iPXE takes for nothing else. */
  Issued images(Issued authority, Instant now) {
    KeyPair keys = keys(Kind.RSA.algorithm, Kind.RSA.bits);
    try {
      JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
                  authority.certificate(),
                  serial(),
                  from(now),
                  until(now, SERVER_LIFE),
                  name("FoundryBot images"),
                  keys.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
              .addExtension(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(KeyPurposeId.id_kp_codeSigning))
              .addExtension(
                  Extension.subjectKeyIdentifier,
                  false,
                  ids.createSubjectKeyIdentifier(keys.getPublic()))
              .addExtension(
                  Extension.authorityKeyIdentifier,
                  false,
                  ids.createAuthorityKeyIdentifier(authority.certificate()));
      return signed(builder, keys, authority.key());
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException("every JDK has RSA and SHA-256", e);
    }
  }

  /**
   * A node's certificate, for both ends of a connection.
   *
   * @param role stands in its subject as the organization, where Kubernetes looks for groups
   * @param revocations where its revocation is told
   */
  X509Certificate node(
      Issued authority,
      PublicKey key,
      NodeSubject subject,
      URI revocations,
      Duration life,
      Instant now) {
    X500Name name =
        new X500NameBuilder(BCStyle.INSTANCE)
            .addRDN(BCStyle.O, subject.role())
            .addRDN(BCStyle.CN, subject.name())
            .build();
    DistributionPoint point =
        new DistributionPoint(
            new DistributionPointName(
                new GeneralNames(
                    new GeneralName(
                        GeneralName.uniformResourceIdentifier, revocations.toString()))),
            null,
            null);
    try {
      JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
                  authority.certificate().getSubjectX500Principal(),
                  serial(),
                  from(now),
                  until(now, life),
                  new X500Principal(name.getEncoded()),
                  key)
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
              .addExtension(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(
                      new KeyPurposeId[] {
                        KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                      }))
              .addExtension(
                  Extension.subjectAlternativeName,
                  false,
                  alternatives(subject.names(), subject.addresses()))
              .addExtension(
                  Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(key))
              .addExtension(
                  Extension.authorityKeyIdentifier,
                  false,
                  ids.createAuthorityKeyIdentifier(authority.certificate()))
              .addExtension(
                  Extension.cRLDistributionPoints,
                  false,
                  new CRLDistPoint(new DistributionPoint[] {point}));
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(SIGNED_BY).build(authority.key())));
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException("the key was parsed, and every JDK has RSA and SHA-256", e);
    }
  }

  /** A certificate that is good no more; when since, in what RFC 5280 calls a reason. */
  record Revoked(BigInteger serial, Instant since, int reason) {}

  /** A list of revoked certificates (RFC 5280, section 5), as DER. */
  byte[] revocations(Issued authority, List<Revoked> revoked, Instant now, Duration life) {
    try {
      X509v2CRLBuilder builder =
          new JcaX509v2CRLBuilder(authority.certificate(), Date.from(now))
              .setNextUpdate(until(now, life));
      revoked.forEach(
          one -> builder.addCRLEntry(one.serial(), Date.from(one.since()), one.reason()));
      return builder
          .addExtension(
              Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(now.toEpochMilli())))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(authority.certificate()))
          .build(new JcaContentSignerBuilder(SIGNED_BY).build(authority.key()))
          .getEncoded();
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException("every JDK has RSA and SHA-256", e);
    }
  }

  private static GeneralNames alternatives(List<String> names, List<InetAddress> addresses) {
    return new GeneralNames(
        Stream.concat(
                addresses.stream()
                    .map(a -> new GeneralName(GeneralName.iPAddress, a.getHostAddress())),
                names.stream().map(n -> new GeneralName(GeneralName.dNSName, n)))
            .toArray(GeneralName[]::new));
  }

  private static Issued signed(X509v3CertificateBuilder builder, KeyPair keys, PrivateKey signer)
      throws GeneralSecurityException, OperatorCreationException {
    return new Issued(
        new JcaX509CertificateConverter()
            .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNED_BY).build(signer))),
        keys.getPrivate());
  }

  private KeyPair keys(String algorithm, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits, random);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has RSA and P-256", e);
    }
  }

  private BigInteger serial() {
    return new BigInteger(SERIAL_BITS, random).setBit(0);
  }

  private static X500Name name(String commonName) {
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).build();
  }

  private static Date from(Instant now) {
    return Date.from(now.minus(EARLIER));
  }

  private static Date until(Instant now, Duration life) {
    return Date.from(now.plus(life));
  }
}
