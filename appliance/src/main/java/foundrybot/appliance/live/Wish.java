// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a listener wants to hear.
 *
 * @param status where nodes stand: of all at first, then of those that change
 * @param facts what the journal takes
 * @param mac of which node alone, canonical text; empty for all
 * @param after the place in the journal after which its facts are told; empty for from now on
 */
public record Wish(boolean status, boolean facts, Optional<String> mac, OptionalLong after) {
  /** Whether what that machine does is wanted. */
  boolean isOf(String machine) {
    return mac.isEmpty() || mac.get().equals(machine);
  }
}
