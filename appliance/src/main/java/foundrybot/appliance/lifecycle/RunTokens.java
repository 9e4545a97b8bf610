// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The live tokens of a run, oldest first. At most one of them is used, that of the boot attempt
 * under way, and it comes first; those behind it wait for the next attempt.
 *
 * <p>Minting burns nothing, because anybody may ask for a script; coming with a token burns those
 * before it, because only who got its script can do that.
 *
 * <p>What has a secret in it may be had once with a token. The same address may ask again, since an
 * answer can be lost; another one that does is a second machine with the same token. So is who goes
 * on with a token after another address has begun the next attempt. Which of the two is the node is
 * for people to find out, and until then neither gets anything.
 *
 * @param former that of the attempt before the one under way
 * @param quarantine why nothing is given to who has one of these
 */
public record RunTokens(
    List<RunToken> live, Optional<RunToken> former, Optional<String> quarantine) {
  /**
   * Tokens of one run: of the attempt under way, of the next one, and one that cannot be made again
   * because the key file was lost, but which a machine may still hold.
   */
  static final int MAX = 3;

  static final RunTokens NONE = new RunTokens(List.of());

  public RunTokens {
    live = List.copyOf(live);
  }

  RunTokens(List<RunToken> live) {
    this(live, Optional.empty(), Optional.empty());
  }

  private RunTokens with(List<RunToken> others) {
    return new RunTokens(others, former, quarantine);
  }

  /** One more; beyond the limit the one that has waited longest is burnt. */
  RunTokens plus(RunToken token) {
    List<RunToken> more = new ArrayList<>(live);
    more.add(token);
    if (more.size() > MAX) {
      more.remove(hasUsed() ? 1 : 0);
    }
    return with(more);
  }

  /** One that alone is good for the next attempt: none that waited before may begin it. */
  RunTokens withOnly(RunToken token) {
    return with(hasUsed() ? List.of(live.getFirst(), token) : List.of(token));
  }

  /** Somebody came with it: it is the token of the attempt under way now. */
  RunTokens usedFirst(RunToken token, String usedDetail) {
    List<RunToken> rest = new ArrayList<>(live.subList(live.indexOf(token), live.size()));
    rest.set(0, token.inUse(usedDetail));
    Optional<RunToken> before = hasUsed() ? Optional.of(live.getFirst()) : former;
    return new RunTokens(rest, before, quarantine);
  }

  /** The detail of the fact that an address asks for what may be had once. */
  public static String claimDetail(String hash, String address, String what) {
    return hash + " " + address + " " + what;
  }

  /**
   * The detail of the fact that two machines have said by one token who they are.
   *
   * @param why which, from where; without a secret
   */
  public static String contestDetail(String hash, String why) {
    return hash + " " + why;
  }

  RunTokens contested(String contestDetail) {
    String[] words = contestDetail.split(" ", 2);
    return quarantine.isPresent() || words.length < 2 || of(words[0]).isEmpty()
        ? this
        : quarantined(words[1]);
  }

  /** Whether anything follows from it that is not known yet. */
  public boolean minds(String claimDetail) {
    return !claimed(claimDetail).equals(this);
  }

  RunTokens claimed(String claimDetail) {
    String[] words = claimDetail.split(" ", 3);
    if (quarantine.isPresent() || words.length < 3) {
      return this;
    }
    Optional<RunToken> token = of(words[0]);
    if (token.isPresent()) {
      return claimed(token.get(), words[1], words[2]);
    }
    return former
        .filter(before -> is(before, words[0]) && hasUsed())
        .map(_ -> live.getFirst().user())
        .filter(user -> !user.isEmpty() && !user.equals(words[1]))
        .map(user -> quarantined(words[1] + " goes on, after " + user + " has started over"))
        .orElse(this);
  }

  private RunTokens claimed(RunToken token, String address, String what) {
    String holder = token.holder(what).orElse(address);
    if (!holder.equals(address)) {
      return quarantined(what + " was given to " + holder + ", and " + address + " asks for it");
    }
    List<RunToken> others = new ArrayList<>(live);
    others.set(live.indexOf(token), token.heldBy(address, what));
    return with(others);
  }

  private RunTokens quarantined(String why) {
    return new RunTokens(live, former, Optional.of("two machines have its token: " + why));
  }

  /** Without those that wait, where one is in use. */
  RunTokens withoutWaiting() {
    return hasUsed() ? with(live.subList(0, 1)) : this;
  }

  boolean hasUsed() {
    return !live.isEmpty() && live.getFirst().used();
  }

  /** The token of the next attempt, if one waits. */
  public Optional<RunToken> waiting() {
    return live.isEmpty() || live.getLast().used() ? Optional.empty() : Optional.of(live.getLast());
  }

  /** A live token by its hash; how long that takes does not tell how much of it was right. */
  public Optional<RunToken> of(String hash) {
    return live.stream().filter(token -> is(token, hash)).findFirst();
  }

  private static boolean is(RunToken token, String hash) {
    return MessageDigest.isEqual(
        token.hash().getBytes(StandardCharsets.US_ASCII), hash.getBytes(StandardCharsets.US_ASCII));
  }
}
