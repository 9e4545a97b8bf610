// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.load.LoadResult;
import java.util.Objects;

/**
 * One measurement; a line of the file of {@code --out}.
 *
 * @param run of which it is a part
 * @param experiment {@code blame}, {@code dhcp}, {@code tftp}, {@code http}, {@code storm}
 * @param scenario name of the {@link Case}, or what {@link Blame} looks at
 * @param subject name of the {@link Subject}
 * @param repetition from 1
 * @param load what the clients saw
 * @param serverCpu CPU seconds of all the subject's processes
 * @param pssMb their largest memory
 * @param foreign cores that others used meanwhile
 */
record Outcome(
    Run run,
    String experiment,
    String scenario,
    String subject,
    int repetition,
    LoadResult load,
    double serverCpu,
    double pssMb,
    double foreign) {

  Outcome {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(scenario, "scenario");
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(load, "load");
  }

  /** The same as another repetition. */
  Outcome as(int otherRepetition) {
    return new Outcome(
        run, experiment, scenario, subject, otherRepetition, load, serverCpu, pssMb, foreign);
  }

  double more(String name) {
    return load.more().getOrDefault(name, 0.0);
  }

  /** Whether the generator, and not the server, was the limit. */
  boolean isBoundByGenerator() {
    return load.seconds() > 0 && load.generatorCpu() / load.seconds() > 0.9;
  }
}
