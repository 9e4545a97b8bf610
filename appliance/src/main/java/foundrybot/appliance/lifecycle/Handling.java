// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Optional;

/**
 * What was decided about a node beside its way: a hold stays over a new run and over a rescue.
 *
 * @param hold since when nobody touches it, by whom and why
 */
public record Handling(Optional<NodeHold> hold) {
  /** Nothing was decided. */
  public static final Handling NONE = new Handling(Optional.empty());

  Handling after(FactKind kind, Fact fact) {
    return switch (kind) {
      case NODE_HELD -> new Handling(Optional.of(hold.orElseGet(() -> NodeHold.of(fact))));
      case NODE_RESUMED -> NONE;
      default -> this;
    };
  }
}
