// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.Fact;
import java.util.List;

/** Where a journal's facts go: the {@link Store}, or who stands before it. */
public interface FactWriter {
  /**
   * Appends these facts: they survive the end of this process when the call returns.
   *
   * @return the place of each, as {@link Store.Placed} has it
   * @throws StoreException if that cannot be done
   */
  long[] append(List<Fact> more);

  /**
   * What was appended survives the loss of power as well when the call returns.
   *
   * @throws StoreException if that cannot be done
   */
  void force();
}
