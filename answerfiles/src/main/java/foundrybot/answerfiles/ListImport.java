// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns the plain list that people keep already into a rack file.
 *
 * <p>What a list cannot know stands in the result as {@code FILL-IN}, which no rule accepts: so
 * validating the result points at exactly the places that are left to do.
 */
public final class ListImport {
  static final String FILL_IN = "FILL-IN";
  private static final Pattern WORD = Pattern.compile("\\S+");
  private static final int MOST_WORDS = 3;

  private final Faults faults;
  private final Map<Mac, Integer> macs = new LinkedHashMap<>();
  private final Map<String, Integer> names = new HashMap<>();
  private final Set<String> ownRoles = new TreeSet<>();
  private final List<String> lines = new ArrayList<>();

  private ListImport(Faults faults) {
    this.faults = faults;
  }

  /**
   * Reads lines of {@code MAC role [name]}; {@code #} begins a comment, which is kept.
   *
   * <p>A role that is not built in becomes one of the user's own, unless it looks like a built-in
   * one with a typing mistake.
   */
  public static ListReading toYaml(String list, String sourceName) {
    Faults faults = new Faults(sourceName);
    if (list.length() > YamlText.LONGEST_FILE) {
      String most = "at most " + YamlText.LONGEST_FILE;
      faults.add(Position.START, "", list.length() + " characters", most);
      return new ListReading.Invalid(faults.sorted());
    }
    ListImport importer = new ListImport(faults);
    int number = 0;
    for (String line : list.split("\r?\n", -1)) {
      number++;
      importer.line(line, number);
    }
    if (importer.macs.isEmpty() && faults.isEmpty()) {
      faults.add(Position.START, "", "no machine", "lines of: MAC role [name]");
    }
    if (importer.macs.size() > RackKeys.MOST_NODES) {
      String most = "at most " + RackKeys.MOST_NODES;
      faults.add(Position.START, "", importer.macs.size() + " machines", most);
    }
    return faults.isEmpty()
        ? new ListReading.Converted(importer.yaml())
        : new ListReading.Invalid(faults.sorted());
  }

  private void line(String line, int number) {
    int hash = line.indexOf('#');
    String content = hash < 0 ? line : line.substring(0, hash);
    String comment = hash < 0 ? "" : line.substring(hash).strip();
    if (Values.hasControl(line.replace('\t', ' '))) {
      faults.add(new Position(number, 1), "", line, "no control characters");
      return;
    }
    List<Word> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(content);
    while (matcher.find()) {
      words.add(new Word(matcher.group(), new Position(number, matcher.start() + 1)));
    }
    if (words.isEmpty()) {
      if (!comment.isEmpty()) {
        lines.add("  " + comment);
      }
      return;
    }
    if (words.size() == 1 || words.size() > MOST_WORDS) {
      Word word = words.get(words.size() == 1 ? 0 : MOST_WORDS);
      faults.add(word.at(), "", word.text(), "MAC role [name]");
    }
    Optional<Mac> mac = mac(words.getFirst());
    if (words.size() < 2) {
      return;
    }
    role(words.get(1));
    if (words.size() == MOST_WORDS) {
      name(words.get(2));
    }
    mac.ifPresent(m -> lines.add("  " + m + ": " + value(words) + spaced(comment)));
  }

  private static String value(List<Word> words) {
    String role = quoted(words.get(1).text());
    return words.size() < MOST_WORDS
        ? role
        : "{ role: " + role + ", name: " + quoted(words.get(2).text()) + " }";
  }

  private static String spaced(String comment) {
    return comment.isEmpty() ? "" : "  " + comment;
  }

  private Optional<Mac> mac(Word word) {
    if (!Rules.MAC.accepts().test(word.text())) {
      faults.add(word.at(), "", word.text(), Rules.MAC.expected());
      return Optional.empty();
    }
    Mac mac = Mac.parse(word.text()).orElseThrow();
    Integer earlier = macs.putIfAbsent(mac, word.at().line());
    if (earlier != null) {
      String expected = "each MAC once; " + mac + " is in line " + earlier + " already";
      faults.add(word.at(), "", word.text(), expected);
    }
    return Optional.of(mac);
  }

  private void role(Word word) {
    Set<String> builtIn = Role.builtIn().keySet();
    if (builtIn.contains(word.text())) {
      return;
    }
    if (!Rules.LABEL_NAME.accepts().test(word.text())) {
      faults.add(word.at(), "", word.text(), Rules.LABEL_NAME.expected());
    } else if (Suggestion.closest(word.text(), builtIn).isPresent()) {
      String expected = "one of " + String.join(", ", builtIn) + ", or a role of your own";
      faults.add(word.at(), "", word.text(), Suggestion.append(expected, word.text(), builtIn));
    } else {
      ownRoles.add(word.text());
    }
  }

  private void name(Word word) {
    if (!Rules.LABEL_NAME.accepts().test(word.text())) {
      faults.add(word.at(), "", word.text(), Rules.LABEL_NAME.expected());
      return;
    }
    Integer earlier = names.putIfAbsent(word.text(), word.at().line());
    if (earlier != null) {
      String expected = "another name; line " + earlier + " has this one";
      faults.add(word.at(), "", word.text(), expected);
    }
  }

  /** Names such as 12, on or null would be numbers and the like to other readers of YAML. */
  private static String quoted(String text) {
    return text.matches("[a-z][a-z0-9-]*") && !text.matches("y|n|yes|no|on|off|true|false|null")
        ? text
        : "\"" + text + "\"";
  }

  private String yaml() {
    StringBuilder yaml = new StringBuilder();
    yaml.append("# A rack file for FoundryBot, made from a list of machines.\n");
    yaml.append("# Replace each ").append(FILL_IN);
    yaml.append("; `bootserver validate` says what is still to do.\n");
    yaml.append("cluster: rack\n");
    yaml.append("domain: rack.internal\n");
    yaml.append("profile: debian-12                # or debian-12-cast\n");
    yaml.append("appliance:\n");
    yaml.append("  # The address of this machine on the rack's network, such as 10.77.0.1/24.\n");
    yaml.append("  address: ").append(FILL_IN).append('\n');
    yaml.append("  dhcp: proxy                     # beside the site's own DHCP server\n");
    yaml.append("admin:\n");
    yaml.append("  user: ops\n");
    yaml.append("  # Lines of your ~/.ssh/*.pub; they are the only way to log in.\n");
    yaml.append("  ssh-keys: [\"").append(FILL_IN).append("\"]\n");
    if (!ownRoles.isEmpty()) {
      yaml.append("roles:\n");
      for (String role : ownRoles) {
        yaml.append("  ").append(quoted(role)).append(": { packages: [] }\n");
      }
    }
    yaml.append("nodes:\n");
    lines.forEach(line -> yaml.append(line).append('\n'));
    return yaml.toString();
  }

  private record Word(String text, Position at) {}
}
