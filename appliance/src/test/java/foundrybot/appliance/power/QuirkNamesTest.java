// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;

import foundrybot.appliance.TickingClock;
import foundrybot.redfish.client.RedfishBmc;
import foundrybot.redfish.ipmi.Ipmi;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rack file knows the quirks of the protocols, by their names. */
class QuirkNamesTest {
  @Test
  void eachQuirkCanBeWantedInTheRackFileAndNotWanted() {
    List<String> names = new ArrayList<>(RedfishBmc.quirks());
    names.add(Ipmi.KEEP_BOOT_FLAGS);
    for (String name : names) {
      assertEquals(List.of(name), quirks(name));
      assertEquals(List.of("no-" + name), quirks("no-" + name));
    }
  }

  private static List<String> quirks(String name) {
    String rack =
        """
        nodes:
          52:54:00:be:00:01: { role: worker, bmc: { url: "ipmi://10.0.0.1", quirks: [%s] } }
        """
            .formatted(name);
    MemoryLog log = new MemoryLog(new TickingClock(), rack);
    return log.nodes().getFirst().bmc().orElseThrow().quirks();
  }

  @Test
  void bootFlagsAreLeftToTheBmcWhereTheRackFileSaysSo() {
    Ipmi.Settings usual = Ipmi.Settings.USUAL;
    List<Integer> suites = List.of(3);
    assertEquals(true, usual.with(suites, Set.of()).keepBootFlags());
    assertEquals(false, usual.with(suites, Set.of("no-keep-boot-flags")).keepBootFlags());
    assertEquals(suites, usual.with(suites, Set.of("basic-only")).suites());
  }
}
