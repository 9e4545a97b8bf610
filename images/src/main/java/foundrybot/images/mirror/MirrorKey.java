// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.BuildException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPPrivateKey;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;

/**
 * The mirror's signing key: an Ed25519 OpenPGP v4 key, the kind that the gpgv of the installers and
 * of apt verifies (RFC 4880, EdDSA as in GnuPG). The secret part stays in one file of mode 0600.
 */
final class MirrorKey {
  /** The file name under which installer and target know the public key. */
  static final String PUBLIC_NAME = "foundrybot-mirror.gpg";

  private static final String SECRET_NAME = "mirror-signing-key.pgp";
  private static final String OWNER = "FoundryBot package mirror";

  private final PGPPublicKey publicKey;
  private final PGPPrivateKey privateKey;
  private final Path publicFile;

  private MirrorKey(PGPSecretKey secret, Path publicFile) throws PGPException {
    publicKey = secret.getPublicKey();
    privateKey = secret.extractPrivateKey(null);
    this.publicFile = publicFile;
  }

  /** Reads the key of this folder, or makes it once. */
  static MirrorKey in(Path folder, Instant now, SecureRandom random) {
    Path secretFile = Folders.create(folder).resolve(SECRET_NAME);
    Path publicFile = folder.resolve(PUBLIC_NAME);
    try {
      if (!Files.exists(secretFile)) {
        store(secretFile, make(Date.from(now), random).getEncoded());
      }
      PGPSecretKeyRing ring =
          new PGPSecretKeyRing(Folders.read(secretFile), new BcKeyFingerprintCalculator());
      MirrorKey key = new MirrorKey(ring.getSecretKey(), publicFile);
      Path fresh = folder.resolve(PUBLIC_NAME + ".new");
      Folders.write(fresh, key.publicKey.getEncoded());
      Folders.moveOver(fresh, publicFile);
      return key;
    } catch (IOException | PGPException e) {
      throw new BuildException(
          secretFile + ": not a usable signing key; restore it, or remove it to have a new one", e);
    }
  }

  Path publicFile() {
    return publicFile;
  }

  byte[] publicKeyring() {
    return Folders.read(publicFile);
  }

  private static PGPSecretKeyRing make(Date now, SecureRandom random)
      throws IOException, PGPException {
    Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
    generator.init(new Ed25519KeyGenerationParameters(random));
    PGPKeyPair pair =
        new BcPGPKeyPair(
            PublicKeyPacket.VERSION_4,
            PublicKeyAlgorithmTags.EDDSA_LEGACY,
            generator.generateKeyPair(),
            now);
    PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
    hashed.setKeyFlags(true, KeyFlags.CERTIFY_OTHER | KeyFlags.SIGN_DATA);
    hashed.setIssuerFingerprint(false, pair.getPublicKey());
    hashed.setSignatureCreationTime(false, now);
    PGPSignatureGenerator certifier =
        new PGPSignatureGenerator(
            new BcPGPContentSignerBuilder(
                PublicKeyAlgorithmTags.EDDSA_LEGACY, HashAlgorithmTags.SHA512),
            pair.getPublicKey());
    certifier.init(PGPSignature.POSITIVE_CERTIFICATION, pair.getPrivateKey());
    certifier.setHashedSubpackets(hashed.generate());
    PGPPublicKey certified =
        PGPPublicKey.addCertification(
            pair.getPublicKey(),
            OWNER,
            certifier.generateCertification(OWNER, pair.getPublicKey()));
    PGPSecretKey secret =
        new PGPSecretKey(
            pair.getPrivateKey(),
            certified,
            new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1),
            true,
            null);
    return new PGPSecretKeyRing(List.of(secret));
  }

  /** Never readable by others, not even for the moment between making and locking it. */
  private static void store(Path file, byte[] bytes) throws IOException {
    Path temporary = file.resolveSibling(SECRET_NAME + ".new");
    Files.deleteIfExists(temporary);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    Folders.moveOver(temporary, file);
  }

  /** An armored detached signature over exactly these bytes ({@code Release.gpg}). */
  byte[] detached(byte[] content, Instant now) {
    return armored(PGPSignature.BINARY_DOCUMENT, content, now);
  }

  /**
   * The text with its signature in one file ({@code InRelease}; RFC 4880 section 7): lines end in
   * CR LF for the digest, and the last line's end is not part of it.
   *
   * @param text lines without trailing white space that do not begin with a dash
   */
  byte[] clearSigned(String text, Instant now) {
    if (text.lines().anyMatch(line -> line.startsWith("-") || !line.equals(line.stripTrailing()))) {
      throw new IllegalArgumentException("text to sign: a line begins with '-' or ends in a blank");
    }
    String canonical = String.join("\r\n", text.lines().toList());
    byte[] signature =
        armored(
            PGPSignature.CANONICAL_TEXT_DOCUMENT, canonical.getBytes(StandardCharsets.UTF_8), now);
    return ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
            + String.join("\n", text.lines().toList())
            + "\n"
            + new String(signature, StandardCharsets.US_ASCII))
        .getBytes(StandardCharsets.UTF_8);
  }

  private byte[] armored(int type, byte[] content, Instant now) {
    try {
      PGPSignatureGenerator generator =
          new PGPSignatureGenerator(
              new BcPGPContentSignerBuilder(
                  PublicKeyAlgorithmTags.EDDSA_LEGACY, HashAlgorithmTags.SHA512),
              publicKey);
      generator.init(type, privateKey);
      PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
      hashed.setSignatureCreationTime(false, Date.from(now));
      hashed.setIssuerFingerprint(false, publicKey);
      generator.setHashedSubpackets(hashed.generate());
      generator.update(content);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (OutputStream armor = ArmoredOutputStream.builder().clearHeaders().build(bytes)) {
        generator.generate().encode(armor);
      }
      return bytes.toByteArray();
    } catch (IOException | PGPException e) {
      throw new BuildException("mirror: the Release file cannot be signed", e);
    }
  }
}
