// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.FirmwareReading;
import foundrybot.answerfiles.FirmwareRule;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootStyle;
import foundrybot.bootserver.BootStyle.VendorOptions;
import foundrybot.bootserver.MacAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FirmwareTableTest {
  private static BootClient client(int architecture, String mac) {
    return new BootClient(
        MacAddress.parse(mac).orElseThrow(),
        Optional.empty(),
        new Architecture(architecture),
        BootClient.Program.FIRMWARE,
        BootClient.Transport.PXE,
        "PXEClient");
  }

  private static FirmwareTable table(String yaml) {
    return FirmwareTable.with(
        assertInstanceOf(FirmwareReading.Valid.class, FirmwareFiles.read(yaml, "f")).rules());
  }

  @Test
  void aMachineOfWhichNothingIsKnownGetsWhatIsUsual() {
    FirmwareTable.Choice bios =
        FirmwareTable.builtIn().choose(client(0, "52:54:00:00:00:01"), Optional.empty());
    assertEquals(BootStyle.BIOS, bios.style());
    assertEquals("", bios.because());
    FirmwareTable.Choice uefi =
        FirmwareTable.builtIn().choose(client(7, "52:54:00:00:00:01"), Optional.empty());
    assertEquals(BootStyle.PLAIN, uefi.style());
  }

  @Test
  void aRaspberryPiIsNotBelievedToBeAnX86Bios() {
    for (String oui :
        List.of(
            "b8:27:eb", "dc:a6:32", "e4:5f:01", "28:cd:c1", "d8:3a:dd", "2c:cf:67", "88:a2:9e")) {
      FirmwareTable.Choice pi =
          FirmwareTable.builtIn().choose(client(0, oui + ":00:00:01"), Optional.empty());
      assertEquals(41, pi.client().architecture().code(), oui);
      assertEquals(BootStyle.RASPBERRY_PI, pi.style());
      assertEquals("; firmware table: raspberry-pi", pi.because());
    }
  }

  @Test
  void theFirstRowThatNamesAPropertyDecidesItAndTheUsersRowsComeFirst() {
    FirmwareTable table =
        table(
            """
            rules:
              one: { oui: ["52:54:00"], program: ipxe.efi }
              two: { architecture: [7], program: other.efi, vendor-options: skip-discovery }
              pi: { oui: ["dc:a6:32"], treat-as: 11 }
            """);
    FirmwareTable.Choice choice = table.choose(client(7, "52:54:00:00:00:01"), Optional.empty());
    assertEquals(Optional.of("ipxe.efi"), choice.program());
    assertEquals(VendorOptions.SKIP_DISCOVERY, choice.style().vendorOptions());
    assertEquals(List.of("one", "two"), choice.rules().stream().map(FirmwareRule::name).toList());
    assertEquals(
        11,
        table
            .choose(client(0, "dc:a6:32:00:00:01"), Optional.empty())
            .client()
            .architecture()
            .code());
  }

  @Test
  void aRowSaysWhichMachinesRunSignedProgramsOnlyAndWhoseIpxeIsReplaced() {
    FirmwareTable table =
        table(
            """
            rules:
              signed: { nodes: [w1], secure-boot: true }
              old-rom: { nodes: [w2], replace-ipxe: true }
            """);
    FirmwareTable.Choice w1 = table.choose(client(7, "52:54:00:00:00:01"), Optional.of("w1"));
    FirmwareTable.Choice w2 = table.choose(client(7, "52:54:00:00:00:02"), Optional.of("w2"));
    assertTrue(w1.secureBoot());
    assertFalse(w1.replaceIpxe());
    assertTrue(w2.replaceIpxe());
    assertFalse(w2.secureBoot());
  }

  @Test
  void aRowSaysWhichMachinesVerifyWhatTheyRunAndNoBuiltInRowDoes() {
    FirmwareTable table = table("rules:\n  own: { oui: ['52:54:00'], verifies-images: true }\n");
    BootClient machine = client(7, "52:54:00:00:00:01");
    assertTrue(table.choose(machine, Optional.empty()).verifiesImages());
    assertEquals("; firmware table: own", table.choose(machine, Optional.empty()).because());
    assertFalse(table.choose(client(7, "52:54:01:00:00:01"), Optional.empty()).verifiesImages());
    assertFalse(FirmwareTable.builtIn().choose(machine, Optional.empty()).verifiesImages());
  }

  @Test
  void aRowCanHaveAMachineIgnored() {
    FirmwareTable table = table("rules:\n  printers: { nodes: [w9], ignore: true }\n");
    assertEquals(
        Optional.of("printers"),
        table.choose(client(7, "52:54:00:00:00:01"), Optional.of("w9")).ignored());
    assertEquals(
        Optional.empty(),
        table.choose(client(7, "52:54:00:00:00:01"), Optional.of("w8")).ignored());
  }
}
