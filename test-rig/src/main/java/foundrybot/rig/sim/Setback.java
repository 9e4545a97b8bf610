// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.io.IOException;

/** What a machine expected and did not get; it starts over from its firmware. */
public final class Setback extends IOException {
  public Setback(String what) {
    super(what);
  }

  Setback(String what, IOException cause) {
    super(what + ": " + cause.getMessage(), cause);
  }
}
