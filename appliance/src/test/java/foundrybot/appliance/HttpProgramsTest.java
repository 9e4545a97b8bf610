// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.BmcSettings.Processor;
import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.FirmwareReading;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Ports;
import foundrybot.images.BuildException;
import foundrybot.ipxe.BootPrograms;
import foundrybot.ipxe.Platform;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What BMCs are told for HTTP boot is what machines are told by DHCP. */
class HttpProgramsTest {
  private static final String MAC = "52:54:00:aa:00:01";

  @TempDir private Path folder = Path.of("");

  private final TickingClock clock = new TickingClock();
  private final Fleet fleet = new Fleet(FleetTest.rack(MAC), clock.instant());
  private final Node node = fleet.rack().nodes().getFirst();

  @BeforeEach
  void program() throws Exception {
    Files.writeString(folder.resolve("snponly.efi"), "snponly");
  }

  private HttpPrograms programs(FirmwareTable table, boolean signed) throws Exception {
    String digest =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest("snponly".getBytes(StandardCharsets.US_ASCII)));
    BootPrograms programs =
        new BootPrograms(
            folder,
            Map.of(Platform.UEFI_X64, List.of("snponly.efi")),
            Set.of(),
            Map.of("snponly.efi", digest));
    return new HttpPrograms(
        fleet,
        new FleetBootPolicy(
            fleet,
            assertInstanceOf(BootPrograms.Loaded.class, programs.load()),
            () -> table,
            _ -> false,
            signed,
            Ports.STANDARD));
  }

  private static FirmwareTable table(String rule) {
    return FirmwareTable.with(
        assertInstanceOf(FirmwareReading.Valid.class, FirmwareFiles.read("rules:\n" + rule, "f"))
            .rules());
  }

  @Test
  void theUrlHasTheMachinesNameAndNoToken() throws Exception {
    URI url = programs(FirmwareTable.builtIn(), false).program(node, Processor.X64);
    assertEquals("/program/52-54-00-aa-00-01/snponly.efi", url.getPath());
    assertEquals("http", url.getScheme());
  }

  @Test
  void aMachineThatTrustsTheCaIsToldHttps() throws Exception {
    URI url = programs(table("  trusting: { https: true }\n"), false).program(node, Processor.X64);
    assertEquals("https", url.getScheme());
    assertEquals("/program/52-54-00-aa-00-01/snponly.efi", url.getPath());
  }

  @Test
  void secureBootGetsShim() throws Exception {
    FirmwareTable secure = table("  locked: { secure-boot: true }\n");
    URI url = programs(secure, true).program(node, Processor.X64);
    assertTrue(url.getPath().contains("shim"), url::toString);
  }

  @Test
  void aProcessorThatThereIsNoProgramForIsNamed() throws Exception {
    HttpPrograms programs = programs(FirmwareTable.builtIn(), false);
    BuildException none =
        assertThrows(BuildException.class, () -> programs.program(node, Processor.ARM64));
    assertTrue(none.toString().contains("no boot program for architecture 19"), none::toString);
  }
}
