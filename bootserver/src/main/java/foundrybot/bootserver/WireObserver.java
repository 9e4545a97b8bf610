// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

/** Takes what the wire saw; called on event loops, so it must return at once and never throw. */
@FunctionalInterface
public interface WireObserver {
  void observed(WireEvent event);

  /** Tells both, the first one first. */
  static WireObserver both(WireObserver first, WireObserver second) {
    return event -> {
      first.observed(event);
      second.observed(event);
    };
  }
}
