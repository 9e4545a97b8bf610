// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The facts of what enrolled nodes prove of themselves. The detail is the name of a check and,
 * behind a blank, what was seen; of each check of a machine the last one counts. None moves a node.
 */
public enum GateKind {
  PASSED("gate.passed"),
  FAILED("gate.failed");

  private static final Map<String, GateKind> BY_TEXT =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(GateKind::text, kind -> kind));

  private final String text;

  GateKind(String text) {
    this.text = text;
  }

  public static Optional<GateKind> of(String text) {
    return Optional.ofNullable(BY_TEXT.get(text));
  }

  /** The texts of all kinds. */
  public static Set<String> texts() {
    return BY_TEXT.keySet();
  }

  public String text() {
    return text;
  }
}
