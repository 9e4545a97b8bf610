// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** All measurements of a run, and what can be asked of them. */
final class Results {
  private final List<Outcome> outcomes = new ArrayList<>();

  void add(Outcome outcome) {
    outcomes.add(outcome);
  }

  List<Outcome> all() {
    return List.copyOf(outcomes);
  }

  /** Those of the cases with these names. */
  Results only(Set<String> scenarios) {
    return of(one -> scenarios.contains(one.scenario()));
  }

  Results of(Predicate<Outcome> which) {
    Results some = new Results();
    outcomes.stream().filter(which).forEach(some::add);
    return some;
  }

  List<Outcome> of(String scenario, String subject) {
    return outcomes.stream()
        .filter(one -> one.scenario().equals(scenario) && one.subject().equals(subject))
        .toList();
  }

  Stream<Outcome> of(String scenario) {
    return outcomes.stream().filter(one -> one.scenario().equals(scenario));
  }

  /** Subjects that took a case, in the order in which they ran. */
  Set<String> subjects(String scenario) {
    Set<String> names = new LinkedHashSet<>();
    of(scenario).forEach(one -> names.add(one.subject()));
    return names;
  }

  Spread spread(String scenario, String subject, ToDoubleFunction<Outcome> value) {
    return Spread.of(of(scenario, subject).stream().mapToDouble(value).boxed().toList());
  }

  /**
   * How many times the value of {@code subject} is the best value among {@code peers}, repetition
   * by repetition: what ran side by side is compared.
   */
  Spread ratio(String scenario, String subject, Metric metric, List<String> peers) {
    List<Double> ratios = new ArrayList<>();
    for (Outcome own : of(scenario, subject)) {
      double best = Double.NaN;
      for (String peer : peers) {
        for (Outcome other : of(scenario, peer)) {
          double value = metric.of(other);
          boolean better =
              Double.isNaN(best) || (metric.lowerIsBetter() ? value < best : value > best);
          if (other.repetition() == own.repetition() && !Double.isNaN(value) && better) {
            best = value;
          }
        }
      }
      ratios.add(metric.of(own) / best);
    }
    return Spread.of(ratios);
  }
}
