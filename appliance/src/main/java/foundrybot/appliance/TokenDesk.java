// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Acceptance;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Purpose;
import foundrybot.appliance.lifecycle.RunToken;
import foundrybot.appliance.lifecycle.RunTokens;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Gives each machine's script its token: whoever asks gets the same one, until somebody has come
 * with it. So anybody's question costs neither a line of the journal nor the token of the machine
 * itself; and a machine that has used its token and asks again has started over, and gets a new
 * one.
 */
final class TokenDesk {
  /** A token in clear, in memory only. */
  private record Known(String hash, String text) {
    @Override
    public String toString() {
      return "Known[" + hash + "]";
    }
  }

  /** Addresses that ask for one machine's token and are remembered. */
  private static final int MOST_ASKERS = 16;

  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final Tokens tokens;
  private final InstantSource clock;
  private final Predicate<Node> hasBmc;
  // At most one entry for each machine of the rack file.
  private final Map<Mac, Known> known = new ConcurrentHashMap<>();
  // From where the token that waits was asked for: at most one entry for each machine as well.
  private final Map<Mac, Set<String>> askers = new ConcurrentHashMap<>();
  private final Map<Mac, CompletableFuture<String>> minting = new ConcurrentHashMap<>();

  /**
   * Knows no token yet.
   *
   * @param hasBmc whether a node has a BMC at this moment
   */
  TokenDesk(
      Fleet fleet,
      FlightRecorder recorder,
      Tokens tokens,
      InstantSource clock,
      Predicate<Node> hasBmc) {
    this.hasBmc = hasBmc;
    this.fleet = fleet;
    this.recorder = recorder;
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * Whether a node is given secrets now. One that has a BMC is only while a deployment's window is
   * open, so that who poses as a machine that stands still gets nothing; one that has none always
   * is, unless the rack file wants it armed. A rescue has no secrets, and lasts until the operator
   * ends it. One that is held gets none. The order to erase is open for an hour.
   */
  boolean isOpen(Node node, NodeState state) {
    // The state is in memory; whether there is a BMC may take a look at the disk.
    if (state.purpose().equals(Optional.of(Purpose.ERASE))) {
      return state.isEraseOpen(clock.instant());
    }
    return state.isInRescue()
        || (state.hold().isEmpty() && (isWindowOpen(node, state) || isAlwaysOpen(node)));
  }

  private boolean isWindowOpen(Node node, NodeState state) {
    return state.isWindowOpen(clock.instant(), fleet.outages(), fleet.deadlines(node));
  }

  /**
   * Whether who comes with that token of a node is listened to at all: to report, to send keys, to
   * enrol. A token is dead when its run has shown no progress for its window; one that nobody has
   * come with yet is as good as asking for it. What was silent while the appliance could not hear
   * is not counted. Who is in rescue has no secrets, and is heard until the operator ends it.
   */
  boolean isHeard(Node node, NodeState state, RunToken token) {
    Instant now = clock.instant();
    if (state.isInRescue()) {
      return !state.purpose().equals(Optional.of(Purpose.ERASE)) || state.isEraseHeard(now);
    }
    return token.used()
        ? state.isHeard(now, fleet.deafness(), fleet.deadlines(node))
        : isWindowOpen(node, state) || isAlwaysOpen(node);
  }

  /**
   * Why who comes with that token from there is not the machine to which it was given; empty if
   * nothing speaks against it. A machine's address may change: its firmware, its installer and its
   * installed system may each get another one. Where its DHCP is heard, as that of an address
   * proves from which it has come, another one of its own is heard as well.
   */
  Optional<String> strangeAddress(Node node, RunToken token, InetAddress from) {
    String address = from.getHostAddress();
    boolean known =
        token.user().equals(address)
            || token.holders().containsValue(address)
            || node.address().filter(own -> own.address().equals(from)).isPresent();
    if (known) {
      return Optional.empty();
    }
    Set<String> heard = fleet.addressesOf(node);
    return heard.contains(address)
        ? Optional.empty()
        : seenAt(node, token).stream()
            .filter(heard::contains)
            .findFirst()
            .map(
                before ->
                    address
                        + " shows the token"
                        + (token.used() ? " that came from " : " that was asked for from ")
                        + before
                        + "; by DHCP that machine has "
                        + String.join(", ", heard));
  }

  /**
   * From where a token's machine is thought to have come: who used it first; before that, who asked
   * for it, and who uses that of the attempt before.
   */
  private List<String> seenAt(Node node, RunToken token) {
    if (token.used()) {
      return List.of(token.user());
    }
    List<String> seen = new ArrayList<>(askers.getOrDefault(node.mac(), Set.of()));
    fleet.state(node.mac()).tokens().live().stream()
        .filter(RunToken::used)
        .map(RunToken::user)
        .forEach(seen::add);
    return seen;
  }

  /**
   * Somebody who asks from there is given the node's token; it may be the node.
   *
   * @param from an address
   */
  void asked(Node node, String from) {
    askers.compute(
        node.mac(),
        (_, before) -> {
          Set<String> now = new LinkedHashSet<>(before == null ? Set.of() : before);
          if (now.size() >= MOST_ASKERS) {
            // However many strangers ask, who has that address by DHCP is not forgotten.
            now.retainAll(fleet.addressesOf(node));
          }
          if (now.size() < MOST_ASKERS) {
            now.add(from);
          }
          return Set.copyOf(now);
        });
  }

  /** Whether nothing but the operator's word lets that node in, as nothing switches it on. */
  boolean wantsArming(Node node) {
    return fleet.rack().appliance().accept() == Acceptance.ARMED && !hasBmc.test(node);
  }

  /** Whether the appliance can switch the node. */
  boolean hasBmc(Node node) {
    return hasBmc.test(node);
  }

  /** Whether a node is let in at any time. */
  boolean isAlwaysOpen(Node node) {
    return fleet.rack().appliance().accept() == Acceptance.AUTO && !hasBmc.test(node);
  }

  /** The token that waits for a machine in that state, durable already; empty if there is none. */
  Optional<String> waiting(Mac machine, NodeState state) {
    Optional<RunToken> waiting = state.tokens().waiting();
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    RunToken token = waiting.get();
    Known at = known.get(machine);
    if (at != null && at.hash().equals(token.hash())) {
      return Optional.of(at.text());
    }
    // After a restart; empty if the key is another one, so that a new token is minted.
    Optional<String> text = tokens.text(machine, token);
    text.ifPresent(clear -> known.put(machine, new Known(token.hash(), clear)));
    return text;
  }

  /**
   * A new token; the one that waits if there is one by now.
   *
   * @return completes when it is durable: a token that the appliance forgets at a crash would leave
   *     the machine stuck
   */
  CompletionStage<String> minted(Mac machine) {
    CompletableFuture<String> text =
        minting.computeIfAbsent(
            machine,
            mac ->
                waiting(mac, fleet.state(mac))
                    .map(CompletableFuture::completedFuture)
                    .orElseGet(() -> mint(mac)));
    return text.whenComplete((_, _) -> minting.remove(machine, text));
  }

  private CompletableFuture<String> mint(Mac machine) {
    RunToken token = tokens.mint(machine);
    String text = tokens.text(machine, token).orElseThrow();
    return recorder
        .record(machine, FactKind.TOKEN_MINTED.text(), token.mintedDetail())
        .thenApply(
            _ -> {
              known.put(machine, new Known(token.hash(), text));
              return text;
            });
  }

  /** A token that a machine gets by another way than its script, and nobody by asking. */
  record Prepared(String hash, String text) {
    @Override
    public String toString() {
      return "Prepared[" + hash + "]";
    }
  }

  /**
   * A new token that alone is good for the machine's next attempt.
   *
   * @return completes when it is durable
   */
  CompletableFuture<Prepared> prepared(Mac machine) {
    RunToken token = tokens.mint(machine);
    String text = tokens.text(machine, token).orElseThrow();
    return recorder
        .record(machine, FactKind.TOKEN_PREPARED.text(), token.mintedDetail())
        .thenApply(_ -> new Prepared(token.hash(), text));
  }

  /**
   * Somebody has come with that token.
   *
   * @param what was asked for, in words without a secret
   * @return completes at once if that is known, else when it is durable
   */
  CompletionStage<?> used(Mac machine, RunToken token, String what, InetAddress from) {
    return token.used()
        ? CompletableFuture.completedStage("")
        : recorder
            .record(
                machine, FactKind.TOKEN_USED.text(), token.usedDetail(what, from.getHostAddress()))
            .whenComplete((_, _) -> askers.remove(machine));
  }

  /**
   * Two machines have said by one token of the machine who they are.
   *
   * @param hash of the token
   * @param why which, from where; without a secret
   * @return why nobody is given anything any more; completes when it is durable
   */
  CompletionStage<Optional<String>> contested(Mac machine, String hash, String why) {
    return recorder
        .record(machine, FactKind.TOKEN_CONTESTED.text(), RunTokens.contestDetail(hash, why))
        .thenApply(_ -> fleet.state(machine).quarantine());
  }

  /**
   * Somebody asks, by a token of the machine, for what may be had once with it; or goes on with one
   * of the attempt before.
   *
   * @param hash of the token
   * @param what is asked for, in words without a secret
   * @return why nobody gets it; completes at once if nothing new follows, else when it is durable
   */
  CompletionStage<Optional<String>> claimed(
      Mac machine, String hash, InetAddress from, String what) {
    String detail = RunTokens.claimDetail(hash, from.getHostAddress(), what);
    NodeState state = fleet.state(machine);
    return state.isComplete() || !state.tokens().minds(detail)
        ? CompletableFuture.completedStage(state.quarantine())
        : recorder
            .record(machine, FactKind.TOKEN_CLAIMED.text(), detail)
            .thenApply(_ -> fleet.state(machine).quarantine());
  }
}
