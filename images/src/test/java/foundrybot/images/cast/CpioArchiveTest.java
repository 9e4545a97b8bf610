// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpioArchiveTest {
  private static byte[] bytes(CpioArchive archive) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    archive.writeTo(out);
    return out.toByteArray();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void anotherReaderSeesWhatWasWritten() throws IOException {
    CpioArchive archive =
        new CpioArchive()
            .file("usr/bin/a", 0755, text("abc"))
            .symlink("bin", "usr/bin")
            .characterDevice("dev/console", 0600, 5, 1);
    List<String> seen = new ArrayList<>();
    try (CpioArchiveInputStream in =
        new CpioArchiveInputStream(new ByteArrayInputStream(bytes(archive)))) {
      for (CpioArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        String data = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        seen.add(entry.getName() + " " + Long.toOctalString(entry.getMode()) + " " + data);
        assertEquals(0, entry.getUID() + entry.getGID() + entry.getTime());
        if (entry.isCharacterDevice()) {
          assertEquals(5, entry.getRemoteDeviceMaj());
          assertEquals(1, entry.getRemoteDeviceMin());
        }
      }
    }
    assertEquals(
        List.of(
            "bin 120777 usr/bin",
            "dev 40755 ",
            "dev/console 20600 ",
            "usr 40755 ",
            "usr/bin 40755 ",
            "usr/bin/a 100755 abc"),
        seen);
  }

  @Test
  void theOrderOfAddingDoesNotShow() throws IOException {
    byte[] one = bytes(new CpioArchive().file("a", 0644, text("1")).file("b/c", 0644, text("2")));
    byte[] two = bytes(new CpioArchive().file("b/c", 0644, text("2")).file("a", 0644, text("1")));
    assertArrayEquals(one, two);
  }

  @Test
  void headersLieOnMultiplesOfFour() throws IOException {
    for (int length = 0; length < 9; length++) {
      byte[] all =
          bytes(
              new CpioArchive()
                  .file("f".repeat(1 + length), 0644, new byte[length])
                  .file("z", 0644, new byte[0]));
      String seen = new String(all, StandardCharsets.ISO_8859_1);
      assertEquals(0, all.length % 4);
      for (int at = seen.indexOf("070701"); at >= 0; at = seen.indexOf("070701", at + 6)) {
        assertEquals(0, at % 4);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/etc/passwd", "a/../../b", "..", "a/", "TRAILER!!!", "a\0b"})
  void aPathThatLeadsElsewhereIsRefused(String path) {
    CpioArchive archive = new CpioArchive();
    assertThrows(IllegalArgumentException.class, () -> archive.file(path, 0644, new byte[0]));
  }
}
