// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.operator.Operator;
import foundrybot.appliance.operator.Scope;
import foundrybot.appliance.store.SecretFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The operators that the appliance knows by a token: 256 random bits each, shown once and kept as
 * SHA-256. They lie in a folder of the owner's alone, a line each: name, scope, hash, since when.
 */
final class OperatorTokens {
  /** The folder in the data folder. */
  static final String FOLDER = "operators";

  /** What may be an operator's name. */
  static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,30}");

  private static final String FILE = "tokens";
  private static final int MOST = 200;
  private static final int BYTES = 32;
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /** One of the list, as the command line shows it: no hash. */
  record Shown(String name, String scope, String since) {}

  private record Entry(Operator operator, String hash, Instant since) {
    /** Without the hash. */
    @Override
    public String toString() {
      return "Entry[" + operator + "]";
    }
  }

  private final Path file;
  private final byte[] local;
  private final SecureRandom random = new SecureRandom();
  private volatile List<Entry> entries;

  private OperatorTokens(Path file, String localToken, List<Entry> entries) {
    this.file = file;
    this.local = Tokens.hash(localToken).getBytes(StandardCharsets.US_ASCII);
    this.entries = entries;
  }

  /**
   * Those of a data folder.
   *
   * @param localToken of who can read the data folder; it may do everything
   * @throws StartException if the list cannot be had or read: nobody is let in then
   */
  static OperatorTokens open(Path data, String localToken) {
    Path folder = data.resolve(FOLDER);
    Path file = folder.resolve(FILE);
    try {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      return new OperatorTokens(file, localToken, entries(file, lines));
    } catch (IOException e) {
      throw new StartException(file + ": cannot be read or made: " + e.getMessage(), e);
    }
  }

  private static List<Entry> entries(Path file, List<String> lines) {
    List<Entry> read = new ArrayList<>();
    for (String line : lines) {
      read.add(
          entry(line)
              .orElseThrow(
                  () ->
                      new StartException(
                          file
                              + ": line "
                              + (read.size() + 1)
                              + " is no operator (expected: name, scope, 64 hex digits, instant);"
                              + " restore the file, or delete it and add the operators anew")));
    }
    return List.copyOf(read);
  }

  private static Optional<Entry> entry(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != 4
        || !NAME.matcher(words[0]).matches()
        || !HASH.matcher(words[2]).matches()) {
      return Optional.empty();
    }
    try {
      Instant since = Instant.parse(words[3]);
      return Scope.named(words[1])
          .map(scope -> new Entry(new Operator(words[0], scope), words[2], since));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /**
   * Whose token that is. The comparison looks at all operators and at every byte, whoever it is.
   */
  Optional<Operator> operator(String token) {
    return ofHash(Tokens.hash(token));
  }

  /** The same for who has shown the token before. */
  Optional<Operator> ofHash(String hash) {
    byte[] given = hash.getBytes(StandardCharsets.US_ASCII);
    Optional<Operator> found =
        MessageDigest.isEqual(given, local) ? Optional.of(Operator.LOCAL) : Optional.empty();
    for (Entry entry : entries) {
      if (MessageDigest.isEqual(given, entry.hash().getBytes(StandardCharsets.US_ASCII))) {
        found = Optional.of(entry.operator());
      }
    }
    return found;
  }

  /** What came of adding an operator. */
  sealed interface Added {
    /** The token, which nobody can be told a second time. */
    record Token(String text) implements Added {
      /** Without it. */
      @Override
      public String toString() {
        return "Token";
      }
    }

    record Refused(String why) implements Added {}
  }

  /** A new operator with a token of its own; durable when the call returns. Blocks. */
  synchronized Added add(String name, Scope scope, Instant now) throws IOException {
    if (!NAME.matcher(name).matches() || name.equals(Operator.LOCAL.name())) {
      return new Added.Refused(
          "name: "
              + (name.length() > 40 ? "too long" : name)
              + " (expected: a to z, 0 to 9 and -, at most 31, and not 'local')");
    }
    if (entries.stream().anyMatch(entry -> entry.operator().name().equals(name))) {
      return new Added.Refused(
          name + " is there already; 'bootserver operator remove " + name + "' before");
    }
    if (entries.size() >= MOST) {
      return new Added.Refused(MOST + " operators are there already; remove one before");
    }
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    String token = HexFormat.of().formatHex(bytes);
    List<Entry> more = new ArrayList<>(entries);
    more.add(new Entry(new Operator(name, scope), Tokens.hash(token), now));
    save(more);
    return new Added.Token(token);
  }

  /** From the next request on its token opens nothing; false if there is no such operator. */
  synchronized boolean remove(String name) throws IOException {
    List<Entry> rest =
        entries.stream().filter(entry -> !entry.operator().name().equals(name)).toList();
    boolean there = rest.size() < entries.size();
    if (there) {
      save(rest);
    }
    return there;
  }

  private void save(List<Entry> changed) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Entry entry : changed) {
      Operator operator = entry.operator();
      text.append(operator.name()).append(' ').append(operator.scope()).append(' ');
      text.append(entry.hash()).append(' ').append(entry.since()).append('\n');
    }
    SecretFile.write(file, text.toString().getBytes(StandardCharsets.US_ASCII));
    entries = List.copyOf(changed);
  }

  List<Shown> list() {
    return entries.stream()
        .map(
            entry ->
                new Shown(
                    entry.operator().name(),
                    entry.operator().scope().toString(),
                    entry.since().toString()))
        .toList();
  }
}
