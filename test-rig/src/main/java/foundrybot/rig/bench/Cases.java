// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.bench.Case.Places;
import foundrybot.rig.bench.Subject.Role;
import foundrybot.rig.load.Order;
import foundrybot.rig.load.Order.Dialogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** All loads, in the order in which they run. */
final class Cases {
  static final String DISCOVER = "DISCOVER, 1,000 machines";
  static final String DORA_1000 = "DORA, 1,000 machines";
  static final String DORA_20000 = "DORA, 20,000 machines";
  static final String PROXY = "proxy offer and 4011";
  static final String TEN_MACHINES = "DISCOVER, the same 10 machines";
  static final String WINDOW = "1 MB x32, window ";
  static final String EDK2 = "300 KB x128 as EDK2";
  static final String FAR = "300 KB x16, window 4, RTT 1 ms";
  static final String LOSSY = "300 KB x16, window 4, RTT 1 ms, 1 % loss";
  static final String IMAGE = "60 MB x";
  static final String SCRIPT = "script, kept connection";
  static final String SCRIPT_NEW = "script, new connection";

  static final String TLS_IMAGE = "HTTPS: 60 MB x4";
  static final String TLS_SCRIPT = "HTTPS: script, new connection";

  private static final int IN_FLIGHT = 64;
  private static final int WARM_IN_FLIGHT = 500;
  private static final int ETHERNET_BLOCK = 1468;

  /** Machines of a storm that only warms up; they are the rack's last. */
  static final int WARM_STORM = 150;

  private static final int WARM_SCRIPTS_S = 14;

  private static final int MOST_NODES = 15_000;

  private Cases() {}

  /**
   * A boot storm's size.
   *
   * @param rampSeconds 0: all at once
   */
  record StormSize(int nodes, double rampSeconds) {
    static final List<StormSize> USUAL = List.of(new StormSize(1000, 0), new StormSize(5000, 10));

    String text() {
      String nodesText = String.format(java.util.Locale.ROOT, "%,d machines ", nodes);
      return nodesText
          + (rampSeconds == 0 ? "at once" : "over " + Spread.number(rampSeconds) + " s");
    }

    /** {@code 1000} or {@code 5000/10}. */
    static StormSize parse(String text) {
      if (!text.matches("[0-9]{1,5}(/[0-9]{1,3})?")) {
        throw new IllegalArgumentException(
            "--nodes: " + text + " (expected: MACHINES or MACHINES/SECONDS, such as 5000/10)");
      }
      String[] parts = text.split("/", 2);
      int nodes = Integer.parseInt(parts[0]);
      if (nodes < 1 || nodes > MOST_NODES) {
        throw new IllegalArgumentException(
            "--nodes: " + nodes + " machines (expected: 1.." + MOST_NODES + ")");
      }
      return new StormSize(nodes, parts.length == 1 ? 0 : Integer.parseInt(parts[1]));
    }
  }

  static List<Case> all(List<StormSize> storms) {
    List<Case> all = new ArrayList<>();
    all.add(dhcp(DISCOVER, Role.DHCP_SERVER, Dialogue.DISCOVER, 1000));
    all.add(dhcp(DORA_1000, Role.DHCP_SERVER, Dialogue.DORA, 1000));
    all.add(dhcp(DORA_20000, Role.DHCP_SERVER, Dialogue.DORA, 20_000));
    all.add(dhcp(PROXY, Role.DHCP_PROXY, Dialogue.PROXY, 1000));
    all.add(ten(Role.SMALL_RACK, 10));
    all.add(ten(Role.LARGE_RACK, 10_000));
    for (int window : new int[] {1, 4, 16, 64}) {
      all.add(
          tftp(WINDOW + window, Metric.MB_PER_CPU_SECOND, Content.LARGE, 32, window, false, 0, 0));
    }
    all.add(tftp(EDK2, Metric.MB_PER_CPU_SECOND, Content.PROGRAM, 128, 4, true, 0, 0));
    all.add(tftp(FAR, Metric.MB_PER_SECOND, Content.PROGRAM, 16, 4, false, 0, 1));
    all.add(tftp(LOSSY, Metric.MB_PER_SECOND, Content.PROGRAM, 16, 4, false, 0.01, 1));
    all.add(image(IMAGE + 16, 16, false));
    all.add(image(IMAGE + 128, 128, false));
    all.add(script(SCRIPT, true, false));
    all.add(script(SCRIPT_NEW, false, false));
    all.add(image(TLS_IMAGE, 4, true));
    all.add(script(TLS_SCRIPT, false, true));
    for (StormSize size : storms) {
      all.add(storm(size, largest(storms)));
    }
    return List.copyOf(all);
  }

