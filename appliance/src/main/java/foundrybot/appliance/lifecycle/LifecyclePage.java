// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import foundrybot.answerfiles.RetryLimits;
import foundrybot.appliance.lifecycle.FactKind.Effect;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The lifecycle as a page, made of the tables that the code itself works by: {@link FactKind},
 * {@link Stage} and {@link Trouble}.
 */
public final class LifecyclePage {
  private LifecyclePage() {}

  /** Stages, facts and the diagram: {@code docs/lifecycle.md}. */
  public static String lifecycle() {
    return """
    # The lifecycle of a node

    Made by `bootserver docs lifecycle` from the tables in the code; a test compares them. Where a
    node stands follows from the facts of the journal alone, see
    [architecture.md](architecture.md#where-a-node-stands).

    ## The way

    Beside each stage stands how long a node may show no progress there before it counts as
    stuck (`deadlines` in the rack file, of a role or a node, changes that), and below it which
    facts prove the next one. A cast tells of each of its steps and may be silent for 15m only.
    What needs no waiting is told sooner: a failure that the machine reports, a BMC that does not
    obey for a minute, a boot program that there is not, an address in use, attempts in a loop.

    ```
    %s```

    As a drawing: `bootserver docs lifecycle --format mermaid`.

    ## What happens next

    A machine that the appliance has switched on, and that shows no progress for so long, is
    power-cycled; when its attempts are used up it is held, with the stage and the reason. The power
    cycles of all stages of a run count together. `attempts` of a role or a node in the rack file
    changes their number for the `run`; a stage that it names has a number of its own, and its power
    cycles count there alone. `retries` has what holds for all nodes. A power cycle gives a machine
    the time for other attempts before it counts as looping again; who is stuck then is told of with
    what the attempts before have shown.

    | stage | silent for | power cycles | then |
    |---|---|---|---|
    %s
    ## Facts

    A fact that is not here is evidence, and moves nobody.

    | fact | stage | what it does |
    |---|---|---|
    %s\
    """
        .formatted(diagram(), nextSteps(), facts());
  }

  /** The diagram alone, as text for mermaid. */
  public static String mermaid() {
    StringBuilder text = new StringBuilder("stateDiagram-v2\n");
    for (Stage stage : Stage.values()) {
      text.append("  ").append(id(stage)).append(" : ").append(stage).append(limit(stage));
      text.append('\n');
    }
    text.append("  [*] --> ").append(id(Stage.PLANNED)).append('\n');
    List<Stage> way = way();
    for (int i = 1; i < way.size(); i++) {
      edge(text, way.get(i - 1), way.get(i), provers(way.get(i)));
    }
    edge(text, Stage.KERNEL, Stage.RESCUE, kinds(Effect.RESCUE_READY));
    edge(text, Stage.RESCUE, Stage.PLANNED, FactKind.RESCUE_ENDED.text());
    edge(text, Stage.KERNEL, Stage.ERASING, kinds(Effect.ERASING));
    edge(text, Stage.ERASING, Stage.ERASED, kinds(Effect.ERASED));
    edge(text, Stage.KERNEL, Stage.INSPECTING, FactKind.INSPECTING.text());
    edge(text, Stage.INSPECTING, Stage.PLANNED, FactKind.INVENTORY_TAKEN.text());
    edge(text, Stage.INSTALLING, Stage.SCRIPT, kinds(Effect.USE));
    edge(text, Stage.INSTALLING, Stage.POWERING, kinds(Effect.AGAIN));
    edge(text, Stage.GOAL, Stage.PLANNED, kinds(Effect.NEW_RUN) + ", " + kinds(Effect.RESCUE));
    edge(text, Stage.GOAL, Stage.RELEASED, kinds(Effect.RELEASE));
    edge(text, Stage.RELEASED, Stage.PLANNED, kinds(Effect.NEW_RUN));
    text.append("  ").append(id(Stage.GOAL)).append(" --> [*]\n");
    return text.toString();
  }

