// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The live tokens of a run, oldest first. At most one of them is used, that of the boot attempt
 * under way, and it comes first; those behind it wait for the next attempt.
 *
 * <p>Minting burns nothing, because anybody may ask for a script; coming with a token burns those
 * before it, because only who got its script can do that.
 */
public record RunTokens(List<RunToken> live) {
  /**
   * Tokens of one run: of the attempt under way, of the next one, and one that cannot be made again
   * because the key file was lost, but which a machine may still hold.
   */
  static final int MAX = 3;

  static final RunTokens NONE = new RunTokens(List.of());

  public RunTokens {
    live = List.copyOf(live);
  }

  /** One more; beyond the limit the one that has waited longest is burnt. */
  RunTokens plus(RunToken token) {
    List<RunToken> more = new ArrayList<>(live);
    more.add(token);
    if (more.size() > MAX) {
      more.remove(hasUsed() ? 1 : 0);
    }
    return new RunTokens(more);
  }

  /** One that alone is good for the next attempt: none that waited before may begin it. */
  RunTokens withOnly(RunToken token) {
    return hasUsed()
        ? new RunTokens(List.of(live.getFirst(), token))
        : new RunTokens(List.of(token));
  }

  /** Somebody came with it: it is the token of the attempt under way now. */
  RunTokens usedFirst(RunToken token) {
    List<RunToken> rest = new ArrayList<>(live.subList(live.indexOf(token), live.size()));
    rest.set(0, token.inUse());
    return new RunTokens(rest);
  }

  /** Without those that wait, where one is in use. */
  RunTokens withoutWaiting() {
    return hasUsed() ? new RunTokens(live.subList(0, 1)) : this;
  }

  boolean hasUsed() {
    return !live.isEmpty() && live.getFirst().used();
  }

  /** The token of the next attempt, if one waits. */
  public Optional<RunToken> waiting() {
    return live.isEmpty() || live.getLast().used() ? Optional.empty() : Optional.of(live.getLast());
  }

  /** A live token by its hash. */
  public Optional<RunToken> of(String hash) {
    return live.stream().filter(token -> token.hash().equals(hash)).findFirst();
  }
}
