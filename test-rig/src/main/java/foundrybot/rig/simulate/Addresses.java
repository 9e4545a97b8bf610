// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.rig.simulate.Invariant.Violated;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Who was acknowledged which address by the appliance, as the machines have it. */
final class Addresses {
  /**
   * A lease.
   *
   * @param until the end of what was promised, from the start of the run
   */
  private record Held(Mac mac, Duration until) {}

  private final Map<Inet4Address, Held> held = new HashMap<>();

  /**
   * A machine has its DHCPACK.
   *
   * @param lasts as option 51 says
   */
  void acknowledged(Mac mac, Inet4Address address, Duration lasts, Duration now) {
    Held before = held.put(address, new Held(mac, now.plus(lasts)));
    if (before != null && !before.mac().equals(mac) && before.until().compareTo(now) > 0) {
      throw new Violated(
          Invariant.ADDRESS_TO_ONE,
          address.getHostAddress()
              + " was acknowledged to "
              + before.mac()
              + " until "
              + Report.text(before.until())
              + ", and to "
              + mac
              + " now");
    }
  }

  /** A machine has found somebody else there, and uses it no more (RFC 2131, section 3.1). */
  void declined(Mac mac, Inet4Address address) {
    held.computeIfPresent(address, (_, lease) -> lease.mac().equals(mac) ? null : lease);
  }
}
