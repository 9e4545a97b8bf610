// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as a program of the root tree. */
final class ElfFuzzTest {
  /** A program is read or refused with a reason, within bounded memory. */
  @FuzzTest
  void elf(byte[] file) {
    if (!ElfNeeds.isElf64(file)) {
      return;
    }
    try {
      ElfNeeds needs = ElfNeeds.read(file);
      assertTrue(needs.searchPath().stream().allMatch(folder -> folder.startsWith("/")));
    } catch (IllegalArgumentException e) {
      assertTrue(String.valueOf(e.getMessage()).matches("ELF: [ -~]{1,200}"), e::toString);
    }
  }
}