  /** All that can be wrong, in the words that a user sees: {@code docs/diagnosis.md}. */
  public static String diagnoses() {
    StringBuilder text =
        new StringBuilder(
            """
            # What is wrong with a node, and what to do

            Made by `bootserver docs diagnosis` from the table in the code; a test compares them.
            `bootserver status` says why a node is stuck and what to try first, `bootserver why NODE` all
            of it, with the evidence: times, addresses and counts from the journal. What stands in braces
            here is filled in from there. Codes stay as they are, for programs: `status --json` has each
            node's `diagnosis`; `why NODE --json` has all that `why` prints: `node`, `stage`, `since`,
            `condition`, `heard` at `heardAt`, then `code`, `why`, `evidence`, `causes` and `tries`, what
            comes `next` by itself, its `phases` that are not done (as in [`status --json`](phases.md)),
            and the same of the `appliance` itself.

            Nobody can take a node back by what firmware sends, so its stage stays when its machine starts
            over by itself. Where that has got stuck earlier than the attempt before it, what stands in
            its way now is said, when it started over, and at what it was stuck before.
            """);
    for (Trouble trouble : Trouble.values()) {
      text.append("\n## ").append(trouble.code()).append("\n\n> ").append(trouble.why());
      text.append("\n\nLikely, the first most:\n");
      trouble.causes().forEach(cause -> text.append("- ").append(cause).append('\n'));
      text.append("\nTry:\n");
      for (int i = 0; i < trouble.tries().size(); i++) {
        String line = trouble.tries().get(i).replace("DEPLOY", "deploy");
        text.append(i + 1).append(". ").append(line).append('\n');
      }
    }
    text.append(
        """

        ## How a machine's own words are read

        A machine that reports `failed` says why. The first row that fits (in any case of letters) says
        which of the above it is; what no row knows is `reported-failure`, in the machine's words.

        | words (regular expression) | diagnosis |
        |---|---|
        """);
    for (FailureWords.Row row : FailureWords.TABLE) {
      text.append("| `").append(row.words().pattern().replace("|", "\\|")).append("` | ");
      text.append(row.trouble().code()).append(" |\n");
    }
    text.append(
        """

        ## What lines on its console mean

        Lines on a stuck machine's serial console ([bmc.md](bmc.md#the-serial-console)) that are certain
        stand among the evidence, with what they mean: the first row that fits, in any case of letters.

        | words (regular expression) | meaning |
        |---|---|
        """);
    for (ConsoleWords.Row row : ConsoleWords.TABLE) {
      text.append("| `").append(row.words().pattern().replace("|", "\\|")).append("` | ");
      text.append(row.meaning()).append(" |\n");
    }
    return text.toString();
  }

  private static String diagram() {
    StringBuilder text = new StringBuilder();
    List<Stage> way = way();
    for (int i = 0; i < way.size(); i++) {
      if (i > 0) {
        text.append("    |  ").append(provers(way.get(i))).append("\n    v\n");
      }
      text.append(way.get(i)).append(limit(way.get(i))).append('\n');
    }
    text.append("\nfrom any stage before installed, ").append(kinds(Effect.USE));
    text.append(": the next attempt, at ").append(Stage.SCRIPT).append('\n');
    text.append("from any stage before installed, ").append(kinds(Effect.AGAIN));
    text.append(": the same run, at ").append(Stage.POWERING).append('\n');
    text.append("from any stage, ").append(kinds(Effect.NEW_RUN));
    text.append(": a new run, at ").append(Stage.PLANNED).append('\n');
    text.append("from any stage, ").append(kinds(Effect.RESCUE)).append(": ");
    text.append(Stage.PLANNED).append(" to ").append(Stage.KERNEL).append(" as above, then ");
    text.append(kinds(Effect.RESCUE_READY)).append(": ").append(Stage.RESCUE);
    text.append(", or ").append(provers(Stage.INSPECTING)).append(": ");
    text.append(Stage.INSPECTING).append(limit(Stage.INSPECTING)).append('\n');
    text.append("    or ").append(kinds(Effect.ERASING)).append(": ").append(Stage.ERASING);
    text.append(limit(Stage.ERASING)).append(", then ").append(kinds(Effect.ERASED));
    text.append(": ").append(Stage.ERASED).append('\n');
    text.append("    and ").append(kinds(Effect.RESCUE_END)).append(": where its run waits\n");
    text.append("from any stage, ").append(kinds(Effect.RELEASE)).append(": ");
    text.append(Stage.RELEASED).append(", until there is a new run\n");
    return text.toString();
  }

