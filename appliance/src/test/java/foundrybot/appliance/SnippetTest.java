// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.FirmwareReading;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.snippet.Snippet;
import foundrybot.appliance.snippet.Snippet.Format;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the real servers make of the texts is tested with them; here are those we cannot run. */
class SnippetTest {
  private static final String MAC = "52:54:00:aa:00:01";

  @TempDir Path folder = Path.of("");

  private String text(Format format, boolean allMachines, FirmwareTable firmware) {
    try (LoopbackAppliance files =
        new LoopbackAppliance(folder)
            .entry(MAC, "{ role: worker, name: w1 }")
            .withPort("http", 80)) {
      RackFile rack = files.withAnyPorts().rack();
      BootAnswers answers = BootAnswers.of(rack, firmware, Optional.of(folder.resolve("programs")));
      return Snippet.of(format, rack, answers, allMachines);
    }
  }

  private String text(Format format, boolean allMachines) {
    return text(format, allMachines, FirmwareTable.builtIn());
  }

  /** Set {@code -Dgolden.write=FOLDER} to write the texts there instead. */
  private static void golden(String name, String text) throws IOException {
    String written = System.getProperty("golden.write", "");
    if (!written.isEmpty()) {
      Files.writeString(Path.of(written, name), text);
      return;
    }
    try (InputStream in = SnippetTest.class.getResourceAsStream("snippet/" + name)) {
      assertEquals(
          in == null ? "no " + name : new String(in.readAllBytes(), StandardCharsets.UTF_8), text);
    }
  }

  @Test
  void windowsIsToldInPowerShell() throws IOException {
    golden("windows.ps1", text(Format.WINDOWS, false));
  }

  @Test
  void routerOsIsToldByMatchersForAllMachinesOnly() throws IOException {
    golden("mikrotik.rsc", text(Format.MIKROTIK, true));
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> text(Format.MIKROTIK, false));
    assertTrue(String.valueOf(refused.getMessage()).contains("--all-machines"));
  }

  @Test
  void peopleAreToldInWords() throws IOException {
    golden("generic.txt", text(Format.GENERIC, false));
  }

  @Test
  void otherMachinesAreLeftAloneUnlessAllAreMeant() {
    for (Format format : new Format[] {Format.DNSMASQ, Format.KEA, Format.ISC}) {
      String some = text(format, false);
      assertTrue(some.contains("52-54-00-aa-00-01/snponly.efi"), some);
      String all = text(format, true);
      assertFalse(all.contains("52-54-00-aa-00-01") || all.contains(MAC), all);
      assertTrue(all.contains("autoexec.ipxe") && all.contains("snponly.efi"), all);
    }
  }

  @Test
  void whatTheFirmwareTableSaysOfANodeIsInItsSnippet() {
    FirmwareTable table =
        FirmwareTable.with(
            switch (FirmwareFiles.read(
                """
                rules:
                  own-driver: { nodes: [w1], program: ipxe.efi }
                """,
                "firmware.yaml")) {
              case FirmwareReading.Valid valid -> valid.rules();
              case FirmwareReading.Invalid invalid ->
                  throw new AssertionError(invalid.faults().toString());
            });
    String text = text(Format.DNSMASQ, false, table);
    assertTrue(text.contains(",52-54-00-aa-00-01/ipxe.efi,"), text);
    assertFalse(text.contains("snponly.efi"), text);
  }

  /** RFC 4578 section 2.1: firmware may list several; it boots by the first. */
  @Test
  void ofAListInOption93TheFirstCodeIsCompared() {
    assertTrue(text(Format.KEA, false).contains("substring(option[93].hex, 0, 2) == 0x0007"));
    assertTrue(
        text(Format.ISC, false).contains("substring (option foundrybot-arch, 0, 2) = 00:07"));
  }

  @Test
  void keasTextIsJsonOfClassesThatExcludeEachOther() {
    JsonNode classes = JsonMapper.shared().readTree(text(Format.KEA, false)).get("client-classes");
    for (JsonNode one : classes) {
      String test = one.get("test").asString();
      assertTrue(test.startsWith("pkt4.mac == 0x525400aa0001 and "), test);
      assertEquals(
          one.get("name").asString().contains("ipxe"), !test.contains("not (option[175]"), test);
    }
  }
}
