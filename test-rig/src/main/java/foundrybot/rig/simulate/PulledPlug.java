// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

/** The machine is off: whatever it does ends here. */
final class PulledPlug extends RuntimeException {
  private static final long serialVersionUID = 1;

  PulledPlug() {
    super("switched off", null, false, false);
  }
}
