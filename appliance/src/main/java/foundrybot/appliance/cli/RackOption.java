// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackReading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option of every command that looks at a rack file. */
final class RackOption {
  @Option(
      names = "--rack",
      paramLabel = "FILE",
      description = "The rack file (default: rack.yaml).")
  private Optional<Path> rack = Optional.empty();

  RackSource source() {
    return new RackSource(rack.orElse(Path.of("rack.yaml")));
  }

  /**
   * For commands that can do without: the rack file, if there is one. One that is named must hold;
   * that the usual one does not is only said.
   */
  Optional<RackFile> ifValid() {
    if (rack.isPresent()) {
      return Optional.of(source().require());
    }
    if (!Files.exists(source().path())) {
      return Optional.empty();
    }
    return switch (source().read()) {
      case RackReading.Valid valid -> Optional.of(valid.rack());
      case RackReading.Invalid invalid -> {
        System.err.println(
            "bootserver: warning: "
                + source().path()
                + ": "
                + RackSource.count(invalid.faults())
                + ", so it is not looked at; see 'bootserver validate "
                + source().path()
                + "'");
        yield Optional.empty();
      }
    };
  }
}
