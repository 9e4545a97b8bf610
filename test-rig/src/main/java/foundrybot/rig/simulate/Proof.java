// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.rig.sim.Setback;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a simulated iPXE answers to a challenge of HTTP Digest (RFC 7616): written from the client's
 * side, so that the appliance is not judged by its own words.
 */
final class Proof {
  private static final Pattern REALM = Pattern.compile("realm=\"([^\"]*)\"");
  private static final Pattern NONCE = Pattern.compile("nonce=\"([^\"]*)\"");
  private static final String COUNT = "00000001";
  private static final String CNONCE = "5eed5eed";

  private Proof() {}

  /**
   * The header field {@code Authorization}.
   *
   * @param uri with user and password
   * @param wanted the header field {@code WWW-Authenticate}
   */
  static String of(String method, URI uri, String wanted) throws IOException {
    String[] who = uri.getUserInfo().split(":", 2);
    String realm = value(REALM, wanted);
    String nonce = value(NONCE, wanted);
    String path = uri.getRawPath();
    String own = md5(who[0] + ":" + realm + ":" + who[1]);
    String what = md5(method + ":" + path);
    String response = md5(String.join(":", own, nonce, COUNT, CNONCE, "auth", what));
    return "Digest realm=\"%s\", nonce=\"%s\", uri=\"%s\", username=\"%s\", qop=auth,"
            .formatted(realm, nonce, path, who[0])
        + " algorithm=MD5, cnonce=\"%s\", nc=%s, response=\"%s\""
            .formatted(CNONCE, COUNT, response);
  }

  private static String value(Pattern name, String wanted) throws IOException {
    Matcher found = name.matcher(wanted);
    if (!found.find()) {
      throw new Setback("http: not told how to prove who it is: " + wanted);
    }
    return found.group(1);
  }

  private static String md5(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }
}
