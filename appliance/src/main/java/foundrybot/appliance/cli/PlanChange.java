// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.GivenPlans.Given;
import foundrybot.appliance.NodePlan;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What differs between what a node would be given and what it was given last. */
sealed interface PlanChange {
  /** It is what the node has. */
  record None() implements PlanChange {}

  /** The node was never given anything. */
  record New() implements PlanChange {}

  /**
   * Something differs.
   *
   * @param what each in words, such as {@code late.sh +2 -1}
   * @param lines how, as {@code diff} shows it
   */
  record Changed(Given given, List<String> what, String lines) implements PlanChange {
    public Changed {
      what = List.copyOf(what);
    }
  }

  static PlanChange since(Optional<Given> given, NodePlan plan) {
    return given.isEmpty() ? new New() : between(given.get(), plan);
  }

  private static PlanChange between(Given given, NodePlan plan) {
    NodePlan before = given.plan();
    List<String> what = new ArrayList<>();
    word(what, "name", before.name(), plan.name());
    word(what, "role", before.role(), plan.role());
    word(what, "profile", before.profile(), plan.profile());
    word(what, "system", before.system(), plan.system());
    StringBuilder lines = new StringBuilder();
    Set<String> names = new LinkedHashSet<>(plan.texts().keySet());
    names.addAll(before.texts().keySet());
    for (String name : names) {
      String diff =
          LineDiff.between(
              before.texts().getOrDefault(name, ""),
              plan.texts().getOrDefault(name, ""),
              "run " + given.run() + "/" + plan.name() + "/" + name,
              "now/" + plan.name() + "/" + name);
      if (!diff.isEmpty()) {
        what.add(name + " +" + (count(diff, "+") - 1) + " -" + (count(diff, "-") - 1));
        lines.append(diff);
      }
    }
    return what.isEmpty() ? new None() : new Changed(given, what, lines.toString());
  }

  private static void word(List<String> what, String name, String before, String now) {
    if (!before.equals(now)) {
      what.add(name + " " + before + " -> " + now);
    }
  }

  private static long count(String diff, String mark) {
    return diff.lines().filter(line -> line.startsWith(mark)).count();
  }

  /** One word, for counting. */
  default String word() {
    return switch (this) {
      case None _ -> "unchanged";
      case New _ -> "new";
      case Changed _ -> "changed";
    };
  }

  /** In one line. */
  default String words() {
    return this instanceof Changed changed
        ? "changed since run "
            + changed.given().run()
            + " of "
            + changed.given().at()
            + ": "
            + String.join(", ", changed.what())
        : word();
  }

  /** The lines that differ; without a change none. */
  default String lines() {
    return this instanceof Changed changed ? changed.lines() : "";
  }
}
