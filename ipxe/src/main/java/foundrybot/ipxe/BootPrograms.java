// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which iPXE program each kind of machine gets, where the files lie, and what they must digest to.
 *
 * <p>A machine runs what it gets here before anything else can protect it, so no file is handed out
 * that is not exactly the one expected. The digests of Debian 12's package are built in; another
 * build is trusted by naming its digest, never by leaving the check out.
 *
 * @param folder where the files lie
 * @param files per platform the default program first, then alternatives for machines on which the
 *     default does not work
 * @param others further programs, given by name to machines that are named for them
 * @param sha256 file name to expected digest, lower-case hexadecimal
 */
public record BootPrograms(
    Path folder,
    Map<Platform, List<String>> files,
    Set<String> others,
    Map<String, String> sha256) {

  /** Largest program read, in bytes; iPXE with every driver has about 1 MB. */
  public static final int MAX_SIZE = 16 << 20;

  /** Where Debian's package {@code ipxe} puts the programs. */
  public static final Path DEBIAN_FOLDER = Path.of("/usr/lib/ipxe");

  /** The build that the built-in digests are of. */
  public static final String DEBIAN_PACKAGE =
      "ipxe " + DebianBuild.DEBIAN_12.version() + " of Debian 12";

  private static final Pattern FILE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  /** What came of reading the programs. */
  public sealed interface Loading {}

  /** Every program is there and is the expected one. */
  public record Loaded(Map<Platform, List<BootProgram>> programs, List<BootProgram> others)
      implements Loading {
    public Loaded {
      Map<Platform, List<BootProgram>> copy = new EnumMap<>(Platform.class);
      programs.forEach((platform, list) -> copy.put(platform, List.copyOf(list)));
      programs = Map.copyOf(copy);
      others = List.copyOf(others);
    }

    /** What a machine of that kind gets; empty for a platform without programs. */
    public Optional<BootProgram> defaultFor(Platform platform) {
      return programs.getOrDefault(platform, List.of()).stream().findFirst();
    }

    /** The program of that name for that kind of machine, for a machine that needs another one. */
    public Optional<BootProgram> find(Platform platform, String name) {
      return programs.getOrDefault(platform, List.of()).stream()
          .filter(program -> program.name().equals(name))
          .findFirst();
    }

    /** Every program once, by name. */
    public Map<String, BootProgram> byName() {
      Map<String, BootProgram> byName = new TreeMap<>();
      programs.values().forEach(list -> list.forEach(one -> byName.put(one.name(), one)));
      others.forEach(one -> byName.put(one.name(), one));
      return byName;
    }
  }

  /** Nothing may be served; each problem is one sentence with its cure. */
  public record Refused(List<String> problems) implements Loading {
    public Refused {
      problems = List.copyOf(problems);
    }
  }

  public BootPrograms {
    Map<Platform, List<String>> copy = new EnumMap<>(Platform.class);
    files.forEach((platform, names) -> copy.put(platform, List.copyOf(names)));
    copy.values().forEach(names -> names.forEach(BootPrograms::checkName));
    files = Map.copyOf(copy);
    others = Set.copyOf(others);
    others.forEach(BootPrograms::checkName);
    sha256 = Map.copyOf(sha256);
    sha256.forEach(BootPrograms::checkDigest);
  }

  /** The programs of Debian 12's package {@code ipxe}. */
  public static BootPrograms debian12() {
    return of(DEBIAN_FOLDER, DebianBuild.DEBIAN_12.sha256());
  }

  /** The programs of some build, called as Debian's package calls them. */
  public static BootPrograms of(Path folder, Map<String, String> sha256) {
    return new BootPrograms(folder, DebianBuild.platforms(sha256), Set.of(), sha256);
  }

  /** The same programs from another folder. */
  public BootPrograms in(Path other) {
    return new BootPrograms(other, files, others, sha256);
  }

  /** Other or further programs for a platform, the default first. */
  public BootPrograms offering(Platform platform, List<String> names) {
    Map<Platform, List<String>> other = new HashMap<>(files);
    other.put(platform, names);
    return new BootPrograms(folder, other, others, sha256);
  }

  /** Further programs, for machines that are named for them. */
  public BootPrograms also(Set<String> names) {
    return new BootPrograms(folder, files, names, sha256);
  }

  /** That program alone. */
  BootPrograms only(String name) {
    return new BootPrograms(folder, Map.of(), Set.of(name), sha256);
  }

  /** Digests that are expected instead of, or in addition to, the ones known so far. */
  public BootPrograms trusting(Map<String, String> digests) {
    Map<String, String> other = new HashMap<>(sha256);
    other.putAll(digests);
    return new BootPrograms(folder, files, others, other);
  }

  /** Reads and checks every file; the file system is only read. */
  public Loading load() {
    List<String> problems = new ArrayList<>();
    Map<String, BootProgram> read = new LinkedHashMap<>();
    TreeSet<String> names = new TreeSet<>();
    files.values().forEach(names::addAll);
    names.addAll(others);
    for (String name : names) {
      switch (read(name)) {
        case Good(BootProgram program) -> read.put(name, program);
        case Bad(String problem) -> problems.add(problem);
      }
    }
    if (!problems.isEmpty()) {
      return new Refused(problems);
    }
    Map<Platform, List<BootProgram>> programs = new EnumMap<>(Platform.class);
    files.forEach(
        (platform, list) ->
            programs.put(platform, list.stream().map(read::get).map(one -> present(one)).toList()));
    return new Loaded(
        programs, others.stream().sorted().map(read::get).map(one -> present(one)).toList());
  }

  private sealed interface Reading {}

  private record Good(BootProgram program) implements Reading {}

  private record Bad(String problem) implements Reading {}

  private Reading read(String name) {
    Path path = folder.resolve(name);
    String expected = sha256.getOrDefault(name, "");
    byte[] content;
    try (InputStream in = Files.newInputStream(path)) {
      content = in.readNBytes(MAX_SIZE + 1);
    } catch (NoSuchFileException e) {
      return new Bad(
          path + ": missing (expected: sha256 " + orUnknown(expected) + "); " + install(name));
    } catch (IOException e) {
      return new Bad(
          path
              + ": cannot be read: "
              + e
              + " (expected: sha256 "
              + orUnknown(expected)
              + "); make it readable for this process, or "
              + install(name));
    }
    if (content.length > MAX_SIZE) {
      return new Bad(
          path
              + ": larger than "
              + MAX_SIZE
              + " bytes (expected: an iPXE program of"
              + " about 1 MB); "
              + install(name));
    }
    String found = digest(content);
    if (!found.equals(expected)) {
      return new Bad(
          path
              + ": sha256 "
              + found
              + " (expected: "
              + orUnknown(expected)
              + "); "
              + install(name)
              + ", or set boot-programs."
              + name
              + " to "
              + found
              + " if you trust this file");
    }
    return new Good(new BootProgram(name, path, found, content));
  }

  private String install(String name) {
    if (!sha256.containsKey(name)) {
      return "put the program there and its SHA-256 under boot-programs."
          + name
          + ", or name another program";
    }
    return folder.equals(DEBIAN_FOLDER)
        ? "apt install ipxe (the digests are those of " + DEBIAN_PACKAGE + ")"
        : "copy the file of " + DEBIAN_PACKAGE + " there";
  }

  private static String orUnknown(String expected) {
    return expected.isEmpty() ? "none known for this name" : expected;
  }

  private static BootProgram present(@Nullable BootProgram program) {
    if (program == null) {
      throw new IllegalStateException("a file without a problem was not read");
    }
    return program;
  }

  private static String digest(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void checkName(String name) {
    if (!FILE.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "boot program: " + Syntax.shown(name) + " (expected: a file name without a path)");
    }
  }

  private static void checkDigest(String name, String digest) {
    checkName(name);
    if (!DIGEST.matcher(digest).matches()) {
      throw new IllegalArgumentException(
          "boot-programs."
              + name
              + ": "
              + Syntax.shown(digest)
              + " (expected: 64 lower-case hexadecimal digits)");
    }
  }
}
