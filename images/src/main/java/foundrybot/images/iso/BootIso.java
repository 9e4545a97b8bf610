// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.iso;

import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import foundrybot.images.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Builds an ISO image that boots iPXE with a script, by UEFI and by BIOS (El Torito 1.0). The
 * script is a secret: no file of it can be read by others at any moment.
 *
 * <p>UEFI starts {@code EFI/BOOT/BOOTX64.EFI} of a FAT image, and iPXE since 2021 looks for {@code
 * autoexec.ipxe} where it came from: builds before 2024 in the root, later ones beside the program,
 * so it lies in both. BIOS starts ISOLINUX, which gives iPXE's {@code ipxe.lkrn} the script as an
 * initrd; builds of 2019 take it as well.
 */
public final class BootIso {
  /** What it is made with; the package is called the same. */
  static final String XORRISO = "xorriso";

  private static final Path ISOLINUX = Path.of("/usr/lib/ISOLINUX/isolinux.bin");
  private static final Path LDLINUX = Path.of("/usr/lib/syslinux/modules/bios/ldlinux.c32");

  private static final Instant NO_TIME = Instant.parse("2000-01-01T00:00:00Z");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String FAT = "EFI.IMG";
  private static final FileAttribute<Set<PosixFilePermission>> OWN_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWN_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final String ISOLINUX_CONFIG =
      """
      DEFAULT ipxe
      PROMPT 0
      LABEL ipxe
        LINUX ipxe.krn
        INITRD script.ipx
      """;

  private BootIso() {}

  /**
   * What goes onto it.
   *
   * @param uefi iPXE programs by the name that firmware looks for, such as {@code BOOTX64.EFI}; may
   *     be empty
   * @param bios iPXE's {@code ipxe.lkrn}; empty for none
   * @param script of iPXE
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  public record Content(Map<String, byte[]> uefi, byte[] bios, byte[] script) {
    public Content {
      uefi = Map.copyOf(new TreeMap<>(uefi));
      if (uefi.isEmpty() && bios.length == 0) {
        throw new IllegalArgumentException(
            "boot medium: no program (expected: one for UEFI or BIOS)");
      }
    }

    @Override
    public String toString() {
      return "Content[" + uefi.keySet() + "]";
    }
  }

  /** Why no medium that boots under a BIOS can be made on this machine; empty if it can. */
  public static Optional<String> missingForBios() {
    for (Path file : List.of(ISOLINUX, LDLINUX)) {
      if (!Files.isReadable(file)) {
        return Optional.of(file + ": missing; apt install isolinux syslinux-common");
      }
    }
    return Optional.empty();
  }

  /**
   * Writes the image; equal contents give equal bytes.
   *
   * @param folder of the owner alone, in which the image appears complete or not at all, and stays
   *     whatever happens from then on
   * @param said what was odd and came right, for a log
   * @throws BuildException if xorriso is missing or fails, or a file cannot be written
   */
  public static Path build(Content content, Path folder, String name, Consumer<String> said) {
    return build(Tool.named(XORRISO, XORRISO), content, folder, name, said);
  }

  /** With that xorriso. */
  static Path build(
      Tool xorriso, Content content, Path folder, String name, Consumer<String> said) {
    try {
      Path work = Files.createTempDirectory(folder, "making", OWN_FOLDER);
      try {
        return build(xorriso, content, work, folder.resolve(name), said);
      } finally {
        FileTrees.delete(work);
      }
    } catch (IOException e) {
      throw new BuildException(folder + ": boot medium cannot be written", e);
    }
  }

  private static Path build(
      Tool xorriso, Content content, Path work, Path target, Consumer<String> said)
      throws IOException {
    Path tree = Files.createDirectory(work.resolve("tree"), OWN_FOLDER);
    Path made = Files.createFile(work.resolve("made.iso"), OWN_FILE);
    List<String> arguments =
        new ArrayList<>(
            List.of("-as", "mkisofs", "-quiet", "-r", "-V", "FOUNDRYBOT", "-o", made.toString()));
    if (content.bios().length > 0) {
      Path isolinux = Files.createDirectory(tree.resolve("isolinux"), OWN_FOLDER);
      put(isolinux.resolve("isolinux.bin"), Files.readAllBytes(ISOLINUX));
      put(isolinux.resolve("ldlinux.c32"), Files.readAllBytes(LDLINUX));
      put(isolinux.resolve("isolinux.cfg"), ISOLINUX_CONFIG.getBytes(StandardCharsets.US_ASCII));
      put(isolinux.resolve("ipxe.krn"), content.bios());
      put(isolinux.resolve("script.ipx"), content.script());
      stamp(isolinux);
      arguments.addAll(List.of("-b", "isolinux/isolinux.bin", "-c", "isolinux/boot.cat"));
      arguments.addAll(List.of("-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"));
    }
    if (!content.uefi().isEmpty()) {
      FatImage fat = new FatImage().file("autoexec.ipxe", content.script());
      new TreeMap<>(content.uefi()).forEach((name, bytes) -> fat.file("EFI/BOOT/" + name, bytes));
      put(tree.resolve(FAT), fat.file("EFI/BOOT/autoexec.ipxe", content.script()).bytes());
      if (content.bios().length > 0) {
        arguments.add("-eltorito-alt-boot");
      }
      arguments.addAll(List.of("-e", FAT, "-no-emul-boot"));
    }
    stamp(tree);
    arguments.add(tree.toString());
    xorriso
        .with("SOURCE_DATE_EPOCH", Long.toString(NO_TIME.getEpochSecond()))
        .within(LIMIT)
        .in(work)
        .runTwiceIfKilled(
            what -> {
              said.accept(what);
              empty(made);
            },
            arguments);
    FileTrees.force(made);
    Files.move(made, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    FileTrees.force(target.toAbsolutePath().resolveSibling(""));
    return target;
  }

  /** Of what was written until xorriso broke off. */
  private static void empty(Path file) {
    try {
      Files.write(file, new byte[0]);
    } catch (IOException e) {
      throw new BuildException(file + ": boot medium cannot be written", e);
    }
  }

  private static void put(Path file, byte[] content) throws IOException {
    Files.createFile(file, OWN_FILE);
    Files.write(file, content);
    stamp(file);
  }

  private static void stamp(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(NO_TIME));
  }
}
