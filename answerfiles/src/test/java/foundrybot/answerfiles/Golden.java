// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Compares a text with a file beside this class.
 *
 * <p>{@code -Dgolden.write=FOLDER} writes the texts there instead; look at the difference before
 * taking them over.
 */
public final class Golden {
  private Golden() {}

  public static void check(String name, String text) {
    String folder = System.getProperty("golden.write", "");
    try {
      if (!folder.isEmpty()) {
        Files.writeString(Path.of(folder, name), text);
        return;
      }
      try (InputStream in = Golden.class.getResourceAsStream(name)) {
        String expected =
            in == null ? "no " + name : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(expected, text, name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