  /** The machines of the largest storm; those that warm up come behind them. */
  static int largest(List<StormSize> storms) {
    return storms.stream().mapToInt(StormSize::nodes).max().orElse(0);
  }

  private static Case dhcp(String name, Role role, Dialogue dialogue, int machines) {
    Function<Places, Order> order =
        at -> new Order.Dhcp(at.target(), dialogue, IN_FLIGHT, machines, 0, at.seconds());
    // So many at once that all machines have had an address, which is probed only the first time.
    Function<Places, Order> warmUp =
        at -> new Order.Dhcp(at.target(), dialogue, WARM_IN_FLIGHT, machines, 0, 3);
    return new Case("dhcp", name, Set.of(role), Metric.MICROS_PER_EXCHANGE, order, warmUp);
  }

  /** The rack file is what differs, so each is a case of its own. */
  private static Case ten(Role role, int rack) {
    Function<Places, Order> order =
        at -> new Order.Dhcp(at.target(), Dialogue.DISCOVER, 8, 10, 0, at.seconds());
    return new Case(
        "dhcp",
        TEN_MACHINES + ", rack of " + rack,
        Set.of(role),
        Metric.MICROS_PER_EXCHANGE,
        order,
        order);
  }

  private static Case tftp(
      String name,
      Metric metric,
      Content file,
      int inFlight,
      int window,
      boolean probe,
      double lost,
      int delayMs) {
    Function<Places, Order> order =
        at ->
            new Order.Tftp(
                at.target(),
                file.file(),
                at.www() + "/" + file.file(),
                inFlight,
                ETHERNET_BLOCK,
                window,
                probe,
                lost,
                delayMs,
                at.seconds());
    return new Case("tftp", name, Set.of(Role.TFTP), metric, order, order);
  }

  private static Case image(String name, int streams, boolean tls) {
    Function<Places, Order> order =
        at ->
            new Order.Http(
                at.target(), at.image(), 0, streams, true, tls, Content.IMAGE.size(), at.seconds());
    return new Case("http", name, Set.of(Role.HTTP), Metric.CPU_SECONDS_PER_GB, order, order);
  }

  private static Case script(String name, boolean keepAlive, boolean tls) {
    // So long that every machine has asked before: its first script of a run makes it a token.
    return new Case(
        "http",
        name,
        Set.of(Role.HTTP),
        Metric.MICROS_PER_EXCHANGE,
        at -> scripts(at, keepAlive, tls, at.seconds()),
        at -> scripts(at, keepAlive, tls, WARM_SCRIPTS_S));
  }

  private static Order scripts(Places at, boolean keepAlive, boolean tls, double seconds) {
    int machines = at.machines() - 1;
    return new Order.Http(
        at.target(), at.script(), machines, IN_FLIGHT, keepAlive, tls, -1, seconds);
  }

  private static Case storm(StormSize size, int warmFirst) {
    return new Case(
        "storm",
        size.text(),
        Set.of(Role.STORM_SERVER, Role.STORM_PROXY),
        Metric.SECONDS,
        at -> storm(at, size.nodes(), 0, size.rampSeconds(), 120),
        at -> storm(at, WARM_STORM, warmFirst, 0, 20));
  }

  private static Order storm(Places at, int nodes, int firstNode, double ramp, double patience) {
    return new Order.Storm(
        at.target(),
        at.dialogue(),
        nodes,
        firstNode,
        ramp,
        at.www() + "/" + Content.PROGRAM.file(),
        at.script(),
        at.callback(),
        patience);
  }
}
