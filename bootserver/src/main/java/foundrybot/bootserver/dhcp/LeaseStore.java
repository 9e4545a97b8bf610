// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Keeps leases over a restart. A DHCPACK leaves only when a lease is saved that lasts as long as it
 * promises, so that an address that a machine uses is never forgotten.
 */
public interface LeaseStore {
  /** All leases, read once at the start; it may block. */
  List<Lease> load();

  /**
   * Replaces what was kept for {@code lease.address()}. Called on an event loop, so it must not
   * block; calls for one address are carried out in their order. Where the stage fails, the client
   * gets no answer and asks again.
   */
  CompletionStage<Void> save(Lease lease);
}
