// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Tree.Branch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code dhcp-options} of roles and nodes. */
final class DhcpOptionsBuilder {
  /** What fits into an answer beside all the rest, for clients that take the least. */
  private static final int MOST_BYTES = 200;

  private DhcpOptionsBuilder() {}

  /** Those of one role or node; {@code path} is where it is. */
  static List<DhcpOptionValue> build(Faults faults, Branch owner, String path) {
    List<DhcpOptionValue> values = new ArrayList<>();
    owner
        .values("dhcp-options")
        .forEach(
            (key, leaf) -> {
              String where = path + ".dhcp-options." + key;
              switch (DhcpOptionTexts.read(Integer.parseInt(key), leaf.text())) {
                case DhcpOptionTexts.Read.Value(DhcpOptionValue value) -> values.add(value);
                case DhcpOptionTexts.Read.Wrong(String expected) ->
                    faults.add(leaf.at(), where, leaf.text(), expected);
              }
            });
    int bytes = values.stream().mapToInt(value -> value.hex().length() / 2 + 2).sum();
    if (bytes > MOST_BYTES) {
      String expected = "at most " + MOST_BYTES + " in all, as they have to fit one packet";
      faults.add(owner.at("dhcp-options"), path + ".dhcp-options", bytes + " bytes", expected);
    }
    return values;
  }

  /** A node's own value comes before that of its role. */
  static List<DhcpOptionValue> merge(List<DhcpOptionValue> ofRole, List<DhcpOptionValue> ofNode) {
    Map<Integer, DhcpOptionValue> all = new LinkedHashMap<>();
    ofRole.forEach(value -> all.put(value.code(), value));
    ofNode.forEach(value -> all.put(value.code(), value));
    return List.copyOf(all.values());
  }
}
