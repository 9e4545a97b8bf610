// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a node is in numbers.
 *
 * @param percent of the installation, by what its installer said; -1 where that is not known
 * @param step what the installer does; empty where the per cent are not known
 * @param what the transfer under way; empty for none
 * @param part per cent of that
 * @param until when it is probably at the goal; empty where no earlier run tells
 */
public record Progress(int percent, String step, String what, int part, Optional<Instant> until) {
  /** Nothing is known. */
  public static final Progress NONE = new Progress(-1, "", "", 0, Optional.empty());
}
