// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who has booted from a medium, as the wire sees him: step by step, so that a step can be wrong.
 *
 * @param token what he has
 */
record DigestClient(LoopbackAppliance rack, String token) {
  private static final Pattern NONCE = Pattern.compile("nonce=\"([0-9a-f]{76})\"");

  /** Where what is his lies. */
  String path(String rest) {
    return "/media/" + Tokens.hash(token) + "/" + rest;
  }

  HttpResponse<String> send(String method, String path, Optional<String> authorization)
      throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(rack.uri(path)).method(method, BodyPublishers.noBody());
      authorization.ifPresent(value -> request.header("Authorization", value));
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  /** What he is asked to use. */
  String nonce(String path) throws Exception {
    return nonce(send("GET", path, Optional.empty()));
  }

  static String nonce(HttpResponse<String> challenge) {
    Matcher found =
        NONCE.matcher(challenge.headers().firstValue("www-authenticate").orElse("none"));
    if (challenge.statusCode() != 401 || !found.find()) {
      throw new AssertionError(challenge.statusCode() + " " + challenge.headers().map());
    }
    return found.group(1);
  }

  String proof(String method, String path, String nonce) throws GeneralSecurityException {
    String own = md5("medium:FoundryBot:" + token);
    String response =
        md5(own + ":" + nonce + ":00000001:0a1b2c3d:auth:" + md5(method + ":" + path));
    return "Digest realm=\"FoundryBot\", nonce=\""
        + nonce
        + "\", uri=\""
        + path
        + "\", username=\"medium\", qop=auth, algorithm=MD5, cnonce=\"0a1b2c3d\", nc=00000001,"
        + " response=\""
        + response
        + "\"";
  }

  /** Both steps. */
  HttpResponse<String> get(String rest) throws Exception {
    String path = path(rest);
    return send("GET", path, Optional.of(proof("GET", path, nonce(path))));
  }

  private static String md5(String text) throws GeneralSecurityException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
  }
}
