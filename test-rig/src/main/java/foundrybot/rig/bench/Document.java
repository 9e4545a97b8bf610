// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** The measured parts of docs/performance.md; what people wrote around them stays. */
final class Document {
  private Document() {}

  static void update(
      Path file, String goals, String tables, String trust, String machine, String command) {
    try {
      String text = Files.readString(file);
      String day = LocalDate.now(ZoneOffset.UTC).toString();
      String run = "Measured on " + day + " with `" + command + "` on " + machine + ".\n" + trust;
      text = replace(text, "run", run);
      text = replace(text, "goals", goals);
      text = replace(text, "tables", tables);
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new BenchException(file + ": cannot be written", e);
    }
  }

  /** Replaces what stands between the two marks of that name. */
  static String replace(String text, String name, String with) {
    String begin = "<!-- " + name + ": written by bin/bench -->";
    String end = "<!-- end of " + name + " -->";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if (from < 0 || to < from) {
      throw new BenchException(
          "docs/performance.md: no marks for "
              + name
              + " (expected: '"
              + begin
              + "' and '"
              + end
              + "')");
    }
    return text.substring(0, from + begin.length())
        + "\n"
        + with.strip()
        + "\n"
        + text.substring(to);
  }
}
