// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.BuildException;
import foundrybot.images.Tool;
import foundrybot.images.mirror.MirrorRequest.Suite;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorSignatureTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path folder;

  private MirrorKey key() {
    return MirrorKey.in(folder, NOW, new SecureRandom());
  }

  @Test
  void theKeyIsMadeOnceAndOnlyItsOwnerMayReadIt() throws IOException {
    byte[] first = key().publicKeyring();
    assertArrayEquals(first, key().publicKeyring());
    assertEquals(
        PosixFilePermissions.fromString("rw-------"),
        Files.getPosixFilePermissions(folder.resolve("mirror-signing-key.pgp")));
  }

  @Test
  void aReleaseNamesItsDateAndChecksums() {
    String text = MirrorTree.release(Suite.BOOKWORM, NOW, " 00 1 main/x\n");
    assertTrue(text.contains("Date: Fri, 02 Jan 2026 03:04:05 UTC\n"), text);
    assertTrue(text.endsWith("SHA256:\n 00 1 main/x\n"), text);
  }

  @Test
  void theOverlayCarriesTheKeyAndARunnableHook() throws IOException {
    byte[] keyring = key().publicKeyring();
    Map<String, Long> modes = new TreeMap<>();
    try (CpioArchiveInputStream cpio =
        new CpioArchiveInputStream(
            new GZIPInputStream(new ByteArrayInputStream(InitrdOverlay.of(keyring))))) {
      for (CpioArchiveEntry e = cpio.getNextEntry(); e != null; e = cpio.getNextEntry()) {
        modes.put(e.getName(), e.getMode());
        if (e.getName().endsWith("archive.gpg")) {
          assertArrayEquals(keyring, cpio.readAllBytes());
        }
      }
    }
    assertEquals(0100644L, modes.get("usr/share/keyrings/archive.gpg"));
    assertEquals(0100755L, modes.get("usr/lib/base-installer.d/05foundrybot-mirror-key"));
    assertEquals(040755L, modes.get("usr/lib"));
  }

  @Test
  @Tag("slow")
  void gpgvAcceptsBothSignaturesAndRefusesAChangedFile() throws IOException {
    MirrorKey key = key();
    String text = MirrorTree.release(Suite.BOOKWORM, NOW, " 00 1 main/x\n");
    Path release = Files.writeString(folder.resolve("Release"), text);
    Path detached =
        Files.write(
            folder.resolve("Release.gpg"),
            key.detached(text.getBytes(StandardCharsets.UTF_8), NOW));
    Path inRelease = Files.write(folder.resolve("InRelease"), key.clearSigned(text, NOW));
    gpgv(key, inRelease.toString());
    gpgv(key, detached.toString(), release.toString());
    Files.writeString(release, text.replace("12", "13"));
    assertThrows(BuildException.class, () -> gpgv(key, detached.toString(), release.toString()));
    Files.writeString(inRelease, Files.readString(inRelease).replace(" 00 1", " 01 1"));
    assertThrows(BuildException.class, () -> gpgv(key, inRelease.toString()));
  }

  private static void gpgv(MirrorKey key, String... files) {
    String[] arguments = new String[files.length + 2];
    arguments[0] = "--keyring";
    arguments[1] = key.publicFile().toString();
    System.arraycopy(files, 0, arguments, 2, files.length);
    Tool.named("gpgv", "gpgv").run(arguments);
  }
}
