// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Names in the order in which people count: numbers in them as numbers, so r2 before r10. */
final class CountedNames {
  static final Comparator<String> ORDER = CountedNames::compare;

  private static final Pattern PART = Pattern.compile("[0-9]+|[^0-9]+");

  private CountedNames() {}

  private static int compare(String one, String other) {
    List<String> ones = parts(one);
    List<String> others = parts(other);
    for (int i = 0; i < Math.min(ones.size(), others.size()); i++) {
      int order = comparePart(ones.get(i), others.get(i));
      if (order != 0) {
        return order;
      }
    }
    int length = Integer.compare(ones.size(), others.size());
    // Names that count the same, as r1 and r01, are two all the same.
    return length != 0 ? length : one.compareTo(other);
  }

  private static List<String> parts(String name) {
    return PART.matcher(name).results().map(MatchResult::group).toList();
  }

  private static int comparePart(String one, String other) {
    return isNumber(one) && isNumber(other)
        ? new BigInteger(one).compareTo(new BigInteger(other))
        : one.compareTo(other);
  }

  private static boolean isNumber(String part) {
    return part.charAt(0) >= '0' && part.charAt(0) <= '9';
  }
}
