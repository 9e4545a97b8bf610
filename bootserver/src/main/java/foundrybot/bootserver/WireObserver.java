// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

/** Takes what the wire saw; called on event loops, so it must return at once and never throw. */
@FunctionalInterface
public interface WireObserver {
  void observed(WireEvent event);
}
