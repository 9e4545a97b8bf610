// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kea's load generator, a DHCP client of other people's making, asks server mode for leases: as a
 * relay would, for machines of the rack file, again and again.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class PerfdhcpTest {
  private static final int MACHINES = 60;
  private static final int EXCHANGES = 300;

  /**
   * Exchanges per second. perfdhcp takes one MAC after the other and repeats no request, so a
   * machine must not begin anew while its first address is still being probed.
   */
  private static final int RATE = 20;

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern COUNTS = Pattern.compile("(sent|received) packets: ([0-9]+)");

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForLoad());
  }

  @Test
  void everyExchangeOfKnownMachinesIsCompleted() {
    try (QemuRack rack = Racks.ofMacs("perfdhcp", Wiring.SERVER, macs())) {
      Child.Outcome outcome = rack.atSite(LIMIT, perfdhcp(RackNetwork.APPLIANCE));
      // 3 says that exchanges were dropped or answers did not fit.
      assertEquals(0, outcome.status(), outcome.output());
      List<Integer> counts = counts(outcome.output());
      assertEquals(4, counts.size(), outcome.output());
      assertTrue(counts.stream().allMatch(count -> count == EXCHANGES), outcome.output());
    }
  }

  private static List<String> perfdhcp(String server) {
    return List.of(
        "perfdhcp",
        "-4",
        "-r",
        Integer.toString(RATE),
        "-n",
        Integer.toString(EXCHANGES),
        "-R",
        Integer.toString(MACHINES),
        "-b",
        "mac=" + mac(0),
        "-l",
        "eth0",
        // Late is not lost: how fast a busy machine is, is not what is asked here.
        "-d",
        "30",
        "-W",
        "10000000",
        server);
  }

  private static List<String> macs() {
    List<String> macs = new ArrayList<>();
    for (int i = 0; i < MACHINES; i++) {
      macs.add(mac(i));
    }
    return macs;
  }

  private static String mac(int number) {
    return String.format("52:54:00:bb:00:%02x", number);
  }

  private static List<Integer> counts(String output) {
    List<Integer> counts = new ArrayList<>();
    Matcher matcher = COUNTS.matcher(output);
    while (matcher.find()) {
      counts.add(Integer.parseInt(matcher.group(2)));
    }
    return counts;
  }
}
