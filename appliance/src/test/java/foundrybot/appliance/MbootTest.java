// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a machine gets to VMware's boot loader; its files are of noise. */
class MbootTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String BOOT = "/boot/52-54-00-bb-00-01/";

  @TempDir private Path folder = Path.of("");

  @Test
  void underUefiItIsFetchedWithItsListAndUnderABiosNothingIs() {
    LoopbackAppliance appliance =
        new LoopbackAppliance(folder)
            .artifacts(
                "esxi-8",
                Map.of("mboot.efi", "loader", "boot.cfg", "kernel=b.b00\n", "b.b00", "module"))
            .entry(
                MAC,
                "{ role: worker, name: h1, profile: esxi-8, address: 127.99.0.9/16,"
                    + " kernel-arguments: [allowLegacyCPU=true] }");
    try (appliance) {
      appliance.start();
      String bios = appliance.get(BOOT + "bios.ipxe").text();
      assertTrue(bios.contains("boots under UEFI only"), bios);
      assertFalse(bios.contains("/node/"), bios);
      String script = appliance.get(BOOT + "uefi.ipxe").text();
      Matcher token = Pattern.compile("/node/([0-9a-f]{32})/").matcher(script);
      assertTrue(token.find(), script);
      String node = "/node/" + token.group(1);
      String plain = script.replaceAll("http://127\\.99\\.0\\.1:[0-9]+" + node, "NODE");
      assertEquals(
          "NODE/artifact/mboot.efi -c NODE/artifact/boot.cfg ks=NODE/ks.cfg"
              + " netdevice=52:54:00:bb:00:01 ip=127.99.0.9 netmask=255.255.0.0"
              + " BOOTIF=01-52-54-00-bb-00-01 allowLegacyCPU=true",
          plain
              .lines()
              .filter(line -> line.contains("mboot.efi "))
              .map(line -> line.replaceAll(".*(NODE/artifact/mboot.efi .*?) *(\\|\\|.*)?$", "$1"))
              .findFirst()
              .orElse(plain));
      assertFalse(script.contains("initrd"), script);
      assertEquals("loader", appliance.get(node + "/artifact/mboot.efi").text());
      assertEquals("module", appliance.get(node + "/artifact/b.b00").text());
      assertTrue(appliance.get(node + "/ks.cfg").text().contains("\nvmaccepteula\n"));
    }
  }
}
