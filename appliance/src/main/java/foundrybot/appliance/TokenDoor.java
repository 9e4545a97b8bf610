// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.Audit.Attempt;
import foundrybot.appliance.Fleet.Bearer;
import foundrybot.bootserver.http.HttpAnswer;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Decides who has come with a node's token. An address from which too many tokens came that open
 * nothing is told so, and no token of a node that it had nothing to do with before is looked at:
 * else the limit would be none for the one guess that is right. A node that was given its token
 * there, or has shown or proved it there before, goes on; so who guesses behind the same address (a
 * router that translates) delays none that asks for its script first, by its MAC or from its
 * medium.
 *
 * <p>An address is who completed a TCP handshake from it, which nobody does by another's address
 * without receiving its packets too: so nobody shuts a node out by writing its address.
 */
final class TokenDoor {
  /** Addresses whose guesses are counted; who guessed longest ago makes room. */
  private static final int MOST_ADDRESSES = 1024;

  /** Nodes that are known by an address; who came longest ago makes room. */
  private static final int MOST_REGULARS = 8192;

  /** In seconds: until a handful of guesses has come back. */
  private static final String RETRY_AFTER = "10";

  private static final String UNKNOWN = "unknown or expired token\n";
  private static final String SHUT_OUT =
      "too many tokens from there that open nothing; wait a minute\n";

  /** A node that was served at an address. */
  private record Regular(String address, Mac node) {}

  private final Fleet fleet;
  private final TokenDesk tokens;
  private final Audit audit;
  private final Limits<String> guessers;
  private final Set<Regular> regulars = new LinkedHashSet<>();

  /** Nobody has guessed yet, and no node was there. */
  TokenDoor(Fleet fleet, TokenDesk tokens, Audit audit, InstantSource clock) {
    this.fleet = fleet;
    this.tokens = tokens;
    this.audit = audit;
    this.guessers = new Limits<>(Allowances.Source.GUESSES, MOST_ADDRESSES, clock);
  }

  /**
   * A node's token is given to who asks from there.
   *
   * @param address as text; by TFTP, where the token went, as an answer by TCP would
   */
  void gave(Mac node, String address) {
    Regular regular = new Regular(address, node);
    synchronized (regulars) {
      regulars.remove(regular);
      regulars.add(regular);
      if (regulars.size() > MOST_REGULARS) {
        Iterator<Regular> eldest = regulars.iterator();
        eldest.next();
        eldest.remove();
      }
    }
  }

  /** Who comes with a live token; empty as well for who is not listened to. Counts nothing. */
  Optional<Bearer> bearer(String token, InetAddress from) {
    String address = from.getHostAddress();
    Optional<Bearer> bearer = fleet.bearer(token).filter(it -> isHeard(it.node().mac(), address));
    bearer.ifPresent(it -> gave(it.node().mac(), address));
    return bearer;
  }

  private boolean isHeard(Mac node, String address) {
    return !isShutOut(address) || isRegular(node, address);
  }

  private boolean isRegular(Mac node, String address) {
    synchronized (regulars) {
      return regulars.contains(new Regular(address, node));
    }
  }

  private boolean isShutOut(String address) {
    return guessers.isEmpty(address);
  }

  /**
   * Answers who was not found to be a bearer, and counts it against the address if it was a guess.
   * A token that was burnt is none: it was a node's, and its use by another address matters.
   *
   * @param wanted in words of the program
   * @param label of the answer
   */
  CompletionStage<HttpAnswer> turnedAway(
      String token, InetAddress from, String wanted, String label) {
    String address = from.getHostAddress();
    HttpAnswer none = Answers.text(404, UNKNOWN, label);
    Optional<Mac> former = fleet.formerBearer(token).filter(node -> isHeard(node, address));
    if (former.isPresent()) {
      audit.refused(Attempt.TOKEN_BURNT, former, from, wanted);
      return tokens.claimed(former.get(), Tokens.hash(token), from, wanted).thenApply(_ -> none);
    }
    if (guessers.admits(address)) {
      audit.refused(Attempt.TOKEN_UNKNOWN, Optional.empty(), from, wanted);
      return CompletableFuture.completedStage(none);
    }
    if (guessers.isNews(address)) {
      audit.refused(Attempt.GUESSING, Optional.empty(), from, "");
    } else {
      audit.counted(Attempt.GUESSING);
    }
    return CompletableFuture.completedStage(
        HttpAnswer.Body.text(429, SHUT_OUT, "node: too many guesses")
            .with(Map.of("Retry-After", RETRY_AFTER)));
  }
}
