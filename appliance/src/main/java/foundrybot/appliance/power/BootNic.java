// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.redfish.Inventory.Nic;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which of a machine's cards it will most likely boot from: one that may boot from the network,
 * whose link is up, and with the lowest port. What a BMC does not tell counts as between yes and
 * no.
 */
public final class BootNic {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final Comparator<Nic> LIKELY =
      Comparator.<Nic>comparingInt(nic -> nic.netBoot().equals("off") ? 1 : 0)
          .thenComparingInt(nic -> rank(nic.link(), "up", "down"))
          .thenComparingInt(nic -> rank(nic.netBoot(), "on", "off"))
          .thenComparing(nic -> padded(nic.name()))
          .thenComparing(nic -> nic.mac().text());

  private BootNic() {}

  /** The most likely one first. */
  public static List<Nic> ranked(List<Nic> nics) {
    return nics.stream().sorted(LIKELY).toList();
  }

  private static int rank(String told, String yes, String no) {
    return told.equals(yes) ? 0 : told.equals(no) ? 2 : 1;
  }

  /** So that port 2 comes before port 10. */
  private static String padded(String name) {
    Matcher numbers = NUMBER.matcher(name);
    return numbers.replaceAll(found -> String.format("%010d", Long.parseLong(found.group())));
  }
}
