// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KernelModulesTest {
  @Test
  void driversComeWithAllTheyNeedAndSoundCardsStayOut() {
    KernelModules modules =
        new KernelModules(
            """
            kernel/drivers/net/ethernet/intel/igb/igb.ko: kernel/drivers/i2c/algos/i2c-algo-bit.ko kernel/drivers/dca/dca.ko
            kernel/drivers/i2c/algos/i2c-algo-bit.ko:
            kernel/drivers/dca/dca.ko:
            kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz
            kernel/fs/jbd2/jbd2.ko.xz: kernel/lib/deep.ko.xz
            kernel/lib/deep.ko.xz:
            kernel/arch/x86/crypto/crc32c-intel.ko:
            kernel/drivers/block/virtio_blk.ko:
            kernel/drivers/block/drbd/drbd.ko:
            kernel/sound/pci/snd-hda.ko: kernel/sound/soundcore.ko
            kernel/crypto/xts.ko:
            """,
            """
            # Soft dependencies
            softdep ext4 pre: xts crypto-crc32c post: absent
            """);
    assertEquals(
        Set.of(
            "kernel/arch/x86/crypto/crc32c-intel.ko",
            "kernel/crypto/xts.ko",
            "kernel/drivers/block/virtio_blk.ko",
            "kernel/drivers/dca/dca.ko",
            "kernel/drivers/i2c/algos/i2c-algo-bit.ko",
            "kernel/drivers/net/ethernet/intel/igb/igb.ko",
            "kernel/fs/ext4/ext4.ko.xz",
            "kernel/fs/jbd2/jbd2.ko.xz",
            "kernel/lib/deep.ko.xz"),
        modules.wanted());
  }

  @Test
  void firmwareNamesAreReadFromTheModuleAndStrangeOnesAreNot() {
    byte[] module =
        ("\177ELF\0license=GPL\0firmware=tigon/tg3.bin\0not_firmware=x\0"
                + "firmware=../../etc/shadow\0firmware=bnx2/a-1.2.fw\0")
            .getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(Set.of("bnx2/a-1.2.fw", "tigon/tg3.bin"), KernelModules.firmwareOf(module));
  }
}
