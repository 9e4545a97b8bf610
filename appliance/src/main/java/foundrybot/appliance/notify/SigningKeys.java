// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import foundrybot.redfish.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys by which one receiver knows that it is us (Standard Webhooks 1.0.0, Signature scheme):
 * one, or while it is changed two.
 */
final class SigningKeys {
  private static final String PREFIX = "whsec_";
  private static final int LEAST = 24;
  private static final int MOST = 64;
  private static final int MOST_KEYS = 2;

  private final List<SecretKeySpec> keys;

  private SigningKeys(List<SecretKeySpec> keys) {
    this.keys = keys;
  }

  /**
   * Reads one, or two with a blank between.
   *
   * @param from which file or variable, for what is wrong
   * @throws IllegalArgumentException if it is none; its message has nothing of the key
   */
  static SigningKeys of(Secret text, String from) {
    List<SecretKeySpec> keys = new ArrayList<>();
    for (String word : text.reveal().strip().split("\\s+", -1)) {
      keys.add(key(word, from));
    }
    if (keys.size() > MOST_KEYS) {
      throw wrong(from, keys.size() + " keys");
    }
    return new SigningKeys(keys);
  }

  private static SecretKeySpec key(String word, String from) {
    if (!word.startsWith(PREFIX)) {
      throw wrong(from, "no key");
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(word.substring(PREFIX.length()));
      if (bytes.length < LEAST || bytes.length > MOST) {
        throw wrong(from, "a key of " + bytes.length + " bytes");
      }
      return new SecretKeySpec(bytes, "HmacSHA256");
    } catch (IllegalArgumentException e) {
      throw e.getMessage() != null && e.getMessage().startsWith(from)
          ? e
          : wrong(from, "no base64 behind " + PREFIX);
    }
  }

  private static IllegalArgumentException wrong(String from, String found) {
    return new IllegalArgumentException(
        from
            + ": "
            + found
            + " (expected: whsec_ and base64 of 24 to 64 random bytes, during a change of keys two"
            + " of these with a blank between); make one: echo whsec_$(openssl rand -base64 32)");
  }

  /** The value of {@code webhook-signature}: HMAC-SHA256 of {@code id.timestamp.body}. */
  String sign(String id, Instant at, byte[] body) {
    return keys.stream()
        .map(key -> "v1," + Base64.getEncoder().encodeToString(hmac(key, id, at, body)))
        .collect(Collectors.joining(" "));
  }

  private static byte[] hmac(SecretKeySpec key, String id, Instant at, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update((id + "." + at.getEpochSecond() + ".").getBytes(StandardCharsets.US_ASCII));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HMAC-SHA256", e);
    }
  }
}
