// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What came of a request to a BMC.
 *
 * @param <T> what was asked for
 */
public sealed interface Outcome<T> {

  /** What was done or what went wrong, one line for the flight recorder, without secrets. */
  String evidence();

  /**
   * Carried out, and confirmed where it can be.
   *
   * @param evidence what was asked and what was answered
   * @param warnings what an operator should know all the same, a sentence each
   */
  record Done<T>(T value, String evidence, List<String> warnings) implements Outcome<T> {
    public Done {
      warnings = List.copyOf(warnings);
    }

    public Done(T value, String evidence) {
      this(value, evidence, List.of());
    }
  }

  /**
   * This kind of BMC, or this very one, has no such thing.
   *
   * @param bmc as it describes itself
   * @param what in the form "setting the next boot"
   */
  record Unsupported<T>(String bmc, String what) implements Outcome<T> {
    @Override
    public String evidence() {
      return bmc + ": does not support " + what;
    }
  }

  /** Not carried out, or not known to be. */
  record Failed<T>(BmcFault fault) implements Outcome<T> {
    @Override
    public String evidence() {
      return fault.evidence();
    }
  }

  /** The value, where there is one. */
  default Optional<T> result() {
    return this instanceof Done<T> done ? Optional.of(done.value()) : Optional.empty();
  }

  /** Goes on with the value; what failed stays failed. */
  default <R> Outcome<R> then(Function<Done<T>, Outcome<R>> next) {
    return switch (this) {
      case Done<T> done -> next.apply(done);
      case Unsupported<T>(String bmc, String what) -> new Unsupported<>(bmc, what);
      case Failed<T>(BmcFault fault) -> new Failed<>(fault);
    };
  }
}
