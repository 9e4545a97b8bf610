// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.HardwareAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Whatever an answer of the API holds: a configuration that can be used, or none. */
final class ProxmoxFuzzTest {
  private static final HardwareAddress CARD = new HardwareAddress("bc:24:11:00:00:01");

  @FuzzTest
  void answer(byte[] bytes) {
    OptionText.read(new String(bytes, StandardCharsets.UTF_8));
    Refusal.of(new String(bytes, StandardCharsets.UTF_8));
    Optional<Data> read = Data.read(bytes);
    if (read.isEmpty()) {
      return;
    }
    Data data = read.get();
    data.items().forEach(item -> item.number("vmid"));
    data.number("data");
    data.flag("data");
    GuestConfig config = new GuestConfig(data.texts());
    config.inventory();
    config.slots();
    Mark.of(config);
    for (BootDevice device : BootDevice.values()) {
      Map<String, String> changed = new HashMap<>(config.values());
      changed.put("boot", config.order(device, Optional.of(CARD)));
      if (device != BootDevice.USUAL && config.has(device)) {
        assertEquals(device, new GuestConfig(changed).boots());
      }
    }
    assertTrue(config.cores() >= 0 && config.memoryMiB() >= 0, () -> data.node().toString());
  }
}
