// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.iso;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Read back by xorriso, mtools and fsck.fat; machines boot such images in the test rig. */
@Tag("slow")
class BootIsoTest {
  private static final byte[] SCRIPT =
      "#!ipxe\necho the token is here\n".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path folder = Path.of("");

  private static void nothingOdd(String said) {
    throw new AssertionError(said);
  }

  private static byte[] noise(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static BootIso.Content both() {
    return new BootIso.Content(
        Map.of("BOOTX64.EFI", noise(1_100_003, 1), "BOOTAA64.EFI", noise(4096, 2)),
        noise(350_000, 3),
        SCRIPT);
  }

  private byte[] inIso(Path iso, String path) throws IOException {
    Path out = folder.resolve("out");
    Files.deleteIfExists(out);
    Tool.named("xorriso", "xorriso")
        .run("-osirrox", "on", "-indev", iso.toString(), "-extract", path, out.toString());
    return Files.readAllBytes(out);
  }

  private static byte[] inFat(Path fat, String path) {
    return Tool.named("mtype", "mtools").output("-i", fat.toString(), "::" + path);
  }

  @Test
  void everythingOnItIsReadBackByOtherPrograms() throws Exception {
    Path iso = BootIso.build(both(), folder, "node.iso", BootIsoTest::nothingOdd);
    assertArrayEquals(SCRIPT, inIso(iso, "/isolinux/script.ipx"));
    assertArrayEquals(noise(350_000, 3), inIso(iso, "/isolinux/ipxe.krn"));
    Path fat = folder.resolve("efi.img");
    Files.write(fat, inIso(iso, "/EFI.IMG"));
    Tool.named("fsck.fat", "dosfstools").run("-n", "-v", fat.toString());
    assertArrayEquals(SCRIPT, inFat(fat, "/autoexec.ipxe"));
    assertArrayEquals(SCRIPT, inFat(fat, "/EFI/BOOT/autoexec.ipxe"));
    assertArrayEquals(noise(1_100_003, 1), inFat(fat, "/EFI/BOOT/BOOTX64.EFI"));
    assertArrayEquals(noise(4096, 2), inFat(fat, "/EFI/BOOT/BOOTAA64.EFI"));
    String report =
        new String(
            Tool.named("xorriso", "xorriso")
                .output("-indev", iso.toString(), "-report_el_torito", "plain"),
            StandardCharsets.UTF_8);
    assertTrue(report.lines().anyMatch(line -> line.matches(".*boot img.*BIOS.*")), report);
    assertTrue(report.lines().anyMatch(line -> line.matches(".*boot img.*UEFI.*")), report);
  }

  @Test
  void equalContentsAreEqualBytesWhereverAndWheneverTheyAreMade() throws Exception {
    Path one = BootIso.build(both(), folder, "one.iso", BootIsoTest::nothingOdd);
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.setLastModifiedTime(elsewhere, FileTime.from(Instant.parse("2001-01-01T00:00:00Z")));
    Thread.sleep(1_100);
    Path two = BootIso.build(both(), elsewhere, "another-name.iso", BootIsoTest::nothingOdd);
    assertEquals(-1, Files.mismatch(one, two));
  }

  @Test
  void nobodyElseCanReadItAndNothingIsLeftBesideIt() throws Exception {
    Path iso = BootIso.build(both(), folder, "node.iso", BootIsoTest::nothingOdd);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(iso)));
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void oneFirmwareAloneIsEnoughAndNoneIsRefused() throws Exception {
    Path uefi =
        BootIso.build(
            new BootIso.Content(Map.of("BOOTX64.EFI", noise(10, 1)), new byte[0], SCRIPT),
            folder,
            "uefi.iso",
            BootIsoTest::nothingOdd);
    Path bios =
        BootIso.build(
            new BootIso.Content(Map.of(), noise(10, 1), SCRIPT),
            folder,
            "bios.iso",
            BootIsoTest::nothingOdd);
    assertTrue(Files.size(uefi) > 0 && Files.size(bios) > 0);
    assertThrows(
        IllegalArgumentException.class, () -> new BootIso.Content(Map.of(), new byte[0], SCRIPT));
    assertFalse(both().toString().contains("token"));
  }
}
