// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What Alpine Linux lays over its root at boot (an apkovl): a tar archive, packed by gzip.
 *
 * <p>It is written as YAML, a list of {@code {path, mode, text}} and {@code {path, link}}, so that
 * a template can hold it and a person can read it; the archive of the same text is the same bytes.
 * Everything in it is root's, and of the time 0.
 *
 * <p>The archive is that of POSIX.1-1988 (ustar): IEEE 1003.1, pax, "ustar Interchange Format".
 */
final class Overlay {
  static final int MOST_ENTRIES = 256;

  private static final int BLOCK = 512;

  /** No leading slash, no step upwards; what fits into the header's name without its prefix. */
  private static final String PATH = "(?!.*(^|/)\\.\\.?(/|$))[!-~&&[^/\\\\]][!-~&&[^\\\\]]{0,98}";

  private sealed interface Entry {
    String path();
  }

  private record File(String path, int mode, String text) implements Entry {}

  private record Link(String path, String target) implements Entry {}

  private Overlay() {}

  /** Throws {@link RenderException} if that is no list of files and links. */
  static void check(String name, String text) {
    var _ = entries(name, text);
  }

  /** The archive. */
  static byte[] pack(String name, String text) {
    List<Entry> entries = entries(name, text);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      for (String folder : folders(entries)) {
        gzip.write(header(folder + "/", 0755, 0, '5', ""));
      }
      for (Entry entry : entries) {
        switch (entry) {
          case Link(String path, String target) -> gzip.write(header(path, 0777, 0, '2', target));
          case File(String path, int mode, String content) -> {
            byte[] data = content.getBytes(StandardCharsets.UTF_8);
            gzip.write(header(path, mode, data.length, '0', ""));
            gzip.write(Arrays.copyOf(data, (data.length + BLOCK - 1) / BLOCK * BLOCK));
          }
        }
      }
      gzip.write(new byte[2 * BLOCK]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static Set<String> folders(List<Entry> entries) {
    Set<String> folders = new TreeSet<>();
    for (Entry entry : entries) {
      String path = entry.path();
      for (int at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
        folders.add(path.substring(0, at));
      }
    }
    return folders;
  }

  private static byte[] header(String path, int mode, int size, char type, String link) {
    byte[] header = new byte[BLOCK];
    put(header, 0, path);
    put(header, 100, "%07o".formatted(mode));
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, "%011o".formatted(size));
    put(header, 136, "00000000000");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 157, link);
    put(header, 257, "ustar");
    put(header, 263, "00");
    put(header, 265, "root");
    put(header, 297, "root");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, 148, "%06o".formatted(sum));
    header[154] = 0;
    return header;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private static List<Entry> entries(String name, String text) {
    DataText.yaml(name, text);
    Object root = new Load(LoadSettings.builder().setLabel(name).build()).loadFromString(text);
    if (!(root instanceof List<?> list) || list.isEmpty() || list.size() > MOST_ENTRIES) {
      throw new RenderException(name + ": no list (expected: 1.." + MOST_ENTRIES + " entries)");
    }
    List<Entry> entries = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Object each : list) {
      Entry entry = entry(name, each);
      if (!seen.add(entry.path())) {
        throw new RenderException(name + ": " + entry.path() + ": a second time");
      }
      entries.add(entry);
    }
    return entries;
  }

  private static Entry entry(String name, Object value) {
    if (value instanceof Map<?, ?> map
        && map.get("path") instanceof String path
        && path.matches(PATH)) {
      if (map.keySet().equals(Set.of("path", "link"))
          && map.get("link") instanceof String link
          && link.matches("[!-~]{1,99}")) {
        return new Link(path, link);
      }
      if (map.keySet().equals(Set.of("path", "mode", "text"))
          && map.get("mode") instanceof String mode
          && mode.matches("0[0-7]{3}")
          && map.get("text") instanceof String text) {
        return new File(path, Integer.parseInt(mode, 8), text);
      }
    }
    // The text may hold the run's token, so it stays out of the message.
    String path = value instanceof Map<?, ?> map ? String.valueOf(map.get("path")) : "an entry";
    throw new RenderException(
        name
            + ": "
            + Values.shown(path)
            + " (expected: {path: etc/x, mode: \"0644\", text: \"..\"} or {path: etc/x, link: ..},"
            + " a path of at most 99 characters that leads nowhere upwards)");
  }
}
