// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.NoticeKind;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * That something stands otherwise than before, as the detail of a fact has it: for people to read,
 * and for {@link #of} to take apart.
 */
public sealed interface Notice {
  /** What was before where nothing was noted before: there is no change to tell. */
  String UNKNOWN = "-";

  /** The kind of its fact. */
  NoticeKind kind();

  /** The detail of its fact. */
  String detail();

  /** A node is at another stage. */
  record Stage(String node, String from, String to, int run, int attempt) implements Notice {
    private static final Pattern FORM =
        Pattern.compile("(\\S+) from (\\S+) to (\\S+), run (\\d{1,9}), attempt (\\d{1,9})");

    @Override
    public NoticeKind kind() {
      return NoticeKind.STAGE;
    }

    @Override
    public String detail() {
      return "%s from %s to %s, run %d, attempt %d".formatted(node, from, to, run, attempt);
    }

    private static Optional<Notice> of(String detail) {
      Matcher m = FORM.matcher(detail);
      return m.matches()
          ? Optional.of(new Stage(m.group(1), m.group(2), m.group(3), number(m, 4), number(m, 5)))
          : Optional.empty();
    }
  }

  /**
   * A node is in another condition, or in the same for another reason.
   *
   * @param code of the diagnosis; empty where nothing is wrong
   * @param why the diagnosis in one sentence
   * @param tryNext what to do
   */
  record Condition(
      String node,
      String from,
      String to,
      String stage,
      int run,
      int attempt,
      String code,
      String why,
      String tryNext)
      implements Notice {
    private static final int MOST_WHY = 520;
    private static final int MOST_TRY = 280;
    private static final Pattern FORM =
        Pattern.compile(
            "(\\S+) from (\\S+) to (\\S+) at (\\S+), run (\\d{1,9}), attempt (\\d{1,9})"
                + "(?:: \\[([a-z0-9-]+)] (.*?)(?: \\| (.*))?)?");

    public Condition {
      why = plain(why, MOST_WHY);
      tryNext = plain(tryNext, MOST_TRY);
    }

    @Override
    public NoticeKind kind() {
      return NoticeKind.CONDITION;
    }

    @Override
    public String detail() {
      String where =
          "%s from %s to %s at %s, run %d, attempt %d"
              .formatted(node, from, to, stage, run, attempt);
      return code.isEmpty() ? where : where + ": [" + code + "] " + why + " | " + tryNext;
    }

    private static Optional<Notice> of(String detail) {
      Matcher m = FORM.matcher(detail);
      return m.matches()
          ? Optional.of(
              new Condition(
                  m.group(1),
                  m.group(2),
                  m.group(3),
                  m.group(4),
                  number(m, 5),
                  number(m, 6),
                  text(m, 7),
                  text(m, 8),
                  text(m, 9)))
          : Optional.empty();
    }
  }

  /**
   * A phase is otherwise.
   *
   * @param ready nodes that are
   * @param need how many of them let the next phase begin
   * @param of all of its nodes
   * @param by what blocks it, in words; empty where nothing does
   */
  record Phase(String name, String from, String to, int ready, int need, int of, String by)
      implements Notice {
    private static final int MOST_BY = 800;
    private static final Pattern FORM =
        Pattern.compile(
            "(\\S+) from (\\S+) to (\\S+), (\\d{1,9}) ready, need (\\d{1,9}) of (\\d{1,9})"
                + "(?:: (.*))?");

    public Phase {
      by = plain(by, MOST_BY);
    }

    @Override
    public NoticeKind kind() {
      return NoticeKind.PHASE;
    }

    @Override
    public String detail() {
      String where =
          "%s from %s to %s, %d ready, need %d of %d".formatted(name, from, to, ready, need, of);
      return by.isEmpty() ? where : where + ": " + by;
    }

    private static Optional<Notice> of(String detail) {
      Matcher m = FORM.matcher(detail);
      return m.matches()
          ? Optional.of(
              new Phase(
                  m.group(1),
                  m.group(2),
                  m.group(3),
                  number(m, 4),
                  number(m, 5),
                  number(m, 6),
                  text(m, 7)))
          : Optional.empty();
    }
  }

  /** The cluster is complete, or is no more. */
  record Cluster(String name, String from, String to) implements Notice {
    /** What it can be. */
    public static final String COMPLETE = "complete";

    /** Or else. */
    public static final String INCOMPLETE = "incomplete";

    private static final Pattern FORM = Pattern.compile("(\\S+) from (\\S+) to (\\S+)");

    @Override
    public NoticeKind kind() {
      return NoticeKind.CLUSTER;
    }

    @Override
    public String detail() {
      return "%s from %s to %s".formatted(name, from, to);
    }

    private static Optional<Notice> of(String detail) {
      Matcher m = FORM.matcher(detail);
      return m.matches()
          ? Optional.of(new Cluster(m.group(1), m.group(2), m.group(3)))
          : Optional.empty();
    }
  }

  /** Takes a fact apart; empty if it is no notice. */
  static Optional<Notice> of(Fact fact) {
    return NoticeKind.of(fact.kind())
        .flatMap(
            kind ->
                switch (kind) {
                  case STAGE -> Stage.of(fact.detail());
                  case CONDITION -> Condition.of(fact.detail());
                  case PHASE -> Phase.of(fact.detail());
                  case CLUSTER -> Cluster.of(fact.detail());
                });
  }

  private static int number(Matcher matcher, int group) {
    return Integer.parseInt(matcher.group(group));
  }

  private static String text(Matcher matcher, int group) {
    String text = matcher.group(group);
    return text == null ? "" : text;
  }

  /** One line that the form cannot mistake for its own. */
  private static String plain(String text, int most) {
    String line = text.replace('|', '/').replaceAll("\\p{Cntrl}", " ").strip();
    return line.length() > most ? line.substring(0, most - 1) + "…" : line;
  }
}