  private static String nextSteps() {
    return Arrays.stream(Stage.values())
        .filter(stage -> stage.limit().isPresent())
        .map(
            stage ->
                "| %s | %s | %s |\n"
                    .formatted(stage, shown(stage.limit().orElseThrow()), nextStep(stage)))
        .collect(Collectors.joining());
  }

  private static String nextStep(Stage stage) {
    if (!Retry.mayCycleAt(stage)) {
      return "none | it stays stuck, for people";
    }
    String when = stage == Stage.INSTALLED ? ", if it comes back to the network" : "";
    return RetryLimits.USUAL.attempts() + " in a run" + when + " | held";
  }

  private static String facts() {
    return Arrays.stream(FactKind.values())
        .map(
            kind ->
                "| `%s` | %s | %s |\n"
                    .formatted(
                        kind.text(),
                        kind.stage() == Stage.PLANNED ? "" : kind.stage(),
                        words(kind.effect())))
        .collect(Collectors.joining());
  }

  /** A rescue is no part of it. */
  private static List<Stage> way() {
    return Arrays.stream(Stage.values()).filter(Stage::isOfRun).toList();
  }

  private static String provers(Stage stage) {
    return Arrays.stream(FactKind.values())
        .filter(kind -> kind.stage() == stage && proves(kind.effect()))
        .map(FactKind::text)
        .collect(Collectors.joining(", "));
  }

  private static boolean proves(Effect effect) {
    return effect == Effect.REACH || effect == Effect.POWER || effect == Effect.MINT;
  }

  private static String kinds(Effect effect) {
    return Arrays.stream(FactKind.values())
        .filter(kind -> kind.effect() == effect)
        .map(FactKind::text)
        .collect(Collectors.joining(", "));
  }

  private static void edge(StringBuilder text, Stage from, Stage to, String facts) {
    text.append("  ").append(id(from)).append(" --> ").append(id(to)).append(" : ");
    text.append(facts).append('\n');
  }

  /** Mermaid takes no hyphens in names. */
  private static String id(Stage stage) {
    return stage.name().toLowerCase(Locale.ROOT);
  }

  private static String limit(Stage stage) {
    return stage.limit().map(LifecyclePage::shown).map(time -> " (" + time + ")").orElse("");
  }

  private static String shown(Duration time) {
    return time.toMinutes() + "m";
  }

  private static String words(Effect effect) {
    return switch (effect) {
      case REACH -> "the node is at least at that stage";
      case MINT -> "a token waits; the first attempt begins, if none is under way";
      case PREPARE -> "a token waits in a boot medium";
      case USE -> "the attempt of that token is the one under way";
      case CLAIM -> "what can be had once has a holder; a second one: quarantine";
      case CONTEST -> "two machines have come with its token: quarantine, also of an enrolled one";
      case PROGRESS -> "the deadline moves, the stage does not";
      case TO_DISK -> "the first one at `installed` moves the deadline";
      case FAIL -> "the node is stuck, by its own words, until it moves again";
      case NEW_RUN -> "everything begins anew";
      case RESCUE -> "the run is put aside";
      case RESCUE_READY -> "the machine can be looked at";
      case RESCUE_END -> "the run is taken up again";
      case ERASING -> "its disks are being overwritten";
      case ERASED -> "its disks are proved to be zero; its run is over";
      case IDENTITY -> "more is known of who the machine is";
      case POWER -> "its power switch was told something, or has answered";
      case AGAIN -> "stuck, it is power-cycled: the same run starts over, or its finished disk";
      case FLEET -> "of no node: retries stop, or go on; or an outage of the journal is over";
      case HELD -> "its window was found closed, or is open for a while";
      case HANDLING -> "something is decided about it beside its way";
      case RELEASE -> "it is of the cluster no more, until there is a new run";
    };
  }
}
