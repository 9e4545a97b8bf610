// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GuestConfigTest {
  private static final String UUID = "4c4c4544-0042-4810-8051-b4c04f4a3132";

  private static GuestConfig of(String json) {
    return new GuestConfig(Data.read(json.getBytes(StandardCharsets.UTF_8)).orElseThrow().texts());
  }

  @Test
  void numbersMayBeTextsAndTruthOneAndUuidsInCapitals() {
    GuestConfig config =
        of(
            """
            {"name":"n1","cores":2,"sockets":"2","memory":"2048","bios":"ovmf",
             "smbios1":"base64=1,serial=U0VSMQ==,uuid=4C4C4544-0042-4810-8051-B4C04F4A3132",
             "tpmstate0":"local-lvm:vm-105-disk-3,size=4M,version=v2.0",
             "net10":"e1000=BC:24:11:00:00:0A,bridge=vmbr0,link_down=1",
             "net2":"model=virtio,macaddr=BC:24:11:00:00:02,bridge=vmbr1",
             "virtio0":"file=local:105/vm-105-disk-0.qcow2,size=1536M,serial=D0",
             "scsi1":"/dev/disk/by-id/x,size=1T","unused0":"local-lvm:vm-105-disk-9",
             "ide0":"local-lvm:vm-105-cloudinit,media=cdrom","ide2":"local:iso/a.iso,media=cdrom,size=4M"}
            """);
    Inventory inventory = config.inventory();
    assertEquals(4, config.cores());
    assertEquals(2048, config.memoryMiB());
    assertEquals(UUID, inventory.uuid());
    assertEquals("SER1", inventory.serial());
    assertEquals("TPM 2.0", inventory.tpm());
    assertEquals(
        List.of("bc:24:11:00:00:02", "bc:24:11:00:00:0a"),
        config.macs().stream().map(HardwareAddress::text).toList());
    assertEquals(
        List.of("virtio0", "scsi1"), inventory.drives().stream().map(d -> d.name()).toList());
    assertEquals(1536L << 20, inventory.drives().getFirst().bytes());
    assertEquals("ide2", config.slots().getFirst().name());
    assertEquals("local:iso/a.iso", config.slots().getFirst().image());
    assertEquals(
        "order=net10;net2;virtio0;scsi1;ide2",
        config.order(BootDevice.PXE, Optional.of(new HardwareAddress("bc:24:11:00:00:0a"))));
  }

  @ParameterizedTest
  @CsvSource({
    "order=net0;scsi0, PXE",
    "order=scsi0, DISK",
    "order=ide2;net0, CD",
    "order=hostpci0;net0, USUAL",
    "order=, USUAL",
    "ncd, PXE",
    "legacy=cdn, DISK",
    "d, CD",
    "'', USUAL",
  })
  void theFirstDeviceOfTheOrderIsWhatItBoots(String boot, BootDevice device) {
    GuestConfig config =
        new GuestConfig(
            Map.of(
                "boot", boot,
                "net0", "virtio=BC:24:11:00:00:01,bridge=vmbr0",
                "scsi0", "local-lvm:vm-105-disk-0,size=8G",
                "ide2", "none,media=cdrom"));
    assertEquals(device, config.boots());
  }

  @Test
  void aMarkIsOfOneMachineAndKnowsWhatWasMadeWithIt() {
    Mark mark = new Mark(UUID, Set.of("scsi0", "efidisk0"));
    Map<String, String> config =
        Map.of(
            "description", mark.notes(),
            "tags", "prod;foundrybot",
            "smbios1", "uuid=" + UUID,
            "scsi0", "local-lvm:vm-105-disk-0,size=8G",
            "ide2", "none,media=cdrom",
            "sata0", "other:vm-105-disk-0,size=8G");
    assertEquals(Optional.of(mark), Mark.of(new GuestConfig(config)));
    assertEquals(List.of("sata0 (other:vm-105-disk-0)"), mark.foreign(new GuestConfig(config)));
    for (String key : List.of("description", "tags", "smbios1")) {
      Map<String, String> without = new HashMap<>(config);
      without.remove(key);
      assertTrue(Mark.of(new GuestConfig(without)).isEmpty(), key);
    }
    assertFalse(Mark.of(new GuestConfig(config)).orElseThrow().drives().contains("sata0"));
  }
}
