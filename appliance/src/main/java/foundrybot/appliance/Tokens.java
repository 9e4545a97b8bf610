// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.lifecycle.RunToken;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Node tokens: 128 bits, 32 hexadecimal digits in a URL path. A token is HMAC-SHA256 (RFC 2104) of
 * its machine and of a random salt, cut to 128 bits, under a key that lies beside the journal and
 * not in it. The journal keeps salt and SHA-256 of the token: enough to make the same token again
 * after a restart, and nothing that gives one away to who reads the journal or a backup of it.
 */
final class Tokens {
  private static final String KEY_FILE = "tokens.key";
  private static final String ALGORITHM = "HmacSHA256";

  /** What else is ever made under the same key gets another word. */
  private static final String PURPOSE = "node token";

  private static final String OF_MEDIUM = "boot medium";

  private static final int BYTES = 16;

  /** Characters. */
  static final int LENGTH = 2 * BYTES;

  private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

  private final SecretKeySpec key;
  private final SecureRandom random;

  /**
   * With a key of one's own.
   *
   * @param key 64 hexadecimal digits
   */
  Tokens(String key, SecureRandom random) {
    this.key = new SecretKeySpec(HexFormat.of().parseHex(key), ALGORITHM);
    this.random = random;
  }

  /**
   * With the key of a data folder, made at the first start.
   *
   * @throws StartException if the key cannot be had: without it no machine could be told its token
   */
  static Tokens open(KeyRing keys) {
    Path file = keys.data().resolve(KEY_FILE);
    try {
      return new Tokens(keys.secret(KEY_FILE, "a key for tokens"), new SecureRandom());
    } catch (StoreException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new StartException(file + ": cannot be written or read: " + e.getMessage(), e);
    }
  }

  /**
   * A new token of a machine, as the journal keeps it; {@link #text} is what its script carries.
   */
  RunToken mint(foundrybot.answerfiles.Mac machine) {
    String salt = random();
    return new RunToken(hash(made(PURPOSE, machine, salt)), salt, false);
  }

  /** The token itself; empty if it was not made under this key. */
  Optional<String> text(foundrybot.answerfiles.Mac machine, RunToken token) {
    String made = made(PURPOSE, machine, token.salt());
    return isSame(hash(made), token.hash()) ? Optional.of(made) : Optional.empty();
  }

  /**
   * By what name the boot medium with that token on it is fetched, in the form of a token: as
   * secret as that one, always the same, and nothing from which the token follows.
   */
  String ofMedium(foundrybot.answerfiles.Mac machine, RunToken token) {
    return made(OF_MEDIUM, machine, token.salt());
  }

  private String made(String purpose, foundrybot.answerfiles.Mac machine, String salt) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      String message = purpose + " " + machine + " " + salt;
      byte[] code = mac.doFinal(message.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(Arrays.copyOf(code, BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  /** 128 random bits in the form of a token. */
  String random() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** In a time that does not tell how much of it is the same. */
  private static boolean isSame(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
  }

  static boolean isToken(String text) {
    return FORM.matcher(text).matches();
  }

  static String hash(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
