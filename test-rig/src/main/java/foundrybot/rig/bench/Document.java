// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** The measured parts of docs/performance.md; what people wrote around them stays. */
final class Document {
  private Document() {}

  static void update(
      Path file, String goals, String tables, String trust, Results results, String command) {
    try {
      String text = Files.readString(file);
      text = replace(text, "run", described(results, command) + trust);
      text = replace(text, "goals", goals);
      text = replace(text, "tables", tables);
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new BenchException(file + ": cannot be written", e);
    }
  }

  /** The same of the time to blame, which is measured by itself. */
  static void update(Path file, String blame, Results results, String command) {
    try {
      String text = Files.readString(file);
      Files.writeString(
          file, replace(text, Blame.EXPERIMENT, described(results, command) + "\n" + blame));
    } catch (IOException e) {
      throw new BenchException(file + ": cannot be written", e);
    }
  }

  /** When, how and where it was measured. */
  static String described(Results results, String command) {
    SortedSet<String> days = new TreeSet<>();
    Set<String> runs = new LinkedHashSet<>();
    Set<String> places = new LinkedHashSet<>();
    for (Outcome one : results.all()) {
      days.add(one.run().day());
      runs.add(one.run().began());
      places.add("commit " + one.run().commit() + ", on " + one.run().machine());
    }
    return "Measured on "
        + String.join(", ", days)
        + " with `"
        + command
        + "`"
        + (runs.size() == 1 ? "" : ", from " + runs.size() + " runs of parts,")
        + " at "
        + String.join(" and ", places)
        + ".\n";
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
