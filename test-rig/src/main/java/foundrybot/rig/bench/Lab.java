// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import foundrybot.rig.load.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Where a run takes place: two network namespaces joined by a veth pair, one for the server and one
 * for its clients, and a folder in memory. Nothing leaves the machine; all of it is removed at the
 * end, and what killed runs left at the next beginning.
 */
final class Lab implements AutoCloseable {
  static final String SERVER = "10.99.0.1";
  static final String RELAY = "10.99.0.2";
  static final String PREFIX = "10.99.0.0";
  static final int PREFIX_LENGTH = 16;
  static final String POOL_FIRST = "10.99.16.0";
  static final String POOL_LAST = "10.99.250.255";

  /** The server's end of the pair. */
  static final String INTERFACE = "fbs0";

  private static final int CLIENTS = 250;
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final Pattern OURS = Pattern.compile("fb([0-9]+)-bench(-[sc])?");

  private final String name = "fb" + ProcessHandle.current().pid() + "-bench";
  private final Path folder = MEMORY.resolve(name);

  private Lab() {}

  static Lab open() {
    removeLeftovers();
    Lab lab = new Lab();
    try {
      lab.build();
      return lab;
    } catch (IOException e) {
      lab.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      lab.close();
      throw e;
    }
  }

  private void build() throws IOException {
    Files.createDirectories(www());
    Random random = new Random(7);
    for (Content content : Content.values()) {
      byte[] bytes = new byte[content.size()];
      random.nextBytes(bytes);
      Files.write(www().resolve(content.file()), bytes);
    }
    Files.writeString(www().resolve(Content.SCRIPT), Content.script());
    for (String end : List.of("s", "c")) {
      Shell.must("ip", "netns", "add", name + "-" + end);
      Shell.must("ip", "-n", name + "-" + end, "link", "set", "lo", "up");
      for (String setting :
          List.of("net.ipv4.ip_local_port_range=10000 65000", "net.core.somaxconn=16384")) {
        Shell.must("ip", "netns", "exec", name + "-" + end, "sysctl", "-qw", setting);
      }
    }
    Shell.must(
        "ip",
        "link",
        "add",
        INTERFACE,
        "netns",
        name + "-s",
        "type",
        "veth",
        "peer",
        "name",
        "fbc0",
        "netns",
        name + "-c");
    Shell.must("ip", "-n", name + "-s", "addr", "add", SERVER + "/16", "dev", INTERFACE);
    Shell.must("ip", "-n", name + "-s", "link", "set", INTERFACE, "up");
    Shell.must("ip", "-n", name + "-c", "addr", "add", RELAY + "/16", "dev", "fbc0");
    Shell.must("ip", "-n", name + "-c", "link", "set", "fbc0", "up");
    // A route of type local makes all its addresses our own, for ARP as well.
    Shell.must("ip", "-n", name + "-c", "route", "add", "local", "10.99.1.0/24", "dev", "lo");
  }

  Path folder() {
    return folder;
  }

  /** What the servers serve. */
  Path www() {
    return folder.resolve("www");
  }

  List<String> atServer(List<String> command) {
    return inside("-s", command);
  }

  List<String> atClients(List<String> command) {
    return inside("-c", command);
  }

  private List<String> inside(String end, List<String> command) {
    List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name + end));
    whole.addAll(command);
    return whole;
  }

  static Target target() {
    return new Target(
        SERVER,
        Target.Ports.STANDARD,
        RELAY,
        67,
        IntStream.rangeClosed(1, CLIENTS).mapToObj(n -> "10.99.1." + n).toList());
  }

  private static void removeLeftovers() {
    for (Path place : List.of(NAMESPACES, MEMORY)) {
      if (!Files.isDirectory(place)) {
        continue;
      }
      try (Stream<Path> files = Files.list(place)) {
        files.filter(file -> isLeftover(String.valueOf(file.getFileName()))).forEach(Lab::remove);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static boolean isLeftover(String name) {
    Matcher matcher = OURS.matcher(name);
    return matcher.matches()
        && ProcessHandle.of(Long.parseLong(matcher.group(1)))
            .filter(ProcessHandle::isAlive)
            .isEmpty();
  }

  private static void remove(Path place) {
    if (NAMESPACES.equals(place.getParent())) {
      var _ =
          Shell.run(
              Path.of("/"), 20, List.of("ip", "netns", "del", String.valueOf(place.getFileName())));
    } else {
      delete(place);
    }
  }

  static void delete(Path folder) {
    try {
      FileTrees.delete(folder);
    } catch (BuildException e) {
      System.err.println("bench: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    for (String end : List.of("-s", "-c")) {
      Path namespace = NAMESPACES.resolve(name + end);
      if (Files.exists(namespace)) {
        remove(namespace);
      }
    }
    delete(folder);
  }
}
