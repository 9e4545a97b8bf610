// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * For which versions of a BMC's firmware something holds.
 *
 * @param text for people: {@code any}, {@code all seen}, where it was seen, or the limits
 * @param from the first one; empty for no limit
 * @param before the first one behind it; empty for no limit
 */
record FirmwareRange(String text, Optional<Version> from, Optional<Version> before) {
  /** It holds for each version. */
  static final FirmwareRange ANY = new FirmwareRange("any", Optional.empty(), Optional.empty());

  /** It held for all that was seen, and nobody has said of which versions: it holds for each. */
  static final FirmwareRange ALL_SEEN =
      new FirmwareRange("all seen", Optional.empty(), Optional.empty());

  /**
   * It was seen with these, and nobody has said where it begins or ends; so it is taken to hold for
   * each.
   *
   * @param versions as in {@code iLO 6 1.58, 1.72}
   */
  static FirmwareRange seen(String versions) {
    return new FirmwareRange("seen: " + versions, Optional.empty(), Optional.empty());
  }

  /**
   * A version as vendors write it: {@code 2.80}, {@code iLO 5 v2.55}, {@code 7.00.30.00}, {@code
   * 01.73.04}. Each part is a number, and what is missing at the end is 0.
   */
  record Version(List<Integer> parts) implements Comparable<Version> {
    /** Behind a v; else the first with a dot in it, since "iLO 5" has none; else a number alone. */
    private static final List<Pattern> WAYS =
        List.of(
            Pattern.compile("(?:^|[^a-z0-9])v\\.?\\s?(\\d{1,6}(?:\\.\\d{1,6}){0,7})"),
            Pattern.compile("(?<![0-9.])(\\d{1,6}(?:\\.\\d{1,6}){1,7})"),
            Pattern.compile("^\\s*(\\d{1,6})\\b"));

    /** Empty where there is none in the text. */
    static Optional<Version> of(String text) {
      String small = text.toLowerCase(Locale.ROOT);
      return WAYS.stream()
          .map(way -> way.matcher(small))
          .filter(Matcher::find)
          .findFirst()
          .map(found -> new Version(numbers(found.group(1))));
    }

    private static List<Integer> numbers(String dotted) {
      return Arrays.stream(dotted.split("\\.")).map(Integer::valueOf).toList();
    }

    @Override
    public int compareTo(Version other) {
      int most = Math.max(parts.size(), other.parts.size());
      for (int i = 0; i < most; i++) {
        int order = Integer.compare(part(i), other.part(i));
        if (order != 0) {
          return order;
        }
      }
      return 0;
    }

    private int part(int index) {
      return index < parts.size() ? parts.get(index) : 0;
    }

    private static Version required(String text) {
      return of(text)
          .orElseThrow(
              () -> new IllegalArgumentException(text + " (expected: a version such as 2.80)"));
    }
  }

  /** From that version on. */
  static FirmwareRange from(String first) {
    return new FirmwareRange(
        "from " + first, Optional.of(Version.required(first)), Optional.empty());
  }

  /** All before that version. */
  static FirmwareRange before(String end) {
    return new FirmwareRange("before " + end, Optional.empty(), Optional.of(Version.required(end)));
  }

  /** From the one on, and before the other one. */
  static FirmwareRange between(String first, String end) {
    return new FirmwareRange(
        "from " + first + ", before " + end,
        Optional.of(Version.required(first)),
        Optional.of(Version.required(end)));
  }

  /** Whether a BMC's version is in it; one that nobody can read may be. */
  boolean has(String version) {
    return Version.of(version)
        .map(
            it ->
                from.filter(first -> it.compareTo(first) < 0).isEmpty()
                    && before.filter(end -> it.compareTo(end) >= 0).isEmpty())
        .orElse(true);
  }
}
