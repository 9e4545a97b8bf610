// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

import foundrybot.answerfiles.TlsFiles;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.tls.Issuer.Kind;
import foundrybot.bootserver.http.TlsIdentity;
import foundrybot.redfish.LeafTrust;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the appliance proves its identity with: the user's own files, or two certificates of a
 * private CA, all made at the first start and kept under {@code DATA/tls}. A server's certificate
 * is made anew at a start when it has become old or no longer fits; the CA stays, because it has
 * been enrolled in machines.
 */
public final class Certificates {
  private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);
  private static final String CA_FILE = "ca.crt";
  private static final String CA_KEY = "tls/ca.key";

  /** Of a certificate that shall last for two years, when it is time for the next. */
  private static final Duration RENEW_BEFORE = Duration.ofDays(400);

  private static final byte[] PROBE = {1, 2, 3};

  private Certificates() {}

  /**
   * The user's own.
   *
   * @throws TlsException if it cannot serve
   */
  public static TlsIdentity of(TlsFiles files, Instant now) {
    List<X509Certificate> chain = PemFiles.certificates(files.certificate());
    PrivateKey key = PemFiles.key(files.key());
    X509Certificate own = chain.getFirst();
    String cure = "; renew it, or leave out appliance.tls to have one made";
    requireValid(files.certificate(), own, now, cure);
    if (!belongTogether(own, key)) {
      throw new TlsException(
          files.key() + ": not the key of the first certificate in " + files.certificate());
    }
    if (!own.getPublicKey().getAlgorithm().equals("RSA")) {
      LOG.warn(
          "certificate file={} algorithm={}: iPXE and older firmware verify RSA only",
          files.certificate(),
          own.getPublicKey().getAlgorithm());
    }
    return TlsIdentity.of(chain, key);
  }

  /**
   * Those of the data folder's own CA; all is made where it is not there. The one of a curve is for
   * clients that say they can verify it, the one of RSA for all others.
   *
   * @param cluster names the CA
   * @param names that the server shall be known by
   * @param addresses likewise; at least one
   * @throws TlsException if what is there cannot serve
   */
  public static TlsIdentity own(
      Path data, String cluster, List<String> names, List<InetAddress> addresses, Instant now) {
    return own(KeyRing.plain(data), cluster, names, addresses, now);
  }

  /** The same where its keys may be encrypted. */
  public static TlsIdentity own(
      KeyRing keys, String cluster, List<String> names, List<InetAddress> addresses, Instant now) {
    Path folder = folder(keys.data());
    Issuer issuer = new Issuer();
    Issuer.Issued authority = authority(keys, folder, cluster, issuer, now);
    return new TlsIdentity(
        Stream.of(Kind.EC, Kind.RSA)
            .map(kind -> server(keys, folder, kind, authority, issuer, names, addresses, now))
            .map(one -> proof(one, authority.certificate()))
            .toList());
  }

  private static TlsIdentity.Proof proof(Issuer.Issued server, X509Certificate authority) {
    return new TlsIdentity.Proof(List.of(server.certificate(), authority), server.key());
  }

  private static Issuer.Issued server(
      KeyRing keys,
      Path folder,
      Kind kind,
      Issuer.Issued authority,
      Issuer issuer,
      List<String> names,
      List<InetAddress> addresses,
      Instant now) {
    Path file = folder.resolve(serverFile(kind, "crt"));
    String keyName = "tls/" + serverFile(kind, "key");
    if (Files.exists(file) && Files.exists(keys.data().resolve(keyName))) {
      X509Certificate server = PemFiles.certificates(file).getFirst();
      PrivateKey key = PemFiles.key(keys, keyName);
      if (key.getAlgorithm().equals(kind.algorithm())
          && fits(server, key, authority.certificate(), names, addresses, now)) {
        return new Issuer.Issued(server, key);
      }
    }
    Issuer.Issued made = issuer.server(kind, authority, names, addresses, now);
    PemFiles.write(keys, keyName, made.key());
    PemFiles.write(file, PemFiles.text(made.certificate()));
    LOG.info(
        "certificate made file={} names={} addresses={} until={}",
        file,
        names,
        addresses,
        made.certificate().getNotAfter().toInstant());
    return made;
  }

  private static String serverFile(Kind kind, String ending) {
    return switch (kind) {
      case RSA -> "server." + ending;
      case EC -> "server-ec." + ending;
    };
  }

  private static Path folder(Path data) {
    Path folder = data.resolve("tls");
    try {
      return Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new TlsException(folder + ": cannot be made: " + e.getMessage(), e);
    }
  }

  private static Issuer.Issued authority(
      KeyRing keys, Path folder, String cluster, Issuer issuer, Instant now) {
    Path file = folder.resolve(CA_FILE);
    Path keyFile = keys.data().resolve(CA_KEY);
    if (Files.exists(file) || Files.exists(keyFile)) {
      X509Certificate certificate = PemFiles.certificates(file).getFirst();
      PrivateKey key = PemFiles.key(keys, CA_KEY);
      String cure = "; remove " + folder + " to have a new CA, and enroll it in your machines";
      requireValid(file, certificate, now, cure);
      if (!belongTogether(certificate, key)) {
        throw new TlsException(keyFile + ": not the key of " + file + cure);
      }
      return new Issuer.Issued(certificate, key);
    }
    Issuer.Issued made = issuer.authority(cluster, now);
    PemFiles.write(keys, CA_KEY, made.key());
    PemFiles.write(file, PemFiles.text(made.certificate()));
    LOG.info("CA made file={} fingerprint={}", file, fingerprint(made.certificate()));
    return made;
  }

  private static void requireValid(Path file, X509Certificate one, Instant now, String cure) {
    Instant from = one.getNotBefore().toInstant();
    Instant until = one.getNotAfter().toInstant();
    if (now.isAfter(until)) {
      throw new TlsException(file + ": expired at " + until + cure);
    }
    if (now.isBefore(from)) {
      throw new TlsException(
          file + ": not valid before " + from + ", and it is " + now + "; is the clock right?");
    }
  }

  private static boolean fits(
      X509Certificate server,
      PrivateKey key,
      X509Certificate authority,
      List<String> names,
      List<InetAddress> addresses,
      Instant now) {
    try {
      server.verify(authority.getPublicKey());
      Set<String> wanted = new TreeSet<>(names);
      addresses.forEach(address -> wanted.add(address.getHostAddress()));
      Set<String> has = new TreeSet<>();
      Collection<List<?>> alternatives = server.getSubjectAlternativeNames();
      if (alternatives != null) {
        alternatives.forEach(one -> has.add(String.valueOf(one.get(1))));
      }
      return has.equals(wanted)
          && belongTogether(server, key)
          && !now.isBefore(server.getNotBefore().toInstant())
          && now.plus(RENEW_BEFORE).isBefore(server.getNotAfter().toInstant());
    } catch (CertificateParsingException e) {
      return false;
    } catch (GeneralSecurityException e) {
      // Of another CA.
      return false;
    }
  }

  static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
    String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
    try {
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(key);
      signing.update(PROBE);
      byte[] signature = signing.sign();
      Signature verifying = Signature.getInstance(algorithm);
      verifying.initVerify(certificate.getPublicKey());
      verifying.update(PROBE);
      return verifying.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /**
   * The CA of a data folder.
   *
   * @throws TlsException if there is none
   */
  public static X509Certificate authority(Path data) {
    Path file = data.resolve("tls").resolve(CA_FILE);
    if (!Files.exists(file)) {
      throw new TlsException(
          file
              + ": no CA yet; 'bootserver serve' makes it at its first start, unless appliance.tls"
              + " names a certificate of yours or appliance.ports.https is off");
    }
    return PemFiles.certificates(file).getFirst();
  }

  /** The same with its key, for who signs by it. */
  static Issuer.Issued authorityWithKey(KeyRing keys) {
    return new Issuer.Issued(authority(keys.data()), PemFiles.key(keys, CA_KEY));
  }

  /** All certificates of a file, at least one. */
  public static List<X509Certificate> read(Path file) {
    return PemFiles.certificates(file);
  }

  /** As PEM (RFC 7468). */
  public static String pem(X509Certificate certificate) {
    return PemFiles.text(certificate);
  }

  /** SHA-256 of the certificate, as {@code AB:CD:...}. */
  public static String fingerprint(X509Certificate certificate) {
    return LeafTrust.fingerprint(certificate)
        .replaceAll("(..)(?!$)", "$1:")
        .toUpperCase(Locale.ROOT);
  }

  /** The bytes that firmware's menus take as a file (DER). */
  public static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("it was read from bytes", e);
    }
  }
}
