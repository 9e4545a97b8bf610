// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Tells the pieces of a page that a browser has from those that it has not. */
final class Pieces {
  /** More than a page has; what comes beyond is not looked at. */
  private static final int MOST = 32;

  private Pieces() {}

  /** What a browser says that it has. */
  static String digests(Map<String, String> pieces) {
    return pieces.entrySet().stream().map(Pieces::digest).collect(Collectors.joining("."));
  }

  /** The pieces that are not among these digests. */
  static String missing(Map<String, String> pieces, String digests) {
    Set<String> there = new HashSet<>(Arrays.asList(digests.split("\\.", MOST)));
    return pieces.entrySet().stream()
        .filter(piece -> !there.contains(digest(piece)))
        .map(Map.Entry::getValue)
        .collect(Collectors.joining());
  }

  private static String digest(Map.Entry<String, String> piece) {
    return piece.getKey() + "-" + Integer.toHexString(piece.getValue().hashCode());
  }
}
