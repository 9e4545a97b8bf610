// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordFileTest {
  private final List<String> warnings = new ArrayList<>();

  private String refusal(Path file) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> PasswordFile.read(file, warnings::add))
            .getMessage());
  }

  /** Its size is 0, and who reads it to its end never ends. */
  @Test
  void aDeviceWithoutAnEndIsRefused() {
    String said = refusal(Path.of("/dev/zero"));
    assertEquals("password-file: /dev/zero: more than 1 MiB (expected: a secret)", said);
    assertTrue(refusal(Path.of("/dev/null")).contains("empty"));
  }

  @Test
  void lineOneIsTheSecretAndRightsThatAreTooWideAreSaid(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("pw"), "first\nsecond\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertEquals("first", PasswordFile.read(file, warnings::add).reveal());
    assertEquals(List.of(), warnings);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertEquals("first", PasswordFile.read(file, warnings::add).reveal());
    assertEquals(1, warnings.size());
  }
}
