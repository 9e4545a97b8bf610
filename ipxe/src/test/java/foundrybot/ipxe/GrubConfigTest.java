// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrubConfigTest {
  private static String text(GrubConfig config) {
    return new String(config.bytes(), StandardCharsets.US_ASCII);
  }

  @Test
  void everyWordReachesTheKernelAsItIs() {
    String config =
        text(
            GrubConfig.start(
                "w1: debian-12",
                "/m/linux",
                List.of("/m/initrd.gz"),
                List.of("auto=true", "url=http://10.77.0.1/node/ab/preseed.cfg", "a=\"$x;#\\\"")));
    assertTrue(
        config.contains(
            "if linux '/m/linux' 'auto=true' 'url=http://10.77.0.1/node/ab/preseed.cfg'"
                + " 'a=\"$x;#\\\"'\n"),
        config);
    assertTrue(config.contains("then if initrd '/m/initrd.gz'\n"), config);
  }

  @Test
  void whatCouldEndAQuoteOrALineIsRefused() {
    for (String bad : List.of("a'b", "a\nb", "", "ä")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> GrubConfig.start("t", "/m/linux", List.of("/m/initrd.gz"), List.of(bad)),
          bad);
    }
  }

  @Test
  void aTitleOfAnyKindIsShownAndDoesNothing() {
    String config = text(GrubConfig.start("it's\n'; reboot", "/l", List.of("/i"), List.of()));
    assertEquals(1, config.lines().filter(line -> line.strip().startsWith("reboot")).count());
    assertEquals(0, config.chars().filter(c -> c == '\'').count() % 2);
  }

  @Test
  void eachMachineHasAConfigurationUnderItsOwnMac() {
    assertTrue(
        text(GrubConfig.ofAnyone("/boot/"))
            .startsWith("configfile \"/boot/${net_default_mac}/grub.cfg\"\n"));
  }

  @Test
  void anInstalledMachineGoesOnToTheSignedLoaderOnItsDisk() {
    String config = text(GrubConfig.localDisk());
    assertTrue(config.contains("chainloader '/EFI/debian/shimx64.efi'"), config);
    assertTrue(config.endsWith("exit\n"), config);
  }

  @Test
  void shimIsOfferedOnlyTogetherWithItsGrub(@TempDir Path folder) throws Exception {
    Path shim = Files.writeString(folder.resolve("shim"), "s");
    Map<String, Path> files =
        Map.of(SignedPrograms.SHIM, shim, SignedPrograms.GRUB, folder.resolve("grub"));
    assertEquals(Map.of(), SignedPrograms.contents(files));
    Files.writeString(folder.resolve("grub"), "g");
    assertEquals(
        Set.of(SignedPrograms.SHIM, SignedPrograms.GRUB), SignedPrograms.contents(files).keySet());
  }
}
