// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.Readers;
import foundrybot.appliance.store.SecretFile;
import foundrybot.appliance.store.StoreException;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemGenerationException;

/** Certificates and keys as text in files (RFC 7468). */
final class PemFiles {
  private static final long MAX_BYTES = 1 << 20;

  private PemFiles() {}

  /** All certificates of a file, in their order; at least one. */
  static List<X509Certificate> certificates(Path file) {
    List<X509Certificate> found = new ArrayList<>();
    try {
      for (Object object : objects(file)) {
        if (object instanceof X509CertificateHolder holder) {
          found.add(new JcaX509CertificateConverter().getCertificate(holder));
        }
      }
    } catch (CertificateException e) {
      throw new TlsException(file + ": not a usable certificate: " + e.getMessage(), e);
    }
    if (found.isEmpty()) {
      throw new TlsException(
          file + ": no certificate in it (expected: PEM, with -----BEGIN CERTIFICATE-----)");
    }
    return found;
  }

  /** The first key of a file, which must not be everybody's to read. */
  static PrivateKey key(Path file) {
    List<Object> objects = objects(file);
    requirePrivate(file);
    return key(file, objects);
  }

  /** One of the appliance's own, which may be encrypted. */
  static PrivateKey key(KeyRing keys, String name) {
    Path file = keys.data().resolve(name);
    try {
      return key(file, objects(file, keys.read(name)));
    } catch (StoreException e) {
      throw new TlsException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static PrivateKey key(Path file, List<Object> objects) {
    for (Object object : objects) {
      try {
        switch (object) {
          case PEMKeyPair pair -> {
            return key(file, pair.getPrivateKeyInfo());
          }
          case PrivateKeyInfo info -> {
            return key(file, info);
          }
          case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
              throw new TlsException(
                  file
                      + ": the key is encrypted (expected: unencrypted); decrypt it with 'openssl"
                      + " pkey -in "
                      + file
                      + " -out NEW' and protect the file by its rights");
          default -> {}
        }
      } catch (IOException e) {
        throw new TlsException(file + ": not a usable key: " + e.getMessage(), e);
      }
    }
    throw new TlsException(file + ": no private key in it (expected: PEM, PKCS#8 or PKCS#1)");
  }

  private static PrivateKey key(Path file, PrivateKeyInfo info) throws IOException {
    ASN1ObjectIdentifier algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
    boolean rsa = algorithm.equals(PKCSObjectIdentifiers.rsaEncryption);
    if (!rsa && !algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      throw new TlsException(file + ": a key of algorithm " + algorithm + " (expected: RSA or EC)");
    }
    try {
      return KeyFactory.getInstance(rsa ? "RSA" : "EC")
          .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new TlsException(file + ": not a usable key: " + e.getMessage(), e);
    }
  }

  private static void requirePrivate(Path file) {
    try {
      Optional<String> tooMany = Readers.GROUP.tooMany(file);
      if (tooMany.isPresent()) {
        throw new TlsException(file + ": " + tooMany.get());
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static List<Object> objects(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new TlsException(
            file + ": " + Files.size(file) + " bytes (expected: at most " + MAX_BYTES + ")");
      }
      return objects(file, new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static List<Object> objects(Path file, String text) {
    List<Object> all = new ArrayList<>();
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object next; (next = parser.readObject()) != null; ) {
        all.add(next);
      }
    } catch (IOException | RuntimeException e) {
      throw new TlsException(file + ": not PEM: " + e.getMessage(), e);
    }
    return all;
  }

  private static TlsException unreadable(Path file, IOException problem) {
    return switch (problem) {
      case NoSuchFileException _ ->
          new TlsException(file + ": no such file; mend appliance.tls in the rack file", problem);
      case AccessDeniedException _ ->
          new TlsException(
              file
                  + ": no right to read it (expected: readable for "
                  + System.getProperty("user.name")
                  + "); chown it, or run as its owner",
              problem);
      default -> new TlsException(file + ": cannot be read: " + problem.getMessage(), problem);
    };
  }

  static String text(X509Certificate certificate) {
    return written(certificate);
  }

  /** As PKCS#8: the older form of a curve's key would not say which curve it is of. */
  static String text(PrivateKey key) {
    try {
      return written(new JcaPKCS8Generator(key, null));
    } catch (PemGenerationException e) {
      throw new IllegalStateException("nothing to encrypt", e);
    }
  }

  private static String written(Object certificateOrKey) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(certificateOrKey);
    } catch (IOException e) {
      throw new IllegalStateException("in memory", e);
    }
    return text.toString();
  }

  /** Writes one of the appliance's own, encrypted if its keys are. */
  static void write(KeyRing keys, String name, PrivateKey key) {
    try {
      keys.write(name, text(key));
    } catch (StoreException e) {
      throw new TlsException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new TlsException(
          keys.data().resolve(name) + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** Replaces it as a whole, readable for the owner alone from the first byte on. */
  static void write(Path file, String text) {
    try {
      SecretFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new TlsException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
