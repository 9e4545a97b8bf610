// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.rig.simulate.Invariant.Violated;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** In whose bundles which preshared key was: of each two nodes, and of no third one. */
final class SharedKeys {
  private static final Pattern KEY = Pattern.compile("PresharedKey = (\\S+)");
  private static final int MOST = 2;

  private final Map<String, Set<Mac>> holders = new HashMap<>();

  /** A node was given that bundle. */
  void given(Mac mac, String bundle) {
    Matcher key = KEY.matcher(bundle);
    while (key.find()) {
      Set<Mac> holding = holders.computeIfAbsent(key.group(1), _ -> new LinkedHashSet<>());
      holding.add(mac);
      if (holding.size() > MOST) {
        throw new Violated(
            Invariant.SECRET_TO_ONE,
            "a key that two nodes are to share is in the bundles of " + holding);
      }
    }
  }
}
