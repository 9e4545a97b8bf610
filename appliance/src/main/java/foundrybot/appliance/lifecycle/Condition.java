// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Locale;

/** Whether a node's way goes well; beside {@link Stage}, which says how far it is. */
public enum Condition {
  /** It moves, or has arrived. */
  OK,
  /** Nothing is wrong, and nothing is heard of it yet. */
  WAITING,
  /** It moves, but not for the first time in this run; or its BMC is asked again. */
  RETRYING,
  /** Its deadline has passed, or it reported a failure. */
  STUCK,
  /** Nobody touches it until the operator resumes it. */
  HELD;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
