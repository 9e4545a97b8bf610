// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which characters of the BMC's packets are new (IPMI 2.0, 15). Packets count 1..15 and then 1
 * again, and one is outstanding at a time. One that was not acknowledged comes again with the same
 * number, and may have grown by what the machine has sent meanwhile.
 */
final class SolWindow {
  private static final int LAST = 15;

  private int last;
  private int taken;

  /**
   * What a packet brings.
   *
   * @param missed what is missing before the characters, or what else there is to say
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Fresh(byte[] characters, List<String> missed) {}

  Fresh take(SolPacket packet) {
    List<String> missed = new ArrayList<>();
    boolean again = packet.sequence() != 0 && packet.sequence() == last;
    if (!again) {
      if (packet.sequence() != 0 && last != 0 && packet.sequence() != last % LAST + 1) {
        missed.add(
            "characters lost on the way: packet " + packet.sequence() + " came after " + last);
      }
      if (packet.overran()) {
        missed.add("characters lost: the BMC's buffer overran");
      }
      if (packet.broken()) {
        missed.add("a break");
      }
    }
    byte[] all = packet.characters();
    byte[] fresh = again ? Arrays.copyOfRange(all, Math.min(taken, all.length), all.length) : all;
    if (packet.sequence() != 0) {
      taken = again ? Math.max(taken, all.length) : all.length;
      last = packet.sequence();
    }
    return new Fresh(fresh, missed);
  }
}
