// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/** What a machine gets that the rack file does not name. */
public enum UnknownMachines {
  /** No answer; it is only shown as seen. */
  IGNORE,
  /** A script that shows the machine's own data and boots from its disk. */
  DISCOVER
}
