// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a client proves that it knows a secret without saying it: HTTP Digest (RFC 7616, section
 * 3.4), of the one kind that iPXE knows, which is MD5 with {@code qop=auth}. MD5 is good enough for
 * a secret that was drawn at random and for a nonce of ours; it would not be for a password.
 *
 * @param count how often the nonce was used by now, 8 hexadecimal digits
 * @param response what proves it, 32 hexadecimal digits
 */
public record DigestAnswer(
    String user,
    String realm,
    String nonce,
    String uri,
    String cnonce,
    String count,
    String response) {
  /** Characters of the header field that are looked at; iPXE's have about 300. */
  public static final int MAX = 1024;

  private static final String SCHEME = "Digest ";
  private static final String QOP = "auth";
  private static final String ALGORITHM = "MD5";

  /** One parameter; values with a quote or a backslash in them are none of ours. */
  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\s*+([A-Za-z0-9*_-]{1,32})=(?:\"([ !#-\\[\\]-~]*+)\"|([!#-+\\--~]++))\\s*+");

  private static final Pattern COUNT = Pattern.compile("[0-9a-f]{8}");
  private static final Pattern RESPONSE = Pattern.compile("[0-9a-f]{32}");

  /**
   * Reads the header field {@code Authorization}.
   *
   * @return empty if it is of another scheme or kind, or malformed
   */
  public static Optional<DigestAnswer> read(String field) {
    if (field.length() > MAX || !field.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    return parameters(field.substring(SCHEME.length())).flatMap(DigestAnswer::of);
  }

  private static Optional<Map<String, String>> parameters(String text) {
    Map<String, String> parameters = new HashMap<>();
    Matcher next = PARAMETER.matcher(text);
    int at = 0;
    while (true) {
      if (!next.region(at, text.length()).lookingAt()) {
        return Optional.empty();
      }
      String value = next.group(2) == null ? next.group(3) : next.group(2);
      if (parameters.put(next.group(1).toLowerCase(Locale.ROOT), value) != null) {
        return Optional.empty();
      }
      at = next.end();
      if (at == text.length()) {
        return Optional.of(parameters);
      }
      if (text.charAt(at++) != ',') {
        return Optional.empty();
      }
    }
  }

  private static Optional<DigestAnswer> of(Map<String, String> said) {
    DigestAnswer answer =
        new DigestAnswer(
            said.getOrDefault("username", ""),
            said.getOrDefault("realm", ""),
            said.getOrDefault("nonce", ""),
            said.getOrDefault("uri", ""),
            said.getOrDefault("cnonce", ""),
            said.getOrDefault("nc", ""),
            said.getOrDefault("response", ""));
    boolean whole =
        QOP.equals(said.get("qop"))
            && ALGORITHM.equalsIgnoreCase(said.getOrDefault("algorithm", ALGORITHM))
            && !answer.nonce.isEmpty()
            && !answer.cnonce.isEmpty()
            && COUNT.matcher(answer.count).matches()
            && RESPONSE.matcher(answer.response).matches();
    return whole ? Optional.of(answer) : Optional.empty();
  }

  /**
   * What asks for such a proof, for the header field {@code WWW-Authenticate}.
   *
   * @param nonce printable, without quotes
   * @param stale whether the one before was right, and only its nonce is no longer good
   */
  public static String challenge(String realm, String nonce, boolean stale) {
    return "Digest realm=\""
        + realm
        + "\", qop=\""
        + QOP
        + "\", algorithm="
        + ALGORITHM
        + ", nonce=\""
        + nonce
        + "\""
        + (stale ? ", stale=true" : "");
  }

  /**
   * Whether it proves that its sender knows the secret, for a request of that method for {@link
   * #uri}. Whose user, realm, nonce and URI these are is for the caller to see.
   */
  public boolean proves(String method, String secret) {
    String expected =
        md5(
            String.join(
                ":",
                md5(user + ":" + realm + ":" + secret),
                nonce,
                count,
                cnonce,
                QOP,
                md5(method + ":" + uri)));
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.US_ASCII), response.getBytes(StandardCharsets.US_ASCII));
  }

  private static String md5(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance(ALGORITHM).digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  /** Without what is in it. */
  @Override
  public String toString() {
    return "DigestAnswer[" + user + "]";
  }
}
