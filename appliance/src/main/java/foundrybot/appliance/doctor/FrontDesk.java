// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import foundrybot.appliance.doctor.Evidence.Desk;
import foundrybot.bootserver.MacAddress;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks the running appliance what it has seen, if it runs. */
public final class FrontDesk {
  private static final Pattern RELAY = Pattern.compile("\\brelay=(\\d+\\.\\d+\\.\\d+\\.\\d+)");
  private static final Pattern WITHOUT =
      Pattern.compile("no boot program for architecture (\\d+ \\([a-z0-9-]+\\))");
  private static final String LOADER = "bootloader";

  private final Optional<Line> line;

  /** The operator's way to the appliance. */
  public interface Line {
    /** What the status says of the machines. */
    Seen seen();

    /** Details of the newest events of machines of any kind. */
    List<String> details();

    /** Has the appliance answer this machine, which is none, as one of the plan. */
    void invite(MacAddress mac);
  }

  /**
   * From the appliance's status.
   *
   * @param counters of the wire by name
   * @param strangers one line each
   * @param stuck node to the stage where it is stuck
   */
  public record Seen(
      Map<String, Long> counters, List<String> strangers, Map<String, String> stuck) {
    public Seen {
      counters = Map.copyOf(counters);
      strangers = List.copyOf(strangers);
      stuck = Map.copyOf(stuck);
    }
  }

  private FrontDesk(Optional<Line> line) {
    this.line = line;
  }

  public static FrontDesk at(Line line) {
    return new FrontDesk(Optional.of(line));
  }

  /** No appliance runs. */
  public static FrontDesk closed() {
    return new FrontDesk(Optional.empty());
  }

  /** Between the questions to the wire. */
  interface Visit {
    /** On another machine nobody is asked. */
    Visit ELSEWHERE = () -> Desk.NOT_ASKED;

    Desk leave();
  }

  Visit arrive(MacAddress mac) {
    if (line.isEmpty()) {
      return () ->
          new Desk(Desk.State.NOT_RUNNING, false, List.of(), List.of(), List.of(), List.of());
    }
    Line open = line.get();
    open.invite(mac);
    long before = discovers(open.seen());
    return () -> {
      Seen after = open.seen();
      return desk(after, discovers(after) > before, open.details());
    };
  }

  private static long discovers(Seen seen) {
    return seen.counters().getOrDefault("dhcp.discover", 0L);
  }

  static Desk desk(Seen seen, boolean heardProbe, List<String> details) {
    Set<Inet4Address> relays = new LinkedHashSet<>();
    Set<String> without = new LinkedHashSet<>();
    for (String detail : details) {
      Matcher relay = RELAY.matcher(detail);
      if (relay.find()) {
        relays.add(Inet4Address.ofLiteral(relay.group(1)));
      }
      // The probe itself asks as machines that the rack need not have.
      Matcher architecture = WITHOUT.matcher(detail);
      if (architecture.find() && !detail.startsWith("probe of the operator")) {
        without.add(architecture.group(1));
      }
    }
    List<String> atLoader = new ArrayList<>();
    seen.stuck()
        .forEach(
            (node, stage) -> {
              if (stage.equals(LOADER)) {
                atLoader.add(node);
              }
            });
    return new Desk(
        Desk.State.RUNNING,
        heardProbe,
        seen.strangers(),
        List.copyOf(relays),
        List.copyOf(without),
        atLoader.stream().sorted().toList());
  }
}
