// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.BuildException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One place apt takes binary packages from (sources.list(5)).
 *
 * @param uri base address, without a slash at the end
 * @param suite one suite or code name
 * @param components at least one
 * @param signedBy path of the keyring apt must verify with; empty: apt's own trusted keys
 */
public record AptSource(String uri, String suite, List<String> components, String signedBy) {
  private static final String PLAIN = "[A-Za-z0-9:/._~+%@-]";
  private static final Pattern ONE_LINE =
      Pattern.compile("deb\\s+(?:\\[([^\\]]*)\\]\\s+)?(\\S+)\\s+(\\S+)\\s+(\\S.*)");

  public AptSource {
    components = List.copyOf(components);
    uri = bare(uri);
    String all = uri + suite + signedBy + String.join("", components);
    if (!isPlain(uri, suite, components, signedBy)) {
      throw new IllegalArgumentException("apt source: " + all + " (expected: plain words)");
    }
  }

  /** Without the slashes at its end. */
  private static String bare(String uri) {
    return uri.replaceFirst("/+$", "");
  }

  /** Whether it can be written as one line that is read again as the same. */
  private static boolean isPlain(
      String uri, String suite, List<String> components, String signedBy) {
    List<String> words = new ArrayList<>(components);
    words.add(uri);
    words.add(suite);
    return !components.isEmpty()
        && words.stream().allMatch(word -> word.matches(PLAIN + "+"))
        && signedBy.matches(PLAIN + "*");
  }

  AptSource with(String newSuite, List<String> newComponents) {
    return new AptSource(uri, newSuite, newComponents, signedBy);
  }

  String oneLine() {
    return "deb "
        + (signedBy.isEmpty() ? "" : "[signed-by=" + signedBy + "] ")
        + uri
        + " "
        + suite
        + " "
        + String.join(" ", components)
        + "\n";
  }

  /** Debian's own archive, not a third party's that happens to use the same code name. */
  private boolean isDebianArchive(String codename) {
    String last = uri.substring(uri.lastIndexOf('/') + 1);
    return (last.equals("debian") || last.equals("debian-security"))
        && components.contains("main")
        && List.of(codename, codename + "-updates", codename + "-security").contains(suite);
  }

  /**
   * The machine's own Debian archive entries for one release, from {@code sources.list} and the
   * files beside it.
   *
   * @param etcApt usually {@code /etc/apt}
   */
  public static List<AptSource> ofMachine(Path etcApt, String codename) {
    List<AptSource> found = new ArrayList<>();
    for (Path file : sourceFiles(etcApt)) {
      try {
        String text = Files.readString(file);
        found.addAll(file.toString().endsWith(".sources") ? deb822(text) : oneLines(text));
      } catch (IOException e) {
        throw new BuildException(file + ": cannot be read", e);
      }
    }
    List<AptSource> debian =
        found.stream().filter(source -> source.isDebianArchive(codename)).distinct().toList();
    if (debian.stream().noneMatch(source -> source.suite().equals(codename))) {
      throw new BuildException(
          etcApt
              + ": no entry of Debian's archive for "
              + codename
              + " (expected: a deb line or .sources file with suite "
              + codename
              + " and component main); add it, then run 'apt-get update'");
    }
    return debian;
  }

  private static List<Path> sourceFiles(Path etcApt) {
    List<Path> files = new ArrayList<>();
    Path main = etcApt.resolve("sources.list");
    if (Files.isRegularFile(main)) {
      files.add(main);
    }
    Path parts = etcApt.resolve("sources.list.d");
    if (Files.isDirectory(parts)) {
      try (Stream<Path> list = Files.list(parts)) {
        list.filter(p -> p.toString().endsWith(".list") || p.toString().endsWith(".sources"))
            .sorted()
            .forEach(files::add);
      } catch (IOException e) {
        throw new BuildException(parts + ": cannot be read", e);
      }
    }
    return files;
  }

  static List<AptSource> oneLines(String text) {
    List<AptSource> sources = new ArrayList<>();
    for (String line : text.lines().map(String::strip).toList()) {
      int comment = line.indexOf('#');
      Matcher m = ONE_LINE.matcher(comment < 0 ? line : line.substring(0, comment).strip());
      if (m.matches()) {
        String options = m.group(1) == null ? "" : m.group(1);
        String signedBy =
            words(options).stream()
                .filter(option -> option.startsWith("signed-by="))
                .map(option -> option.substring("signed-by=".length()))
                .findFirst()
                .orElse("");
        addPlain(sources, m.group(2), m.group(3), words(m.group(4)), signedBy);
      }
    }
    return sources;
  }

  static List<AptSource> deb822(String text) {
    List<AptSource> sources = new ArrayList<>();
    for (Stanza stanza : Stanza.parseAll(text)) {
      if (!words(stanza.get("Types")).contains("deb")
          || stanza.get("Enabled").equalsIgnoreCase("no")) {
        continue;
      }
      for (String uri : words(stanza.get("URIs"))) {
        for (String suite : words(stanza.get("Suites"))) {
          addPlain(sources, uri, suite, words(stanza.get("Components")), stanza.get("Signed-By"));
        }
      }
    }
    return sources;
  }

  /**
   * An entry in a form we do not carry over (an inline key, a flat archive) is not Debian's own.
   */
  private static void addPlain(
      List<AptSource> into, String uri, String suite, List<String> components, String signedBy) {
    if (isPlain(bare(uri), suite, components, signedBy)) {
      into.add(new AptSource(uri, suite, components, signedBy));
    }
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+", -1)).filter(w -> !w.isEmpty()).toList();
  }
}
