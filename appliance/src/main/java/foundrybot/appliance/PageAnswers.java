// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.page.Assets;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** How the page's answers look on the wire: what browsers may do with them, and forms. */
final class PageAnswers {
  private static final int MOST_VALUES = 5000;

  /** Names of nodes need no escapes. */
  private static final Pattern NODE = Pattern.compile("[a-z0-9-]{1,63}");

  private static final String HTML = "text/html; charset=utf-8";

  /** Only what this program serves, and nothing around it. */
  static final Map<String, String> GUARDED =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
              + " connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
              + " base-uri 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          // With no-referrer a browser sends our own forms with "Origin: null" (Fetch, section
          // 3.2).
          "same-origin",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");

  private PageAnswers() {}

  static HttpAnswer.Body html(int code, String text, String label) {
    return HttpAnswer.Body.of(code, HTML, text.getBytes(StandardCharsets.UTF_8), label)
        .with(GUARDED);
  }

  /** A piece of a page; nothing at all leaves the browser as it is. */
  static HttpAnswer part(String text) {
    return text.isEmpty()
        ? HttpAnswer.Body.none("page: no change").with(GUARDED)
        : html(200, text, "page: changes");
  }

  /** A piece of a page, by which a script learns that what it has sent is done with. */
  static HttpAnswer over(String text) {
    return told(
        HttpAnswer.Body.of(200, HTML, text.getBytes(StandardCharsets.UTF_8), "page: done"),
        "HX-Trigger",
        "over");
  }

  /** Without a page, and with one more header field for the browser or for htmx. */
  static HttpAnswer told(HttpAnswer.Body answer, String name, String value) {
    return answer.with(joined(GUARDED, Map.of(name, value)));
  }

  static HttpAnswer seeOther(String location) {
    return seeOther(location, Map.of());
  }

  /** The same with a cookie. */
  static HttpAnswer seeOther(String location, Map<String, String> cookie) {
    return HttpAnswer.Body.text(303, "", "page: see other")
        .with(joined(joined(GUARDED, cookie), Map.of("Location", location)));
  }

  private static Map<String, String> joined(Map<String, String> some, Map<String, String> others) {
    Map<String, String> all = new LinkedHashMap<>(some);
    all.putAll(others);
    return all;
  }

  static HttpAnswer asset(List<String> path) {
    return path.size() == 3
        ? Assets.find(path.get(1), path.get(2))
            .<HttpAnswer>map(
                asset ->
                    HttpAnswer.Body.of(200, asset.contentType(), asset.bytes(), "page: a file")
                        .with(
                            Map.of(
                                "X-Content-Type-Options", "nosniff",
                                "Cache-Control", "public, max-age=31536000, immutable")))
            .orElseGet(() -> Answers.notFound("page: no such file"))
        : Answers.notFound("page: no such file");
  }

  /** All values of a form's field that may come several times; a rack's worth of them. */
  static List<String> values(HttpRequestView request, String name) {
    return Arrays.stream(request.text().split("&", MOST_VALUES))
        .filter(pair -> pair.startsWith(name + "="))
        .map(pair -> pair.substring(name.length() + 1))
        .filter(NODE.asMatchPredicate())
        .toList();
  }

  /** A form (URL Standard, section 5.1); of a field that comes twice the first one counts. */
  static Map<String, String> form(HttpRequestView request) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String pair : request.text().split("&", 64)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        try {
          fields.putIfAbsent(
              URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
              URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          // A broken escape: as if the field were not there.
        }
      }
    }
    return fields;
  }
}
