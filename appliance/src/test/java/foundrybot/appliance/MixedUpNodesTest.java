// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.Identity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two nodes whose BMC addresses were swapped in the rack file. */
class MixedUpNodesTest {
  private static final String W1 = "52:54:00:aa:00:01";
  private static final String W2 = "52:54:00:aa:00:02";
  private static final String UUID1 = "4c4c4544-0042-3510-8052-b7c04f503732";
  private static final String UUID2 = "4c4c4544-0042-3510-8052-b7c04f503733";
  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

  private static Fleet fleet() {
    String nodes =
        """
        nodes:
          %s: { role: worker, name: w1 }
          %s: { role: worker, name: w2 }
        """
            .formatted(W1, W2);
    return new Fleet(FleetTest.rackWith(nodes), START);
  }

  @Test
  void theStatusNamesTheNodeWhoseMachineABmcHolds() {
    Fleet fleet = fleet();
    boots(fleet, W1, UUID1, UUID2);
    boots(fleet, W2, UUID2, UUID1);
    List<FleetStatus.NodeStatus> nodes =
        FleetStatus.of(fleet, (_, _, _) -> "", "", Map.of(), START.plusSeconds(9)).nodes();
    for (int i = 0; i < 2; i++) {
      assertEquals("other-machine", nodes.get(i).diagnosis().code());
      String why = nodes.get(i).why();
      String other = nodes.get(1 - i).name();
      assertTrue(why.endsWith("; its BMC's UUID is the one with which " + other + " boots"), why);
      assertEquals(why, nodes.get(i).diagnosis().why());
    }
  }

  private static void boots(Fleet fleet, String mac, String uuid, String ofBmc) {
    fleet.apply(new Fact(START, mac, "bmc.identity", Identity.reported(mac, ofBmc, List.of())));
    fleet.apply(new Fact(START.plusSeconds(1), mac, "power.asked", "on"));
    fleet.apply(new Fact(START.plusSeconds(2), mac, "dhcp.identity", uuid));
  }
}
