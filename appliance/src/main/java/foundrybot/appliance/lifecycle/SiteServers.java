// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What is known of the DHCP servers beside the appliance when one node is looked at: which ones the
 * rack file says are meant to be there, whose offers this node took, and whose the others. Looked
 * up only where a diagnosis needs it.
 */
public final class SiteServers {
  /** Nothing is said of them, and nobody was heard taking their offers. */
  public static final SiteServers NONE = new SiteServers(true, Set.of(), List::of, Others.NONE);

  private static final int MOST_NAMED = 4;

  /**
   * An offer that a machine took.
   *
   * @param server option 54 of its REQUEST, as a dotted quad
   * @param address what it asked for; {@code unknown} where it did not say
   * @param last when it did so last
   */
  record Taken(String server, String address, Instant last) {}

  /** How many of the other nodes took the offer of which server, each by its latest one. */
  interface Others {
    Others NONE = () -> new Counted(Map.of(), false);

    Counted count();
  }

  /**
   * The same as numbers.
   *
   * @param byServer one or more for each
   * @param ofNetwork whether only nodes of the same network are counted; else all of the rack
   */
  record Counted(Map<String, Integer> byServer, boolean ofNetwork) {
    Counted {
      byServer = Map.copyOf(byServer);
    }
  }

  private final boolean heard;
  private final Set<String> known;
  private final Supplier<List<Taken>> taken;
  private final Others others;

  /**
   * Of one node.
   *
   * @param heard whether the appliance listens to DHCP at all
   * @param known what the rack file names; empty: nobody has said which are meant to be there
   */
  SiteServers(boolean heard, Set<String> known, Supplier<List<Taken>> taken, Others others) {
    this.heard = heard;
    this.known = Set.copyOf(known);
    this.taken = taken;
    this.others = others;
  }

  /**
   * Whether a DISCOVER, and what they answer, would be heard; else that none is seen says nothing.
   */
  boolean areHeard() {
    return heard;
  }

  /** Whether nobody has said which servers are meant to be there, so that none can be a rival. */
  boolean areUnsaid() {
    return known.isEmpty();
  }

  /** The offer of a server that is not meant to be there, if the node took one since then. */
  Optional<Taken> rival(Instant since) {
    return areUnsaid()
        ? Optional.empty()
        : taken.get().stream()
            .filter(one -> !known.contains(one.server()) && !one.last().isBefore(since))
            .max(Comparator.comparing(Taken::last));
  }

  /** Those that are meant to be there, for people. */
  String names() {
    String some = known.stream().sorted().limit(MOST_NAMED).collect(Collectors.joining(", "));
    return known.size() > MOST_NAMED
        ? some + " and " + (known.size() - MOST_NAMED) + " more"
        : some;
  }

  /**
   * Where nobody has said which ones are meant to be there: what the other nodes did, as a fact to
   * judge by; empty if none of them took the offer of another server than this.
   */
  String unlike(String server) {
    if (!areUnsaid()) {
      return "";
    }
    Counted counted = others.count();
    List<Map.Entry<String, Integer>> unlike =
        counted.byServer().entrySet().stream()
            .filter(entry -> !entry.getKey().equals(server))
            .sorted(
                Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(MOST_NAMED)
            .toList();
    if (unlike.isEmpty()) {
      return "";
    }
    String of = counted.ofNetwork() ? " of its network" : "";
    return unlike.stream()
        .map(
            entry ->
                entry.getValue()
                    + (entry.getValue() == 1 ? " other node" : " other nodes")
                    + of
                    + " took the offer of "
                    + entry.getKey())
        .collect(Collectors.joining(", "));
  }
}
