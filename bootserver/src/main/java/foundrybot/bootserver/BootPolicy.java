// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

/**
 * Decides what a boot client gets. It runs on the event loop: a look-up in an immutable snapshot,
 * never a wait for a disk, a database or a network.
 */
@FunctionalInterface
public interface BootPolicy {
  BootDecision decide(BootClient client);
}
