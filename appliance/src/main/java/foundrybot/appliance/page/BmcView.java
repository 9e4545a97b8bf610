// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the appliance knows of a node's BMC, without asking it; each thing as it was heard last.
 *
 * @param power whether the machine is on
 * @param progress how far its start is, in the BMC's words
 * @param who what answers there
 * @param health the newest lines of its event log
 * @param error what was asked last and not had, and what was answered
 * @param mismatch why it may be another machine's; else empty
 */
public record BmcView(
    Optional<Known> power,
    Optional<Known> progress,
    Optional<Known> who,
    Optional<Known> error,
    Optional<Instant> healthAt,
    List<String> health,
    String mismatch) {
  /** Of a node without one, or of which nothing was heard. */
  public static final BmcView NONE =
      new BmcView(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          "");

  /** Something that was heard. */
  public record Known(String text, Instant at) {}

  public BmcView {
    health = List.copyOf(health);
  }
}
