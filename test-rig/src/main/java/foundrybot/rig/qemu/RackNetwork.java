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
 * Network namespaces: the rack with its switch (a bridge) and the appliance's address, the site's
 * server on the same switch, and one tap per machine: on this switch, or on one of their own behind
 * a namespace that routes and relays.
 *
 * <p>The names hold the id of the process that made them, so a later run can tell the leftovers of
 * a killed run from a rack that is in use beside it.
 */
final class RackNetwork implements AutoCloseable {
  /** The appliance's address on the switch. */
  static final String APPLIANCE = "10.77.0.1";

  /** The site's server, and the router beside it. */
  static final String SITE = "10.77.0.2";

  /** Who is told what a relay hears: two helper addresses, as sites have them. */
  static final List<String> SERVERS = List.of(SITE, APPLIANCE);

  /** The relay's address among the machines, who are on 10.78.0.0/24 then. */
  static final String RELAY = "10.78.0.1";

  static final String FAR_BRIDGE = "br1";
  static final String FAR_UPLINK = "up0";

  static final String PREFIX = "fbrack";

  private static final String RELAY_UPLINK = "10.77.0.3";

  private static final Pattern NAME = Pattern.compile(PREFIX + "([0-9]+)-[0-9]+(-site|-far)?");
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String rack;
  private final String site;
  private final String far;
  private final Wiring wiring;

  private RackNetwork(String rack, Wiring wiring) {
    this.rack = rack;
    this.site = rack + "-site";
    this.far = rack + "-far";
    this.wiring = wiring;
  }

  static RackNetwork create(Wiring wiring, int taps) {
    removeLeftovers();
    RackNetwork network =
        new RackNetwork(
            PREFIX + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet(), wiring);
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
    bridge(rack, bridge, APPLIANCE);
    ip("-n", rack, "link", "add", "site0", "type", "veth", "peer", "name", "eth0", "netns", site);
    ip("-n", rack, "link", "set", "site0", "master", bridge, "up");
    ip("-n", site, "addr", "add", SITE + "/24", "dev", "eth0");
    ip("-n", site, "addr", "add", "fd77::2/64", "dev", "eth0", "nodad");
    ip("-n", site, "link", "set", "eth0", "up");
    if (wiring.isFar()) {
      buildFar(bridge);
      taps(far, FAR_BRIDGE, taps);
    } else {
      taps(rack, bridge, taps);
    }
  }

  private void buildFar(String near) {
    ip("netns", "add", far);
    ip("-n", far, "link", "set", "lo", "up");
    bridge(far, FAR_BRIDGE, RELAY);
    ip("-n", far, "addr", "add", "fd78::1/64", "dev", FAR_BRIDGE, "nodad");
    ip("-n", rack, "link", "add", "far0", "type", "veth", "peer", "name", FAR_UPLINK, "netns", far);
    ip("-n", rack, "link", "set", "far0", "master", near, "up");
    ip("-n", far, "addr", "add", RELAY_UPLINK + "/24", "dev", FAR_UPLINK);
    ip("-n", far, "link", "set", FAR_UPLINK, "up");
    Child.must(inside(far, List.of("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")));
    ip("-n", rack, "route", "add", "10.78.0.0/24", "via", RELAY_UPLINK);
    ip("-n", site, "route", "add", "10.78.0.0/24", "via", RELAY_UPLINK);
  }

  private static void bridge(String namespace, String name, String address) {
    ip(
        "-n",
        namespace,
        "link",
        "add",
        name,
        "type",
        "bridge",
        "stp_state",
        "0",
        "forward_delay",
        "0");
    ip("-n", namespace, "addr", "add", address + "/24", "dev", name);
    ip("-n", namespace, "link", "set", name, "up");
  }

  private static void taps(String namespace, String bridge, int count) {
    for (int i = 0; i < count; i++) {
      ip("-n", namespace, "tuntap", "add", "dev", tap(i), "mode", "tap");
      ip("-n", namespace, "link", "set", tap(i), "master", bridge, "up");
    }
  }

  Wiring wiring() {
    return wiring;
  }

  /** The namespace of the appliance, for {@link Namespace}. */
  String name() {
    return rack;
  }

  static String tap(int index) {
    return "tap" + index;
  }

  /** No frame passes there any more; the machine itself sees no difference. */
  void unplug(String tap) {
    ip("-n", wiring.isFar() ? far : rack, "link", "set", tap, "down");
  }

  /** The command, to be run where the appliance is. */
  List<String> inRack(List<String> command) {
    return inside(rack, command);
  }

  /** The command, to be run among the machines: behind the relay, if there is one. */
  List<String> atMachines(List<String> command) {
    return inside(wiring.isFar() ? far : rack, command);
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
    for (String namespace : List.of(far, rack, site)) {
      if (Files.exists(NAMESPACES.resolve(namespace))) {
        remove(namespace);
      }
    }
  }
}
