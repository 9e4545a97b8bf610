// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.MachineSpec.Disk;
import foundrybot.redfish.MachineSpec.Firmware;
import foundrybot.redfish.MachineSpec.Link;
import foundrybot.redfish.MachineSpec.Nic;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MachineSpecTest {
  private static final Nic NIC =
      new Nic(new HardwareAddress("52:54:00:aa:00:01"), new Link.Bridge("br0"));

  private static MachineSpec spec(String name, int cores, long memory, List<Nic> nics) {
    Disk disk = new Disk(1024, Optional.of("default"), Optional.empty());
    return new MachineSpec(name, cores, memory, List.of(disk), nics, Firmware.UEFI, false);
  }

  @Test
  void aMachineIsDescribedOnceAndStays() {
    MachineSpec spec = spec("etcd-1", 2, 2048, List.of(NIC));
    assertThrows(UnsupportedOperationException.class, () -> spec.nics().add(NIC));
    assertEquals("default", spec.disks().getFirst().pool().orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7", "-x", "a b", "a/b", "a;b", "--all"})
  void aNameThatAHypervisorWouldTakeForSomethingElseIsRefused(String name) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> spec(name, 1, 64, List.of(NIC)));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("name: " + name), refused::toString);
  }

  @Test
  void whatNoMachineCanBeMadeOfIsRefused() {
    List<Nic> one = List.of(NIC);
    assertThrows(IllegalArgumentException.class, () -> spec("a", 0, 64, one));
    assertThrows(IllegalArgumentException.class, () -> spec("a", 1, 63, one));
    assertThrows(IllegalArgumentException.class, () -> spec("a", 1, 64, List.of()));
    assertThrows(IllegalArgumentException.class, () -> spec("a", 1, 64, List.of(NIC, NIC)));
    assertThrows(
        IllegalArgumentException.class, () -> new Disk(0, Optional.empty(), Optional.empty()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Disk(1, Optional.of("../pool"), Optional.empty()));
    assertThrows(IllegalArgumentException.class, () -> new Link.Bridge("br0 x"));
    assertThrows(IllegalArgumentException.class, () -> new Link.Network(""));
  }
}
