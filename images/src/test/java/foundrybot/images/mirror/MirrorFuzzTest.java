// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Any text as an index of packages, and as apt's sources. */
final class MirrorFuzzTest {
  private static final List<String> FIELDS =
      List.of("Package", "version", "Description", "Filename", "Depends");

  /** Paragraphs are read again as they were written, and a change touches one field only. */
  @FuzzTest
  void stanzas(byte[] bytes) {
    List<Stanza> stanzas = Stanza.parseAll(new String(bytes, StandardCharsets.UTF_8));
    String written = stanzas.stream().map(Stanza::toString).collect(Collectors.joining("\n"));
    List<Stanza> again = Stanza.parseAll(written);
    assertEquals(texts(stanzas), texts(again));
    for (Stanza stanza : stanzas) {
      Stanza changed = stanza.with("Filename", "pool/a.deb");
      assertEquals("pool/a.deb", changed.without("X-Other").get("Filename"));
      for (String field : FIELDS) {
        assertTrue(stanza.has(field) || stanza.get(field).isEmpty());
        if (stanza.has(field) && !field.equals("Filename")) {
          assertEquals(stanza.get(field), changed.get(field));
        }
      }
      id(stanza);
    }
  }

  private static List<String> texts(List<Stanza> stanzas) {
    return stanzas.stream().map(Stanza::toString).toList();
  }

  /** What names a file in the mirror can name none outside of it. */
  private static void id(Stanza stanza) {
    try {
      String name = stanza.id().aptFileName("deb");
      assertFalse(name.contains("/") || name.contains("\0"), name);
      assertTrue(Path.of("/pool").resolve(name).normalize().startsWith("/pool/"), name);
    } catch (IllegalArgumentException e) {
      assertTrue(String.valueOf(e.getMessage()).startsWith("package: "), e::toString);
    }
  }

  /** Entries of sources.list are plain words, and read again as they were written. */
  @FuzzTest
  void sources(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (AptSource source : AptSource.oneLines(text)) {
      assertEquals(List.of(source), AptSource.oneLines(source.oneLine()));
    }
    for (AptSource source : AptSource.deb822(text)) {
      assertTrue(source.oneLine().matches("[ -~]+\n"), source.oneLine());
    }
  }
}
