// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Two network namespaces: the rack with its switch (a bridge), the appliance's address and one tap
 * per machine, and the site's network on the same switch.
 *
 * <p>The names hold the id of the process that made them, so a later run can tell the leftovers of
 * a killed run from a rack that is in use beside it.
 */
final class RackNetwork implements AutoCloseable {
  /** The appliance's address on the switch. */
  static final String APPLIANCE = "10.77.0.1";

  static final String PREFIX = "fbrack";

  private static final Pattern NAME = Pattern.compile(PREFIX + "([0-9]+)-[0-9]+(-site)?");
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String rack;
  private final String site;

  private RackNetwork(String rack) {
    this.rack = rack;
    this.site = rack + "-site";
  }

  static RackNetwork create(int taps) {
    removeLeftovers();
    RackNetwork network =
        new RackNetwork(PREFIX + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
    try {
      network.build(taps);
      return network;
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private void build(int taps) {
    ip("netns", "add", rack);
    ip("netns", "add", site);
    ip("-n", rack, "link", "set", "lo", "up");
    ip("-n", site, "link", "set", "lo", "up");
    String bridge = "br0";
    ip("-n", rack, "link", "add", bridge, "type", "bridge", "stp_state", "0", "forward_delay", "0");
    ip("-n", rack, "addr", "add", APPLIANCE + "/24", "dev", bridge);
    ip("-n", rack, "link", "set", bridge, "up");
    for (int i = 0; i < taps; i++) {
      ip("-n", rack, "tuntap", "add", "dev", tap(i), "mode", "tap");
      ip("-n", rack, "link", "set", tap(i), "master", bridge, "up");
    }
    ip("-n", rack, "link", "add", "site0", "type", "veth", "peer", "name", "eth0", "netns", site);
    ip("-n", rack, "link", "set", "site0", "master", bridge, "up");
    ip("-n", site, "addr", "add", SiteServer.ADDRESS + "/24", "dev", "eth0");
    ip("-n", site, "addr", "add", SiteServer.ADDRESS_V6 + "/64", "dev", "eth0", "nodad");
    ip("-n", site, "link", "set", "eth0", "up");
  }

  static String tap(int index) {
    return "tap" + index;
  }

  /** The command, to be run among the machines, where the appliance is. */
  List<String> inRack(List<String> command) {
    return inside(rack, command);
  }

  List<String> inSite(List<String> command) {
    return inside(site, command);
  }

  private static List<String> inside(String namespace, List<String> command) {
    List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    whole.addAll(command);
    return whole;
  }

  /** Ends what killed runs left in their namespaces, and removes these. */
  static void removeLeftovers() {
    if (!Files.isDirectory(NAMESPACES)) {
      return;
    }
    try (Stream<Path> files = Files.list(NAMESPACES)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(RackNetwork::isLeftover)
          .forEach(RackNetwork::remove);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isLeftover(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        && ProcessHandle.of(Long.parseLong(matcher.group(1)))
            .filter(ProcessHandle::isAlive)
            .isEmpty();
  }

  private static void remove(String namespace) {
    Child.Outcome pids =
        Child.run(
            Path.of("/dev/null"),
            Duration.ofSeconds(10),
            List.of("ip", "netns", "pids", namespace));
    pids.output()
        .lines()
        .map(String::strip)
        .filter(line -> line.matches("[0-9]+"))
        .flatMap(line -> ProcessHandle.of(Long.parseLong(line)).stream())
        .forEach(ProcessHandle::destroyForcibly);
    ip("netns", "del", namespace);
  }

  private static void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Child.must(command);
  }

  @Override
  public void close() {
    for (String namespace : List.of(rack, site)) {
      if (Files.exists(NAMESPACES.resolve(namespace))) {
        remove(namespace);
      }
    }
  }
}
