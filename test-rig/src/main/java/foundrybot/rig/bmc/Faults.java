// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What is wrong with one BMC, and how often it shows. */
public record Faults(List<Rule> rules) {

  /** A BMC in order. */
  public static final Faults NONE = new Faults(List.of());

  private static final Pattern RULE =
      Pattern.compile("([a-z0-9-]+)(@[^=,@*]+)?(=([0-9.]+))?(\\*([0-9]{1,6}))?");

  /**
   * One fault.
   *
   * @param where only requests whose method and path contain this; empty for all
   * @param probability that it hits a request that it can hit, 0..1
   * @param most how often it hits at most
   */
  public record Rule(Fault fault, String where, double probability, int most) {
    public Rule {
      if (!(probability >= 0 && probability <= 1)) {
        throw new IllegalArgumentException(
            fault.text() + ": probability " + probability + " (expected: 0..1)");
      }
    }

    /** As it is written: {@code busy-503@Reset=0.3*2}. */
    public String text() {
      return fault.text()
          + (where.isEmpty() ? "" : "@" + where)
          + (probability == 1 ? "" : "=" + probability)
          + (most == Integer.MAX_VALUE ? "" : "*" + most);
    }
  }

  public Faults {
    rules = List.copyOf(rules);
  }

  /** Each of them always. */
  public static Faults always(Fault... faults) {
    return new Faults(
        Arrays.stream(faults).map(f -> new Rule(f, "", 1, Integer.MAX_VALUE)).toList());
  }

  /**
   * Reads {@code slow=0.1,busy-503@Reset=0.5*2}: of one request in ten the answer is slow, and of
   * those with "Reset" in method and path half are refused, twice at most.
   */
  public static Faults parse(String text) {
    List<Rule> rules = new ArrayList<>();
    for (String part : text.isBlank() ? new String[0] : text.strip().split(",", -1)) {
      Matcher matcher = RULE.matcher(part.strip());
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "fault: " + part + " (expected: NAME, NAME@TEXT, NAME=0.1 or NAME=0.1*3)");
      }
      String name = matcher.group(1);
      Fault fault =
          Arrays.stream(Fault.values())
              .filter(f -> f.text().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "fault: " + name + " (expected: one of " + names() + ")"));
      String where = matcher.group(2);
      String probability = matcher.group(4);
      String most = matcher.group(6);
      rules.add(
          new Rule(
              fault,
              where == null ? "" : where.substring(1),
              probability == null ? 1 : number(probability),
              most == null ? Integer.MAX_VALUE : Integer.parseInt(most)));
    }
    return new Faults(rules);
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("probability: " + text + " (expected: 0..1)", e);
    }
  }

  /** All names, for help texts. */
  public static String names() {
    return Arrays.stream(Fault.values()).map(Fault::text).collect(Collectors.joining(", "));
  }

  public boolean has(Fault fault) {
    return rules.stream().anyMatch(rule -> rule.fault() == fault && rule.probability() > 0);
  }

  /** As {@link #parse} reads it; empty for a BMC in order. */
  public String text() {
    return rules.stream().map(Rule::text).collect(Collectors.joining(","));
  }

  @Override
  public String toString() {
    return rules.isEmpty() ? "none" : text();
  }
}
