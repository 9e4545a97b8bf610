// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootCfgTest {
  /** Of the form that installers' images have; shortened. */
  private static final String OF_IMAGE =
      """
      bootstate=0
      title=Loading ESXi installer
      timeout=5
      prefix=
      kernel=/b.b00
      kernelopt=cdromBoot runweasel
      modules=/jumpstrt.gz --- /useropts.gz --- /k.b00
      build=8.0.3-0.0.24022510
      updated=0
      """;

  @Test
  void whatIsMadeForACdIsFetchedFromBesideTheFile() {
    BootCfg cfg = BootCfg.forNetwork(OF_IMAGE);
    assertEquals(
        """
        bootstate=0
        title=Loading ESXi installer
        timeout=5
        kernel=b.b00
        kernelopt=runweasel
        modules=jumpstrt.gz --- useropts.gz --- k.b00
        build=8.0.3-0.0.24022510
        updated=0
        """,
        cfg.text());
    assertEquals(List.of("b.b00", "jumpstrt.gz", "useropts.gz", "k.b00"), cfg.files());
    assertEquals(cfg, BootCfg.forNetwork(cfg.text()));
  }

  @ParameterizedTest
  @CsvSource({
    "/k.b00,/../k.b00,modules: ../k.b00 (expected: the name of",
    "/k.b00,/a/k.b00,modules: a/k.b00 (expected: the name of",
    "/k.b00,/a b,modules: a b (expected: the name of",
    "kernel=/b.b00,kernel=,kernel:  (expected: the name of",
    "modules=,module=,no lines kernel= and modules=",
  })
  void aListThatNamesNoFileBesideItIsRefused(String from, String to, String said) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> BootCfg.forNetwork(OF_IMAGE.replace(from, to)));
    assertTrue(String.valueOf(refused.getMessage()).startsWith(said), refused::getMessage);
  }
}
