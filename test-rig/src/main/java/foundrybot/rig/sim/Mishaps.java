// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.util.Optional;

/**
 * What goes wrong with one simulated machine.
 *
 * @param stopAfter it falls silent for ever when it has come to this point
 * @param loss share of its UDP packets that are lost, each way; 0..0.9
 */
public record Mishaps(Optional<Milestone> stopAfter, double loss) {
  public static final Mishaps NONE = new Mishaps(Optional.empty(), 0);

  public Mishaps {
    if (!(loss >= 0 && loss <= 0.9)) {
      throw new IllegalArgumentException("loss: " + loss + " (expected: 0..0.9)");
    }
  }

  public static Mishaps stopsAfter(Milestone milestone) {
    return new Mishaps(Optional.of(milestone), 0);
  }

  public static Mishaps losing(double share) {
    return new Mishaps(Optional.empty(), share);
  }
}
