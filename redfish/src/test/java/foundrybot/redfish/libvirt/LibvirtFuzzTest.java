// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.MediaSlot;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Whatever virsh prints: a definition that can be changed and read again, or none. */
final class LibvirtFuzzTest {
  private static final MachineSpec WANTED =
      new MachineSpec(
          "n1",
          1,
          64,
          List.of(new MachineSpec.Disk(1, Optional.empty(), Optional.empty())),
          List.of(
              new MachineSpec.Nic(
                  new HardwareAddress("52:54:00:aa:00:01"), new MachineSpec.Link.Bridge("br0"))),
          MachineSpec.Firmware.UEFI,
          false);

  @FuzzTest
  void definition(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    Complaint.read(text);
    DomainPower.state(text);
    Storage.poolType(text);
    Storage.capacityOfVolume(text);
    Storage.capacityOfBlock(text);
    LibvirtHypervisor.domainTypes(text);
    Optional<DomainXml> read = DomainXml.read(text);
    if (read.isEmpty()) {
      return;
    }
    DomainXml domain = read.get();
    domain.firmware();
    Mark.read(domain).ifPresent(mark -> mark.volumes().forEach(Volume::text));
    Differences.between(WANTED, domain, List.of(OptionalLong.empty()));
    domain.inventory();
    for (MediaSlot slot : domain.slots()) {
      domain.drive(slot.name(), Optional.of(URI.create("https://10.0.0.1/a.iso?t=1")));
    }
    for (BootDevice device : BootDevice.values()) {
      domain.boot(device, Optional.empty());
      if (domain.has(device)) {
        assertEquals(device, domain.boots());
      }
    }
    assertTrue(Xml.read(domain.text()).isPresent(), text);
  }
}
