// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ElfNeedsTest {
  @Test
  void theShellOfThisMachineNeedsALoaderAndTheCLibrary() {
    ElfNeeds needs = ElfNeeds.read(FileTree.bytes(Path.of("/bin/sh")));
    assertTrue(needs.interpreter().orElseThrow().contains("ld-linux"));
    assertTrue(needs.libraries().contains("libc.so.6"), needs.toString());
  }

  @Test
  void aScriptIsNoElfFile() {
    byte[] script = "#!/bin/sh\nexit 0\n".repeat(10).getBytes(StandardCharsets.US_ASCII);
    assertFalse(ElfNeeds.isElf64(script));
    assertThrows(IllegalArgumentException.class, () -> ElfNeeds.read(script));
  }
}
