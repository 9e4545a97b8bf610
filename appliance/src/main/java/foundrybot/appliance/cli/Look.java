// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

/**
 * How a status is laid out.
 *
 * @param width columns, 40 or more
 * @param colour whether conditions are coloured
 * @param all every node has a line, however many there are
 * @param flat one table of all nodes, instead of one for each phase and role
 * @param rows lines that may be used for nodes, where not all are shown
 */
record Look(int width, boolean colour, boolean all, boolean flat, int rows) {
  /** Nodes that are shown one by one without being asked for. */
  static final int USUAL_ROWS = 40;

  /** For people who read, not for a screen. */
  static Look plain(int width) {
    return new Look(width, false, true, true, USUAL_ROWS);
  }
}
