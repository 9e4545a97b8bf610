// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;

import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory.Nic;
import java.util.List;
import org.junit.jupiter.api.Test;

class BootNicTest {
  private static Nic nic(String name, int last, String link, String netBoot) {
    return new Nic(
        name, new HardwareAddress(String.format("52:54:00:aa:00:%02x", last)), link, netBoot);
  }

  private static List<String> names(Nic... nics) {
    return BootNic.ranked(List.of(nics)).stream().map(Nic::name).toList();
  }

  @Test
  void aCardWithALinkGoesBeforeOneOfWhichNothingIsToldAndThatBeforeOneWithout() {
    assertEquals(
        List.of("c", "b", "a"),
        names(nic("a", 1, "down", ""), nic("b", 2, "", ""), nic("c", 3, "up", "")));
  }

  @Test
  void ofCardsWithALinkThatWhichMayBootFromTheNetworkIsFirst() {
    assertEquals(
        List.of("b", "c", "a"),
        names(nic("a", 1, "up", "off"), nic("b", 2, "up", "on"), nic("c", 3, "up", "")));
  }

  @Test
  void aCardThatMayNotBootIsLastEvenIfItAloneHasALink() {
    assertEquals(List.of("b", "a"), names(nic("a", 1, "up", "off"), nic("b", 2, "down", "")));
  }

  @Test
  void elseTheLowestPortIsFirstAsPeopleCount() {
    assertEquals(
        List.of("NIC.Slot.3-2-1", "NIC.Slot.3-10-1", "NIC.Slot.12-1-1"),
        names(
            nic("NIC.Slot.12-1-1", 1, "up", "on"),
            nic("NIC.Slot.3-10-1", 2, "up", "on"),
            nic("NIC.Slot.3-2-1", 3, "up", "on")));
  }
}
