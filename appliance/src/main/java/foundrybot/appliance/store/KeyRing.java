// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.images.FileTrees;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The secret keys of a data folder, each in a file that only its owner can read; and, where {@code
 * keys.protection} is there, encrypted. Each file says by itself whether it is, so a kill between
 * two of them leaves nothing that cannot be read.
 */
public final class KeyRing {
  /** All that are keys, as they are called below the data folder. */
  public static final List<String> FILES =
      List.of(
          "bundles.key",
          "preshared.key",
          "tokens.key",
          "bmcs.key",
          "tls/ca.key",
          "tls/server.key",
          "tls/server-ec.key",
          "tls/images.key");

  /** By what they are encrypted. */
  public static final String PROTECTION = "keys.protection";

  private static final String SEALED = "foundrybot-sealed 1 ";
  private static final String PURPOSE = "foundrybot key ";
  private static final int MAX_BYTES = 1 << 20;

  /** Where a passphrase comes from. */
  public interface Source {
    /**
     * The passphrase of that protection.
     *
     * @throws StoreException if it cannot be had
     */
    byte[] passphrase(KeyProtection protection);
  }

  /** How a key lies in its file. */
  public enum Form {
    MISSING,
    PLAIN,
    ENCRYPTED;

    /** As people read it. */
    @Override
    public String toString() {
      return switch (this) {
        case MISSING -> "not there";
        case PLAIN -> "plain";
        case ENCRYPTED -> "encrypted";
      };
    }
  }

  private final Path data;
  private final Source source;
  private final SecureRandom random = new SecureRandom();
  // Asked for once, and not before it is needed.
  private byte @Nullable [] key;

  private KeyRing(Path data, Source source) {
    this.data = data;
    this.source = source;
  }

  /** Of who has no passphrase: keys that are encrypted are out of reach. */
  public static KeyRing plain(Path data) {
    return new KeyRing(
        data,
        protection -> {
          throw new StoreException(
              data.resolve(PROTECTION)
                  + ": the keys are encrypted by a "
                  + protection.from()
                  + ", and this command was given none");
        });
  }

  /** Of who may be asked for a passphrase, if one is needed. */
  public static KeyRing of(Path data, Source source) {
    return new KeyRing(data, source);
  }

  /** The folder that they are of. */
  public Path data() {
    return data;
  }

