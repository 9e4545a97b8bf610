// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.MediaSlot;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Whatever virsh prints: a definition that can be changed and read again, or none. */
final class LibvirtFuzzTest {
  @FuzzTest
  void definition(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    Complaint.read(text);
    DomainPower.state(text);
    Optional<DomainXml> read = DomainXml.read(text);
    if (read.isEmpty()) {
      return;
    }
    DomainXml domain = read.get();
    domain.firmware();
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
