// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which bytes of a representation a GET gets (RFC 9110 sections 13 and 14). Only single ranges are
 * served; a list of ranges gets the whole, as the RFC allows.
 */
sealed interface Selection {
  /** 200. */
  record Whole() implements Selection {}

  /**
   * 206.
   *
   * @param from first byte
   * @param to last byte
   */
  record Part(long from, long to) implements Selection {}

  /** 304: the client has it already. */
  record Unchanged() implements Selection {}

  /** 416. */
  record Unsatisfiable() implements Selection {}

  Pattern RANGE = Pattern.compile("(?i)bytes=\\s*([0-9]*)-([0-9]*)\\s*");

  /**
   * Decides.
   *
   * @param etag empty if there is none
   */
  static Selection of(
      long size,
      String etag,
      Optional<String> ifNoneMatch,
      Optional<String> range,
      Optional<String> ifRange) {
    if (!etag.isEmpty() && ifNoneMatch.filter(list -> lists(list, etag)).isPresent()) {
      return new Unchanged();
    }
    boolean same = ifRange.map(wanted -> strong(etag) && wanted.equals(etag)).orElse(true);
    return same && range.isPresent() ? part(range.get(), size) : new Whole();
  }

  private static Selection part(String range, long size) {
    Matcher matcher = RANGE.matcher(range);
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return new Whole();
    }
    if (matcher.group(1).isEmpty()) {
      long suffix = Math.min(number(matcher.group(2)), size);
      return suffix == 0 ? new Unsatisfiable() : new Part(size - suffix, size - 1);
    }
    long from = number(matcher.group(1));
    long to = matcher.group(2).isEmpty() ? Long.MAX_VALUE : number(matcher.group(2));
    if (to < from) {
      return new Whole();
    }
    return from >= size ? new Unsatisfiable() : new Part(from, Math.min(to, size - 1));
  }

  /** Too large for a long means behind the end of any file, as the largest long does. */
  private static long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException _) {
      return Long.MAX_VALUE;
    }
  }

  private static boolean strong(String etag) {
    return !etag.isEmpty() && !etag.startsWith("W/");
  }

  private static boolean lists(String list, String etag) {
    if (list.strip().equals("*")) {
      return true;
    }
    for (String one : list.split(",", -1)) {
      if (opaque(one.strip()).equals(opaque(etag))) {
        return true;
      }
    }
    return false;
  }

  private static String opaque(String etag) {
    return etag.startsWith("W/") ? etag.substring(2) : etag;
  }
}