  /** By what they are encrypted; empty if they are not. */
  public Optional<KeyProtection> protection() {
    Path file = data.resolve(PROTECTION);
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      Optional<KeyProtection> found = KeyProtection.parsed(text(file));
      if (found.isEmpty()) {
        throw new StoreException(
            file
                + ": damaged (expected: as 'bootserver keys protect' wrote it); bring it back from"
                + " a backup: without it no key can be decrypted");
      }
      return found;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Makes sure that they can be decrypted, if they have to be.
   *
   * @throws StoreException if the passphrase is missing or wrong
   */
  public void unlock() {
    Optional<KeyProtection> protection = protection();
    if (protection.isPresent()) {
      var _ = key(protection.get());
    }
  }

  /**
   * Makes sure that no key lies there in plain while they are encrypted. It may be the rest of a
   * {@link #protect} or {@link #expose} that was interrupted, which is then run again; or somebody
   * has put another key in place of ours, for which nobody needs the passphrase.
   *
   * @throws StoreException if there is one
   */
  public void requireWhole() {
    if (protection().isEmpty()) {
      return;
    }
    List<String> plain = FILES.stream().filter(name -> form(name) == Form.PLAIN).toList();
    if (!plain.isEmpty()) {
      throw new StoreException(
          data.resolve(PROTECTION)
              + " says that the keys are encrypted, and not encrypted are: "
              + String.join(", ", plain)
              + "; if 'bootserver keys protect' was interrupted, run it again (--with passphrase,"
              + " credential or file); else somebody else has put them there: bring them back"
              + " from a backup");
    }
  }

  private synchronized byte[] key(KeyProtection protection) {
    byte[] known = key;
    if (known != null) {
      return known;
    }
    byte[] opened =
        protection
            .opened(source.passphrase(protection))
            .orElseThrow(
                () ->
                    new StoreException(
                        "passphrase: wrong (expected: that of "
                            + data.resolve(PROTECTION)
                            + "); no key was decrypted"));
    key = opened;
    return opened;
  }

  /**
   * A secret of 256 bits, in hexadecimal; made at the first start.
   *
   * @param name of the file
   * @param what it is, in words for an operator
   */
  public String secret(String name, String what) throws IOException {
    Path file = data.resolve(name);
    if (!Files.exists(file)) {
      byte[] bytes = new byte[AesGcm.KEY_BYTES];
      random.nextBytes(bytes);
      write(name, HexFormat.of().formatHex(bytes) + "\n");
    }
    return existing(name, what);
  }

  /** The same if it is there already; a broken file must never become an empty secret. */
  public String existing(String name, String what) throws IOException {
    Path file = data.resolve(name);
    String secret = SecretFile.checked(file, decrypted(name).strip(), what);
    Readers.OWNER.require(file);
    return secret;
  }

  /**
   * What a file says, decrypted.
   *
   * @throws StoreException if others than its owner may read it, or it cannot be decrypted
   */
  public String read(String name) throws IOException {
    String plain = decrypted(name);
    Readers.OWNER.require(data.resolve(name));
    return plain;
  }

  private String decrypted(String name) throws IOException {
    String text = text(data.resolve(name));
    return text.startsWith(SEALED) ? opened(name, text) : text;
  }

  private String opened(String name, String text) {
    Path file = data.resolve(name);
    KeyProtection protection =
        protection()
            .orElseThrow(
                () ->
                    new StoreException(
                        file
                            + ": encrypted, and "
                            + data.resolve(PROTECTION)
                            + " is missing; bring that back from a backup"));
    try {
      byte[] sealed = Base64.getDecoder().decode(text.substring(SEALED.length()).strip());
      Optional<byte[]> plain = AesGcm.opened(key(protection), PURPOSE + name, sealed);
      if (plain.isPresent()) {
        return new String(plain.get(), StandardCharsets.UTF_8);
      }
    } catch (IllegalArgumentException e) {
      // No base64; the same as if it were changed.
    }
    throw new StoreException(
        file
            + ": changed, another file's, or of another "
            + PROTECTION
            + "; bring both back from a backup");
  }

  /** Replaces a file as a whole, encrypted if the others are. */
  public void write(String name, String text) throws IOException {
    Optional<KeyProtection> protection = protection();
    SecretFile.write(
        data.resolve(name),
        (protection.isPresent() ? sealed(key(protection.get()), name, text) : text)
            .getBytes(StandardCharsets.UTF_8));
  }

  private String sealed(byte[] under, String name, String text) {
    byte[] plain = text.getBytes(StandardCharsets.UTF_8);
    return SEALED
        + Base64.getEncoder().encodeToString(AesGcm.sealed(under, PURPOSE + name, plain, random))
        + "\n";
  }

  /** How a key lies there. */
  public Form form(String name) {
    Path file = data.resolve(name);
    try {
      return !Files.exists(file)
          ? Form.MISSING
          : text(file).startsWith(SEALED) ? Form.ENCRYPTED : Form.PLAIN;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The rights of a file, as {@code rw-------}; empty where there are none such. */
  public Optional<String> rights(String name) {
    try {
      return Optional.of(
          PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(name))));
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  /**
   * Encrypts all keys by a passphrase, or by another one than before. First what they are encrypted
   * by is on the disk, then one key after the other; who is killed between them runs it again.
   *
   * @param credential the name of the systemd credential that is the passphrase, if it is one
   * @return the files that were encrypted now
   */
  public List<String> protect(byte[] passphrase, Optional<String> credential) throws IOException {
    return protect(passphrase, credential, KeyProtection.USUAL);
  }

  List<String> protect(byte[] passphrase, Optional<String> credential, KeyProtection.Cost cost)
      throws IOException {
    Optional<KeyProtection> before = protection();
    byte[] under;
    if (before.isPresent()) {
      under = key(before.get());
    } else {
      for (String name : FILES) {
        if (form(name) == Form.ENCRYPTED) {
          throw new StoreException(
              data.resolve(name)
                  + ": encrypted, and "
                  + data.resolve(PROTECTION)
                  + " is missing; bring that back from a backup");
        }
      }
      under = new byte[AesGcm.KEY_BYTES];
      random.nextBytes(under);
    }
    KeyProtection protection = KeyProtection.of(under, passphrase, credential, cost, random);
    SecretFile.write(
        data.resolve(PROTECTION), protection.text().getBytes(StandardCharsets.US_ASCII));
    synchronized (this) {
      key = under;
    }
    List<String> done = new ArrayList<>();
    for (String name : FILES) {
      if (form(name) == Form.PLAIN) {
        write(name, read(name));
        done.add(name);
      }
    }
    return done;
  }

  /**
   * Decrypts all keys again, so that their files' rights alone protect them. What they were
   * encrypted by goes last.
   *
   * @return the files that were decrypted now
   */
  public List<String> expose() throws IOException {
    List<String> done = new ArrayList<>();
    for (String name : FILES) {
      if (form(name) == Form.ENCRYPTED) {
        SecretFile.write(data.resolve(name), read(name).getBytes(StandardCharsets.UTF_8));
        done.add(name);
      }
    }
    if (Files.deleteIfExists(data.resolve(PROTECTION))) {
      FileTrees.force(data);
    }
    return done;
  }

  private static String text(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw new StoreException(file + ": more than " + MAX_BYTES + " bytes (expected: a key)");
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static StoreException unreadable(Path file, IOException problem) {
    return new StoreException(file + ": cannot be read: " + problem.getMessage(), problem);
  }
}
