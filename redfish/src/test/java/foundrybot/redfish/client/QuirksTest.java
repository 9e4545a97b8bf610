// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.client.FirmwareRange.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which row of the table holds for whom. */
class QuirksTest {
  @ParameterizedTest
  @CsvSource({
    "2.80, 2.80",
    "iLO 5 v2.55, 2.55",
    "iLO 6 v1.10 Nov 02 2022, 1.10",
    "7.00.30.00, 7.0.30.0",
    "01.73.04, 1.73.4",
    "AFBT10B 1.30 2023-01-01, 1.30",
    "CDI3A4E-3.10, 3.10",
    "12, 12",
    "'2.7', 2.7.0.0"
  })
  void aVersionIsReadAsItsVendorWritesIt(String text, String plain) {
    Version read = Version.of(text).orElseThrow();
    assertEquals(0, read.compareTo(Version.of(plain).orElseThrow()), read::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "2.9, 2.80",
    "iLO 5 v2.55, iLO 5 v2.80",
    "6.10.80.00, 7.00.30.00",
    "01.73.04, 01.73.12",
    "01.73, 01.73.01",
    "9.99, 10.0"
  })
  void versionsAreComparedPartByPart(String older, String newer) {
    assertTrue(Version.of(older).orElseThrow().compareTo(Version.of(newer).orElseThrow()) < 0);
    FirmwareRange range = FirmwareRange.from(newer);
    assertTrue(range.has(newer) && !range.has(older), range::text);
    FirmwareRange until = FirmwareRange.before(newer);
    assertTrue(until.has(older) && !until.has(newer), until::text);
  }

  @Test
  void oneThatCannotBeReadMayBeInAnyRange() {
    assertEquals(Optional.empty(), Version.of("iLO 5"));
    assertEquals(Optional.empty(), Version.of("unknown"));
    FirmwareRange range = FirmwareRange.between("7.00", "7.20");
    assertEquals("from 7.00, before 7.20", range.text());
    assertTrue(range.has("") && range.has("7.00.30.00"));
    assertFalse(range.has("7.20.10.05") || range.has("6.10.80.00"));
    assertTrue(FirmwareRange.ANY.has("1") && FirmwareRange.ALL_SEEN.has("99"));
    FirmwareRange seen = FirmwareRange.seen("iLO 6 1.58, 1.72");
    assertEquals("seen: iLO 6 1.58, 1.72", seen.text());
    assertTrue(seen.has("iLO 6 v1.40") && seen.has("2.10"), "nobody has said where it ends");
  }

  @Test
  void aRowHoldsForItsVendorsFirmwareInItsRangeAlone() {
    Quirks.Row row =
        new Quirks.Row(
            "r", "hpe", "iLO 5", "", FirmwareRange.before("2.80"), new Quirks.ModeAtRestart(), "x");
    assertTrue(row.applies(new Quirks.Who("HPE", "Gen10 iLO 5", "iLO 5 v2.55")));
    assertFalse(row.applies(new Quirks.Who("HPE", "Gen10 iLO 5", "iLO 5 v2.80")));
    assertFalse(row.applies(new Quirks.Who("HPE", "Gen11 iLO 6", "iLO 6 v1.10")));
    assertFalse(row.applies(new Quirks.Who("Dell", "iLO 5", "2.55")));
  }

  @Test
  void lenovosSlotsAreOfTheFirmwareThatHasThemAndOfLaterGenerationsWhichCountAnew() {
    for (String[] one :
        new String[][] {
          {"ThinkSystem SD530", "2.41", "no"},
          {"ThinkSystem SD530", "CDI3A4E-2.50", "yes"},
          {"ThinkSystem SD530", "", "yes"},
          {"ThinkSystem SR630 V2", "AFBT20X 1.89", "yes"}
        }) {
      Quirks.Who who = new Quirks.Who("Lenovo", one[0], one[1]);
      assertEquals(
          one[2].equals("yes"),
          Quirks.of(who, Set.of()).first(Quirks.MediaFirst.class).isPresent(),
          who::toString);
    }
  }

  @Test
  void dellsGenerationsWithoutHttpBootHaveNoRowsAboutIt() {
    Quirks.Who old = new Quirks.Who("Dell Inc.", "PowerEdge R730 13G Monolithic", "2.70.70.70");
    assertTrue(Quirks.of(old, Set.of()).all(Quirks.HttpBootInSetup.class).isEmpty());
    assertTrue(Quirks.of(old, Set.of()).all(Quirks.HttpBootOnlyOnce.class).isEmpty());
    Quirks.Who late = new Quirks.Who("Dell Inc.", "PowerEdge R670 17G Monolithic", "1.20.25.00");
    assertEquals(1, Quirks.of(late, Set.of()).all(Quirks.HttpBootInSetup.class).size());
  }

  @Test
  void theRackFileHasTheLastWord() {
    Quirks.Who dell = new Quirks.Who("Dell Inc.", "PowerEdge", "7.00.30.00");
    assertTrue(Quirks.of(dell, Set.of()).first(Quirks.HttpBootOnlyOnce.class).isPresent());
    assertTrue(
        Quirks.of(dell, Set.of("no-dell-http-once"))
            .first(Quirks.HttpBootOnlyOnce.class)
            .isEmpty());
    Quirks.Who other = new Quirks.Who("Acme", "Box", "1");
    assertTrue(
        Quirks.of(other, Set.of("lenovo-media-slots")).first(Quirks.MediaFirst.class).isPresent());
  }

  @Test
  void eachRowHasAReferenceANameOfItsOwnAndALineInThePage() throws IOException {
    String page = Files.readString(Path.of("../docs/bmc.md"));
    Set<String> names = new HashSet<>();
    for (Quirks.Row row : QuirkTable.ROWS) {
      assertTrue(names.add(row.name()), row.name());
      assertFalse(row.reference().isBlank(), row.name());
      String line = "| `" + row.name() + "` | " + row.firmware().text() + " | ";
      assertTrue(page.contains(line), line);
    }
    assertEquals(names, new HashSet<>(List.copyOf(RedfishBmc.quirks())));
  }
}
