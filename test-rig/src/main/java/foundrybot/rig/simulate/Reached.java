// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.util.Set;

/**
 * How far a machine has come, by what it did itself, and what its silence means from there on. One
 * that starts over without anybody's command is behind that point again; who only hears that it
 * does nothing more can say no better.
 */
enum Reached {
  NOTHING,
  DHCP("no-request", "no-program-asked"),
  PROGRAM("no-script", "program-loop"),
  SCRIPT("no-kernel"),
  KERNEL("no-answer-file"),
  ANSWERS("installer-silent"),
  DISK("no-first-boot", "back-in-pxe"),
  SYSTEM("no-enrollment");

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final Set<String> silence;

  Reached(String... silence) {
    this.silence = Set.of(silence);
  }

  /** Codes of the diagnoses of who is silent there. */
  Set<String> silence() {
    return silence;
  }
}
