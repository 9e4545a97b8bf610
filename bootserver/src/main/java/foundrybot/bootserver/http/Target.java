// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request's target (RFC 9112 section 3.2), decoded, or refused with the reason.
 *
 * <p>Doubled slashes count as one and {@code .} segments as none, without a redirect: firmware does
 * not follow redirects, and apt asks for {@code /./Packages}.
 */
sealed interface Target {
  /** Most parameters of one query. */
  int MAX_PARAMETERS = 64;

  /** Scheme and authority; the path behind them may be empty, and a query begin at once. */
  Pattern ABSOLUTE = Pattern.compile("(?i)https?://[^/?]*");

  record Plain(String path, Map<String, List<String>> query) implements Target {}

  record Refused(String reason) implements Target {}

  static Target of(String raw) {
    return isPlain(raw) ? new Plain(raw, Map.of()) : read(raw);
  }

  /** Whether there is nothing to decode, to leave out, or to refuse; so it is nearly always. */
  private static boolean isPlain(String raw) {
    if (!raw.startsWith("/")) {
      return false;
    }
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      boolean ofPath = c > ' ' && c <= '~' && c != '%' && c != '?' && c != '#' && c != '\\';
      boolean turns = c == '/' && i + 1 < raw.length() && "/.".indexOf(raw.charAt(i + 1)) >= 0;
      if (!ofPath || turns) {
        return false;
      }
    }
    return true;
  }

  /** The long way; for plain targets it comes to the same. */
  static Target read(String raw) {
    Optional<String> origin = origin(raw);
    if (origin.isEmpty()) {
      return new Refused("target");
    }
    String target = origin.get();
    int mark = target.indexOf('?');
    String encoded = mark < 0 ? target : target.substring(0, mark);
    Optional<String> path = decoded(encoded);
    if (path.isEmpty()) {
      return new Refused("path-encoding");
    }
    Optional<Map<String, List<String>>> query =
        mark < 0 ? Optional.of(Map.of()) : query(target.substring(mark + 1));
    if (query.isEmpty()) {
      return new Refused("query");
    }
    return plain(path.get(), query.get());
  }

  /** The part behind scheme and authority, if the client sent them, as proxies' clients do. */
  private static Optional<String> origin(String raw) {
    String target = raw;
    Matcher absolute = ABSOLUTE.matcher(raw);
    if (absolute.lookingAt()) {
      String rest = raw.substring(absolute.end());
      target = rest.startsWith("/") ? rest : "/" + rest;
    }
    boolean clean = target.startsWith("/") && target.chars().allMatch(c -> c > 32 && c != 127);
    return clean && target.indexOf('#') < 0 ? Optional.of(target) : Optional.empty();
  }

  private static Target plain(String path, Map<String, List<String>> query) {
    List<String> kept = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..") || segment.contains("..\\") || segment.contains("\\..")) {
        return new Refused("path-upwards");
      }
      if (!segment.isEmpty() && !segment.equals(".")) {
        kept.add(segment);
      }
    }
    boolean slash = !kept.isEmpty() && (path.endsWith("/") || path.endsWith("/."));
    return new Plain("/" + String.join("/", kept) + (slash ? "/" : ""), query);
  }

  private static Optional<Map<String, List<String>>> query(String text) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    int count = 0;
    for (String part : text.split("&", -1)) {
      if (part.isEmpty()) {
        continue;
      }
      int equals = part.indexOf('=');
      Optional<String> name = decoded(equals < 0 ? part : part.substring(0, equals));
      Optional<String> value = decoded(equals < 0 ? "" : part.substring(equals + 1));
      if (name.isEmpty() || value.isEmpty() || ++count > MAX_PARAMETERS) {
        return Optional.empty();
      }
      parameters.computeIfAbsent(name.get(), _ -> new ArrayList<>()).add(value.get());
    }
    parameters.replaceAll((_, values) -> List.copyOf(values));
    return Optional.of(parameters);
  }

  /** Percent-decoded UTF-8 without control characters (RFC 3986 section 2.1). */
  private static Optional<String> decoded(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        if (i + 2 >= text.length()) {
          return Optional.empty();
        }
        int high = Character.digit(text.charAt(i + 1), 16);
        int low = Character.digit(text.charAt(i + 2), 16);
        if (high < 0 || low < 0) {
          return Optional.empty();
        }
        bytes.write(high << 4 | low);
        i += 2;
      } else if (c > 0xff) {
        return Optional.empty();
      } else {
        bytes.write(c);
      }
    }
    try {
      String result =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString();
      boolean clean = result.chars().noneMatch(Character::isISOControl);
      return clean ? Optional.of(result) : Optional.empty();
    } catch (CharacterCodingException _) {
      return Optional.empty();
    }
  }
}
