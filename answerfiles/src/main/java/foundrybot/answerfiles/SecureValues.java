// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** Of the names that templates may use, those of what is fetched by HTTPS where that can be. */
record SecureValues(RunContext run) {
  private static final String URL = "https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*";
  private static final int PEM_LINE = 64;

  Map<String, Object> map() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("hasAuthority", run.secure().isPresent());
    map.put("authorityPem", run.secure().map(it -> pem(it.authority())).orElse(""));
    map.put(
        "secureNodeUrl",
        run.secure()
            .map(it -> url(it.nodeUrl().toString()))
            .orElseGet(() -> NodeValues.url("nodeUrl", run.nodeUrl())));
    return map;
  }

  private static String url(String text) {
    if (!text.matches(URL)) {
      throw new RenderException(
          "secureNodeUrl: malformed (expected: an https URL without quotes, blanks and query)");
    }
    return text;
  }

  private static String pem(String base64) {
    String lines =
        Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'})
            .encodeToString(Base64.getDecoder().decode(base64));
    return "-----BEGIN CERTIFICATE-----\n" + lines + "\n-----END CERTIFICATE-----";
  }
}
