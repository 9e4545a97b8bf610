// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What is to go wrong: {@code faults.yaml}, read and checked. All of a file's mistakes are named at
 * once.
 *
 * @param faults which machines have which fault, and from when on
 * @param crashes when the appliance is killed; empty: never
 * @param full when the appliance's own disk is full
 */
record FaultsFile(
    List<Entry> faults,
    Weather weather,
    List<Duration> crashes,
    Duration down,
    FullDisk full,
    Duration limit) {
  private static final int LONGEST = 1 << 20;
  static final int MOST_CRASHES = 1_000;
  private static final Duration EARLIEST = Duration.ofSeconds(10);
  private static final Duration LONGEST_TIME = Duration.ofDays(7);
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,7})(ms|s|m|h)");
  private static final Pattern SHARE = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,4})?)%");

  /**
   * One fault.
   *
   * @param share of all nodes that have none yet, drawn from the seed; 0 where nodes are named
   * @param from the fault makes itself felt only from then on, after the start
   */
  record Entry(Fault fault, double share, List<String> nodes, Duration from) {}

  /** A file that is not one, with all that is wrong with it, a line each. */
  static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1;

    Wrong(List<String> problems) {
      super(String.join("\n", problems));
    }
  }

  /** A calm day: nothing goes wrong. */
  static final FaultsFile NONE =
      new FaultsFile(
          List.of(), Weather.FAIR, List.of(), Duration.ofSeconds(10), Duration.ofHours(6));

  /** Without a file: something of everything, for racks of any size. */
  static FaultsFile usual(long seed) {
    List<Entry> entries = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      entries.add(new Entry(fault, 0.005, List.of(), Duration.ZERO));
    }
    Random random = new Random(seed);
    List<Duration> crashes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      crashes.add(Duration.ofSeconds(60 + random.nextInt(15 * 60)));
    }
    Collections.sort(crashes);
    return new FaultsFile(
        entries, Weather.USUAL, crashes, Duration.ofSeconds(10), Duration.ofHours(6));
  }

  /** With room on the appliance's disk at all times. */
  FaultsFile(
      List<Entry> faults, Weather weather, List<Duration> crashes, Duration down, Duration limit) {
    this(faults, weather, crashes, down, FullDisk.NEVER, limit);
  }

  FaultsFile {
    faults = List.copyOf(faults);
    crashes = List.copyOf(crashes);
  }

  Simulation.Trouble trouble() {
    return new Simulation.Trouble(weather, crashes, down, full, limit);
  }

  /**
   * Which node has which fault: named ones first, then the shares, drawn from the seed. Every share
   * above nothing is one node at least.
   *
   * @throws Wrong if a node is named that the rack file has not
   */
  Map<Mac, Ailment> drawn(RackFile rack, long seed) {
    Map<Mac, Ailment> drawn = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (Entry entry : faults) {
      for (String name : entry.nodes()) {
        Optional<Node> node = rack.node(name);
        if (node.isEmpty()) {
          problems.add(entry.fault() + ": nodes: " + name + " (expected: a node of the rack file)");
        } else if (drawn.put(node.get().mac(), new Ailment(entry.fault(), entry.from())) != null) {
          problems.add(
              entry.fault() + ": nodes: " + name + ": has a fault already (expected: one)");
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new Wrong(problems);
    }
    List<Node> healthy = new ArrayList<>(rack.nodes());
    healthy.removeIf(node -> drawn.containsKey(node.mac()));
    Collections.shuffle(healthy, new Random(seed * 31 + 17));
    int next = 0;
    for (Entry entry : faults) {
      long count =
          entry.share() > 0 ? Math.max(1, Math.round(entry.share() * rack.nodes().size())) : 0;
      for (long i = 0; i < count && next < healthy.size(); i++) {
        drawn.put(healthy.get(next++).mac(), new Ailment(entry.fault(), entry.from()));
      }
    }
    return drawn;
  }

  /**
   * Reads the text of a file.
   *
   * @throws Wrong with all that is wrong with it
   */
  static FaultsFile read(String text, String source) {
    if (text.length() > LONGEST) {
      throw new Wrong(
          List.of(
              source + ": " + text.length() + " characters (expected: at most " + LONGEST + ")"));
    }
    Object root;
    try {
      root =
          new Load(LoadSettings.builder().setLabel(source).setMaxAliasesForCollections(10).build())
              .loadFromString(text);
    } catch (YamlEngineException e) {
      throw new Wrong(List.of(source + ": not YAML: " + e.getMessage()));
    }
    Reader reader = new Reader(source);
    FaultsFile file = reader.file(root);
    if (!reader.problems.isEmpty()) {
      throw new Wrong(reader.problems);
    }
    return file;
  }

  /** Takes a document apart, and goes on behind what is wrong. */
  private static final class Reader {
    private final String source;
    private final List<String> problems = new ArrayList<>();

    Reader(String source) {
      this.source = source;
    }

    private void wrong(String path, @Nullable Object value, String expected) {
      problems.add(source + ": " + path + ": " + shown(value) + " (expected: " + expected + ")");
    }

    private static String shown(@Nullable Object value) {
      String text = String.valueOf(value).replaceAll("\\p{Cntrl}", " ");
      return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    FaultsFile file(Object root) {
      Map<?, ?> map = map(root, "the file", Set.of("faults", "network", "appliance", "limit"));
      List<Entry> entries = new ArrayList<>();
      List<?> listed = list(map.get("faults"), "faults");
      for (int i = 0; i < listed.size(); i++) {
        entry(listed.get(i), "faults[" + i + "]").ifPresent(entries::add);
      }
      Map<?, ?> appliance =
          map(map.get("appliance"), "appliance", Set.of("killed-at", "down", "disk-full"));
      List<Duration> crashes = new ArrayList<>();
      for (Object at : list(appliance.get("killed-at"), "appliance.killed-at")) {
        crashes.add(deployed(at, "appliance.killed-at"));
      }
      if (crashes.size() > MOST_CRASHES) {
        wrong("appliance.killed-at", crashes.size() + " times", "at most " + MOST_CRASHES);
      }
      Collections.sort(crashes);
      return new FaultsFile(
          entries,
          weather(map.get("network")),
          crashes,
          time(appliance.get("down"), "appliance.down", NONE.down()),
          full(appliance.get("disk-full")),
          time(map.get("limit"), "limit", NONE.limit()));
    }

    /** Before it knows that anything is to be deployed, nobody would say it again. */
    private Duration deployed(@Nullable Object at, String path) {
      Duration when = time(at, path, EARLIEST);
      if (when.compareTo(EARLIEST) < 0) {
        wrong(path, at, "10s or later");
      }
      return when;
    }

    private FullDisk full(@Nullable Object value) {
      String path = "appliance.disk-full";
      if (value == null) {
        return FullDisk.NEVER;
      }
      Map<?, ?> map = map(value, path, Set.of("from", "for"));
      if (!map.containsKey("from") || !map.containsKey("for")) {
        wrong(path, value, "from and for");
      }
      return new FullDisk(
          deployed(map.get("from"), path + ".from"),
          time(map.get("for"), path + ".for", Duration.ZERO));
    }

    private Weather weather(@Nullable Object value) {
      Map<?, ?> map = map(value, "network", Set.of("loss", "twice", "late", "broken-connections"));
      return new Weather(
          share(map.get("loss"), "network.loss", 90),
          share(map.get("twice"), "network.twice", 90),
          time(map.get("late"), "network.late", Weather.FAIR.latest()),
          share(map.get("broken-connections"), "network.broken-connections", 90));
    }

    private Optional<Entry> entry(Object value, String path) {
      Map<?, ?> map = map(value, path, Set.of("fault", "share", "nodes", "from"));
      Optional<Fault> fault = Fault.called(String.valueOf(map.get("fault")));
      if (fault.isEmpty()) {
        wrong(path + ".fault", map.get("fault"), "one of " + String.join(", ", Fault.names()));
      }
      if (map.containsKey("share") == map.containsKey("nodes")) {
        wrong(path, "share and nodes", "one of the two");
      }
      double share = share(map.get("share"), path + ".share", 100);
      Set<String> nodes = new LinkedHashSet<>();
      for (Object node : list(map.get("nodes"), path + ".nodes")) {
        nodes.add(String.valueOf(node));
      }
      Duration from = time(map.get("from"), path + ".from", Duration.ZERO);
      return fault.map(one -> new Entry(one, share, List.copyOf(nodes), from));
    }

    /** Empty where nothing stands. */
    private Map<?, ?> map(@Nullable Object value, String path, Set<String> keys) {
      if (value == null) {
        return Map.of();
      }
      if (!(value instanceof Map<?, ?> map)) {
        wrong(path, value, "keys: " + keys.stream().sorted().toList());
        return Map.of();
      }
      for (Object key : map.keySet()) {
        if (!keys.contains(String.valueOf(key))) {
          wrong(path, key, "one of " + keys.stream().sorted().toList());
        }
      }
      return map;
    }

    private List<?> list(@Nullable Object value, String path) {
      if (value == null) {
        return List.of();
      }
      if (value instanceof List<?> list) {
        return list;
      }
      wrong(path, value, "a list");
      return List.of();
    }

    private double share(@Nullable Object value, String path, int most) {
      if (value == null) {
        return 0;
      }
      Matcher share = SHARE.matcher(String.valueOf(value));
      double percent = share.matches() ? Double.parseDouble(share.group(1)) : -1;
      if (percent < 0 || percent > most) {
        wrong(path, value, "0%.." + most + "%");
        return 0;
      }
      return percent / 100;
    }

    private Duration time(@Nullable Object value, String path, Duration otherwise) {
      if (value == null) {
        return otherwise;
      }
      Matcher time = DURATION.matcher(String.valueOf(value));
      if (time.matches()) {
        long count = Long.parseLong(time.group(1));
        Duration duration =
            switch (time.group(2)) {
              case "ms" -> Duration.ofMillis(count);
              case "s" -> Duration.ofSeconds(count);
              case "m" -> Duration.ofMinutes(count);
              default -> Duration.ofHours(count);
            };
        if (duration.compareTo(LONGEST_TIME) <= 0) {
          return duration;
        }
      }
      wrong(path, value, "a time such as 500ms, 10s, 5m or 2h, at most seven days");
      return otherwise;
    }
  }
}
