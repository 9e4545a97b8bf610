// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * By what the keys of a data folder are encrypted: a random key, itself encrypted ({@link AesGcm})
 * under one that scrypt (RFC 7914) makes of a passphrase. So another passphrase rewrites one small
 * file, and no kill leaves keys of two passphrases. As text:
 *
 * <pre>
 * foundrybot-keys 1
 * from passphrase                     (or: from credential NAME)
 * scrypt 32768 8 3 SALT               (N, r, p, 16 bytes in hexadecimal)
 * key NONCE-AND-SEALED-KEY            (12 + 32 + 16 bytes; the lines before are authenticated)
 * </pre>
 *
 * @param credential the name of the systemd credential that is the passphrase; empty where people
 *     know it
 * @param cost of scrypt
 * @param salt 16 bytes, hexadecimal
 * @param sealed nonce and encrypted key, hexadecimal
 */
public record KeyProtection(Optional<String> credential, Cost cost, String salt, String sealed) {
  /** What a credential may be called: a file's name, and no path. */
  public static final Pattern CREDENTIAL = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}");

  /** A guess costs 32 MiB and some tenths of a second. */
  static final Cost USUAL = new Cost(32_768, 8, 3);

  private static final int SALT_BYTES = 16;
  private static final String MARK = "foundrybot-keys 1";
  private static final Pattern FORM =
      Pattern.compile(
          MARK
              + "\nfrom (?:passphrase|credential ([a-zA-Z0-9][a-zA-Z0-9._-]{0,63}))"
              + "\nscrypt ([0-9]{1,7}) ([0-9]{1,2}) ([0-9]{1,2}) ([0-9a-f]{32})"
              + "\nkey ([0-9a-f]{120})\n");

  /**
   * The parameters of scrypt.
   *
   * @param n a power of two; with {@code r} it says how much memory is needed: 128 n r bytes
   */
  record Cost(int n, int r, int p) {
    private static final int MOST_N = 1 << 20;
    private static final int MOST = 16;

    /** A file that somebody changed must not cost all memory. */
    private boolean isBearable() {
      return n >= 2
          && n <= MOST_N
          && Integer.bitCount(n) == 1
          && r >= 1
          && r <= MOST
          && p >= 1
          && p <= MOST;
    }
  }

  /** Without the sealed key. */
  @Override
  public String toString() {
    return "KeyProtection[" + from() + "]";
  }

  /** Seals a key under a passphrase. */
  static KeyProtection of(
      byte[] key, byte[] passphrase, Optional<String> credential, Cost cost, SecureRandom random) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    KeyProtection open = new KeyProtection(credential, cost, HexFormat.of().formatHex(salt), "");
    byte[] sealed = AesGcm.sealed(open.derived(passphrase), open.head(), key, random);
    return new KeyProtection(credential, cost, open.salt, HexFormat.of().formatHex(sealed));
  }

  /** Reads the file's text; empty if it is no such text. */
  static Optional<KeyProtection> parsed(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    Cost cost =
        new Cost(
            Integer.parseInt(form.group(2)),
            Integer.parseInt(form.group(3)),
            Integer.parseInt(form.group(4)));
    return cost.isBearable()
        ? Optional.of(
            new KeyProtection(
                Optional.ofNullable(form.group(1)), cost, form.group(5), form.group(6)))
        : Optional.empty();
  }

  String text() {
    return head() + "key " + sealed + "\n";
  }

  /** As people read it: {@code passphrase}, or {@code credential NAME}. */
  public String from() {
    return credential.map(name -> "credential " + name).orElse("passphrase");
  }

  /** The key; empty if the passphrase is another one, or the file was changed. */
  Optional<byte[]> opened(byte[] passphrase) {
    return AesGcm.opened(derived(passphrase), head(), HexFormat.of().parseHex(sealed));
  }

  private String head() {
    List<Object> scrypt = List.of("scrypt", cost.n(), cost.r(), cost.p(), salt);
    return MARK
        + "\nfrom "
        + from()
        + "\n"
        + String.join(" ", scrypt.stream().map(Object::toString).toList())
        + "\n";
  }

  private byte[] derived(byte[] passphrase) {
    return SCrypt.generate(
        passphrase, HexFormat.of().parseHex(salt), cost.n(), cost.r(), cost.p(), AesGcm.KEY_BYTES);
  }
}
