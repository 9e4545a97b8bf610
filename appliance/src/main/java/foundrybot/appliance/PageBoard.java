// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.logs.NodeLogs;
import foundrybot.appliance.page.Changes;
import foundrybot.appliance.page.NodeStory;
import foundrybot.appliance.page.RackView;
import foundrybot.appliance.page.Reported;
import foundrybot.appliance.power.BmcSource;
import foundrybot.appliance.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What pages show now, made once for all who look, and by which mark it is known. The look at a
 * rack of 1,000 is kept until something is heard, but no longer than a blink.
 */
final class PageBoard {
  private static final Logger LOG = LoggerFactory.getLogger(PageBoard.class);

  /** The thing that is no node. */
  static final String RACK = "rack";

  private static final int MAX_EVENTS = 150;

  /** Facts among which the newest of its BMC are looked for. */
  private static final int MAX_LOOKED_AT = 600;

  private static final int MAX_LOG = 200;

  /** Stories that are kept, the latest looked at: one for each page that may be open. */
  private static final int MOST_STORIES = 64;

  private static final Duration BLINK = Duration.ofMillis(300);

  /** The rack as it was looked at. */
  private record Look(long heard, long nanos, Instant at, List<NodeStatus> nodes, RackView rack) {}

  /**
   * A node as it was looked at.
   *
   * @param state equal to that of before where the page is the same
   */
  private record Told(List<Object> state, String mark, NodeStory story) {}

  private final Fleet fleet;
  private final Store store;
  private final NodeLogs logs;
  private final Supplier<FleetStatus> status;
  private final BmcSource bmcs;
  private final KeptHardware hardware;
  private final InstantSource clock;
  private final String start = Audit.newId();
  private final Changes changes = new Changes(start);
  private final AtomicLong heard = new AtomicLong();
  private final Map<Mac, Long> heardOf = new ConcurrentHashMap<>();
  private Optional<Look> last = Optional.empty();
  private long numbers;

  private final Map<String, Told> stories =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Told> eldest) {
          return size() > MOST_STORIES;
        }
      };

  PageBoard(
      Fleet fleet,
      Store store,
      NodeLogs logs,
      Supplier<FleetStatus> status,
      BmcSource bmcs,
      KeptHardware hardware,
      InstantSource clock) {
    this.fleet = fleet;
    this.store = store;
    this.logs = logs;
    this.status = status;
    this.bmcs = bmcs;
    this.hardware = hardware;
    this.clock = clock;
  }

  /** A fact is durable, and the fleet has it. */
  void heard(Fact fact) {
    Mac.parse(fact.mac())
        .filter(mac -> fleet.node(mac).isPresent())
        .ifPresent(mac -> heardOf.merge(mac, 1L, Long::sum));
    heard.incrementAndGet();
  }

  Changes changes() {
    return changes;
  }

  RackView rack() {
    return look().rack();
  }

  private synchronized Look look() {
    long known = heard.get();
    Instant now = clock.instant();
    long nanos = System.nanoTime();
    if (last.filter(look -> isNow(look, known, now, nanos)).isEmpty()) {
      FleetStatus found = status.get();
      RackView before = last.map(Look::rack).orElse(RackView.NONE);
      RackView rack = PageViews.rack(found, fleet);
      // The same object where it is the same, so that others find that soon.
      last =
          Optional.of(
              new Look(known, nanos, now, found.nodes(), before.equals(rack) ? before : rack));
    }
    return last.orElseThrow();
  }

  private static boolean isNow(Look look, long heard, Instant now, long nanos) {
    return look.heard() == heard
        && nanos - look.nanos() < BLINK.toNanos()
        && Duration.between(look.at(), now).abs().compareTo(BLINK) < 0;
  }

  /** A node's page, and the mark of that. */
  record Marked(NodeStory story, String mark) {}

  Marked node(Node node) {
    Look look = look();
    NodeStatus found =
        look.nodes().stream()
            .filter(each -> each.name().equals(node.name()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException(node.name() + " is not in the status"));
    Told told = told(node, found, look.rack().appliance());
    return new Marked(told.story(), told.mark());
  }

  private synchronized Told told(Node node, NodeStatus found, Diagnosis own) {
    List<Object> state =
        List.of(
            node,
            found.withoutCountdown(),
            own,
            heardOf.getOrDefault(node.mac(), 0L),
            logs.atHand(node.mac()));
    Told before = stories.get(node.name());
    if (before != null && before.state().equals(state)) {
      return before;
    }
    NodeStory story =
        PageViews.story(
            PageViews.node(found, fleet).with(bmcs.url(node)),
            store.history(node.mac().toString(), MAX_LOOKED_AT),
            MAX_EVENTS,
            logs.tail(node.mac(), MAX_LOG),
            fleet.state(node.mac()).mismatch().map(one -> one.why()).orElse(""),
            own,
            reported(node));
    Told told = new Told(state, start + "n" + ++numbers, story);
    stories.put(node.name(), told);
    return told;
  }

  private List<Reported> reported(Node node) {
    List<Reported> all = new ArrayList<>();
    try {
      hardware.inspected(node).map(PageViews::inspected).ifPresent(all::add);
      hardware.erased(node).map(PageViews::erased).ifPresent(all::add);
    } catch (IOException e) {
      LOG.warn("not on the page: what node={} is made of cause={}", node.name(), e.getMessage());
    }
    return all;
  }

  /** By what name a thing is known now: the rack, or the node of that name. */
  String mark(String thing) {
    return thing.equals(RACK)
        ? changes.version(rack())
        : fleet.nodeNamed(thing).map(node -> node(node).mark()).orElse(start + "gone");
  }
}
