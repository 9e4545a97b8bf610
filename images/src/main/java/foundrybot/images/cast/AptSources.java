// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import foundrybot.images.BuildException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The package sources of this machine that carry one Debian suite: the suite itself, its updates
 * and its security updates. Everything else (other vendors, other suites, backports) stays out of
 * the image and is named in {@code leftOut}.
 *
 * @param lines sources in apt's one-line form, as mmdebstrap takes them (sources.list(5))
 * @param leftOut what was not taken and why, one sentence each
 */
record AptSources(List<String> lines, List<String> leftOut) {
  private static final Pattern ONE_LINE =
      Pattern.compile("deb\\s+(?:\\[([^\\]]*)\\]\\s+)?(\\S+)\\s+(\\S+)\\s+(.+)");
  private static final Pattern URI = Pattern.compile("(https?|file|copy):[A-Za-z0-9._~:/@%+-]+");
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]*");
  private static final Pattern KEYRING = Pattern.compile("/[A-Za-z0-9._/+-]+");

  private record Entry(
      String where, String uri, String suite, List<String> components, String signedBy) {}

  AptSources {
    lines = List.copyOf(lines);
    leftOut = List.copyOf(leftOut);
  }

  /** Reads {@code sources.list} and {@code sources.list.d} below an apt folder. */
  static AptSources read(Path aptFolder, String suite) {
    List<Entry> entries = new ArrayList<>();
    for (Path file : files(aptFolder)) {
      String text = textOf(file);
      if (file.toString().endsWith(".sources")) {
        entries.addAll(deb822(file.toString(), text));
      } else {
        entries.addAll(oneLine(file.toString(), text));
      }
    }
    AptSources result = select(entries, suite);
    if (result.lines().stream().noneMatch(line -> line.contains(" " + suite + " "))) {
      throw new BuildException(
          aptFolder
              + ": no package source for suite "
              + suite
              + "; add one, for example in sources.list.d/debian.sources; seen: "
              + result.leftOut());
    }
    return result;
  }

  private static AptSources select(List<Entry> entries, String suite) {
    List<String> lines = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    List<String> wanted = List.of(suite, suite + "-updates", suite + "-security");
    for (Entry entry : entries) {
      String name = entry.where() + ": " + withoutPassword(entry.uri()) + " " + entry.suite();
      if (!wanted.contains(entry.suite())) {
        leftOut.add(name + ": not " + String.join(", ", wanted));
      } else if (!URI.matcher(entry.uri()).matches()
          || !entry.components().stream().allMatch(c -> WORD.matcher(c).matches())
          || !(entry.signedBy().isEmpty() || KEYRING.matcher(entry.signedBy()).matches())) {
        leftOut.add(name + ": an address, component or key that is not plain text");
      } else {
        String options = entry.signedBy().isEmpty() ? "" : "[signed-by=" + entry.signedBy() + "] ";
        String line =
            "deb "
                + options
                + entry.uri()
                + " "
                + entry.suite()
                + " "
                + String.join(" ", entry.components());
        if (!lines.contains(line)) {
          lines.add(line);
        }
      }
    }
    return new AptSources(lines, leftOut);
  }

  /** The sources as the image itself should have them: no keys' paths of ours, no passwords. */
  List<String> linesForImage() {
    return lines.stream()
        .filter(line -> !line.contains(" file:") && !line.contains(" copy:"))
        .map(line -> withoutPassword(line.replaceFirst("^deb \\[[^\\]]*\\] ", "deb ")))
        .toList();
  }

  private static String withoutPassword(String text) {
    return text.replaceAll("://[^/@\\s]*@", "://");
  }

  private static List<Entry> oneLine(String where, String text) {
    List<Entry> entries = new ArrayList<>();
    for (String raw : text.lines().toList()) {
      Matcher matcher = ONE_LINE.matcher(raw.replaceFirst("#.*", "").strip());
      if (matcher.matches()) {
        String options = matcher.group(1) == null ? "" : matcher.group(1);
        if (options.contains("trusted=yes")) {
          continue;
        }
        String signedBy = "";
        for (String option : options.split("\\s+", -1)) {
          if (option.startsWith("signed-by=")) {
            signedBy = option.substring("signed-by=".length());
          }
        }
        entries.add(
            new Entry(
                where,
                matcher.group(2),
                matcher.group(3),
                List.of(matcher.group(4).strip().split("\\s+", -1)),
                signedBy));
      }
    }
    return entries;
  }

  private static List<Entry> deb822(String where, String text) {
    List<Entry> entries = new ArrayList<>();
    for (Map<String, String> stanza : stanzas(text)) {
      if (!words(stanza, "types").contains("deb")
          || stanza.getOrDefault("enabled", "yes").strip().equalsIgnoreCase("no")
          || stanza.getOrDefault("trusted", "no").strip().equalsIgnoreCase("yes")) {
        continue;
      }
      for (String uri : words(stanza, "uris")) {
        for (String suite : words(stanza, "suites")) {
          entries.add(
              new Entry(
                  where,
                  uri,
                  suite,
                  words(stanza, "components"),
                  stanza.getOrDefault("signed-by", "").strip()));
        }
      }
    }
    return entries;
  }

  private static List<Map<String, String>> stanzas(String text) {
    List<Map<String, String>> stanzas = new ArrayList<>();
    Map<String, String> current = new TreeMap<>();
    String key = "";
    for (String line : text.lines().filter(l -> !l.startsWith("#")).toList()) {
      if (line.isBlank()) {
        if (!current.isEmpty()) {
          stanzas.add(current);
          current = new TreeMap<>();
        }
        key = "";
      } else if (Character.isWhitespace(line.charAt(0))) {
        current.computeIfPresent(key, (name, value) -> value + "\n" + line);
      } else if (line.indexOf(':') > 0) {
        key = line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT);
        current.put(key, line.substring(line.indexOf(':') + 1).strip());
      }
    }
    if (!current.isEmpty()) {
      stanzas.add(current);
    }
    return stanzas;
  }

  private static List<String> words(Map<String, String> stanza, String key) {
    String value = stanza.getOrDefault(key, "").strip();
    return value.isEmpty() ? List.of() : List.of(value.split("\\s+", -1));
  }

  private static List<Path> files(Path aptFolder) {
    List<Path> files = new ArrayList<>();
    if (Files.isRegularFile(aptFolder.resolve("sources.list"))) {
      files.add(aptFolder.resolve("sources.list"));
    }
    Path folder = aptFolder.resolve("sources.list.d");
    if (Files.isDirectory(folder)) {
      try (Stream<Path> list = Files.list(folder)) {
        list.filter(f -> f.toString().endsWith(".list") || f.toString().endsWith(".sources"))
            .sorted()
            .forEach(files::add);
      } catch (IOException e) {
        throw new BuildException(folder + ": cannot be read", e);
      }
    }
    return files;
  }

  private static String textOf(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BuildException(file + ": cannot be read", e);
    }
  }
}
