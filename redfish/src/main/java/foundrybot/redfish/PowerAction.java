// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/** What can be done to a machine's power. */
public enum PowerAction {
  ON(PowerState.ON),
  /** Asks the operating system to shut down; never forces it. */
  SHUTDOWN(PowerState.OFF),
  /** Takes the power away at once. */
  OFF(PowerState.OFF),
  /** Off, a pause, and on again; a machine that is off is switched on. */
  CYCLE(PowerState.ON),
  /** Restarts at once, without taking the power away. */
  RESET(PowerState.ON);

  private final PowerState leadsTo;

  PowerAction(PowerState leadsTo) {
    this.leadsTo = leadsTo;
  }

  /** The state that proves it. */
  public PowerState leadsTo() {
    return leadsTo;
  }
}
