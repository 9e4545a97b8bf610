// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.ipxe.BootPrograms.Loaded;
import foundrybot.ipxe.BootPrograms.Refused;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootProgramsTest {

  /** SHA-256 of "one" and of "two", by sha256sum. */
  private static final String ONE =
      "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";

  private static final String TWO =
      "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3";

  @TempDir Path folder;

  private BootPrograms own() {
    return new BootPrograms(
        folder,
        Map.of(Platform.UEFI_ARM64, List.of("a.efi", "b.efi")),
        Set.of(),
        Map.of("a.efi", ONE, "b.efi", TWO));
  }

  @Test
  void programsWithTheExpectedDigestsAreLoadedTheDefaultFirst() throws IOException {
    Files.writeString(folder.resolve("a.efi"), "one");
    Files.writeString(folder.resolve("b.efi"), "two");
    Loaded loaded = assertInstanceOf(Loaded.class, own().load());
    BootProgram program = loaded.defaultFor(Platform.UEFI_ARM64).orElseThrow();
    assertEquals("a.efi", program.name());
    assertEquals(3, program.size());
    assertEquals(ONE, program.sha256());
    assertEquals(folder.resolve("a.efi"), program.path());
    assertEquals("b.efi", loaded.find(Platform.UEFI_ARM64, "b.efi").orElseThrow().name());
    assertTrue(loaded.defaultFor(Platform.BIOS_X86).isEmpty());
    assertEquals(2, loaded.byName().size());
  }

  @Test
  void whatWasCheckedIsWhatIsServedEvenIfTheFileChangesLater() throws IOException {
    Files.writeString(folder.resolve("a.efi"), "one");
    Files.writeString(folder.resolve("b.efi"), "two");
    Loaded loaded = assertInstanceOf(Loaded.class, own().load());
    Files.writeString(folder.resolve("a.efi"), "evil");
    BootProgram program = loaded.defaultFor(Platform.UEFI_ARM64).orElseThrow();
    for (int twice = 0; twice < 2; twice++) {
      assertEquals("one", StandardCharsets.US_ASCII.decode(program.content()).toString());
    }
  }

  @Test
  void everyProblemNamesTheFileTheDigestsAndTheCure() throws IOException {
    Files.writeString(folder.resolve("b.efi"), "one");
    Refused refused = assertInstanceOf(Refused.class, own().load());
    String cure = "; copy the file of ipxe 1.0.0+git-20190125.36a4c85-5.1 of Debian 12 there";
    assertEquals(
        List.of(
            folder.resolve("a.efi") + ": missing (expected: sha256 " + ONE + ")" + cure,
            folder.resolve("b.efi")
                + ": sha256 "
                + ONE
                + " (expected: "
                + TWO
                + ")"
                + cure
                + ", or set boot-programs.b.efi to "
                + ONE
                + " if you trust this file"),
        refused.problems());
  }

  @Test
  void aDigestFromTheRackFileReplacesTheBuiltInOne() throws IOException {
    for (String name : List.of("undionly.kpxe", "snponly.efi", "ipxe.efi")) {
      Files.writeString(folder.resolve(name), "one");
    }
    BootPrograms programs = BootPrograms.debian12().in(folder);
    assertEquals(3, assertInstanceOf(Refused.class, programs.load()).problems().size());
    Map<String, String> trusted = Map.of("undionly.kpxe", ONE, "snponly.efi", ONE, "ipxe.efi", ONE);
    assertInstanceOf(Loaded.class, programs.trusting(trusted).load());
  }

  @Test
  void aProgramThatIsOnlyNamedIsCheckedAndFoundByNameButIsNobodysDefault() throws IOException {
    Files.writeString(folder.resolve("odd.efi"), "one");
    BootPrograms programs =
        new BootPrograms(folder, Map.of(), Set.of("odd.efi"), Map.of("odd.efi", ONE));
    Loaded loaded = assertInstanceOf(Loaded.class, programs.load());
    assertEquals(Set.of("odd.efi"), loaded.byName().keySet());
    assertTrue(loaded.defaultFor(Platform.UEFI_X64).isEmpty());
    Refused unknown = assertInstanceOf(Refused.class, programs.also(Set.of("new.efi")).load());
    assertEquals(
        List.of(
            folder.resolve("new.efi")
                + ": missing (expected: sha256 none known for this name); put the program there and"
                + " its SHA-256 under boot-programs.new.efi, or name another program"),
        unknown.problems());
    assertInstanceOf(Refused.class, programs.trusting(Map.of("odd.efi", TWO)).load());
  }

  @Test
  void aProgramForAFurtherPlatformNeedsADigest() throws IOException {
    Files.writeString(folder.resolve("arm.efi"), "one");
    BootPrograms programs =
        new BootPrograms(folder, Map.of(), Set.of(), Map.of())
            .offering(Platform.UEFI_ARM64, List.of("arm.efi"));
    Refused refused = assertInstanceOf(Refused.class, programs.load());
    assertTrue(
        refused.problems().getFirst().contains("expected: none known for this name"),
        refused.toString());
    assertInstanceOf(Loaded.class, programs.trusting(Map.of("arm.efi", ONE)).load());
  }

  @Test
  void aFolderInTheFilesPlaceOrAHugeFileIsAProblemAndNotACrash() throws IOException {
    Files.createDirectory(folder.resolve("a.efi"));
    try (RandomAccessFile huge = new RandomAccessFile(folder.resolve("b.efi").toFile(), "rw")) {
      huge.setLength(BootPrograms.MAX_SIZE + 1L);
    }
    List<String> problems = assertInstanceOf(Refused.class, own().load()).problems();
    assertTrue(problems.get(0).contains("cannot be read"), problems.toString());
    assertTrue(problems.get(1).contains("larger than 16777216 bytes"), problems.toString());
  }

  @Test
  void pathsAndBrokenDigestsAreRefusedAtOnce() {
    assertThrows(
        IllegalArgumentException.class,
        () -> own().offering(Platform.BIOS_X86, List.of("../etc/passwd")));
    assertThrows(IllegalArgumentException.class, () -> own().trusting(Map.of("a.efi", "beef")));
  }

  @Test
  @Tag("slow")
  void debiansInstalledPackageIsTheExpectedOne() {
    Loaded loaded = assertInstanceOf(Loaded.class, BootPrograms.debian12().load());
    assertEquals("undionly.kpxe", loaded.defaultFor(Platform.BIOS_X86).orElseThrow().name());
    assertEquals("snponly.efi", loaded.defaultFor(Platform.UEFI_X64).orElseThrow().name());
  }
}
