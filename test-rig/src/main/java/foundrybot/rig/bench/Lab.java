// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where a run takes place: a network namespace for the clients, one for each server ({@link Bay}),
 * and a folder in memory. Nothing leaves the machine; all of it is removed at the end, and what
 * killed runs left at the next beginning.
 */
final class Lab implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final Pattern OURS = Pattern.compile("fb([0-9]+)-bench(-c|-s[0-9]+)?");

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
    Files.createDirectories(content());
    Random random = new Random(7);
    for (Content content : Content.values()) {
      byte[] bytes = new byte[content.size()];
      random.nextBytes(bytes);
      Files.write(content().resolve(content.file()), bytes);
    }
    namespace(clients());
  }

  /** Makes a namespace with a loopback that is up, and room for many connections. */
  static void namespace(String name) {
    Shell.must("ip", "netns", "add", name);
    Shell.must("ip", "-n", name, "link", "set", "lo", "up");
    for (String setting :
        List.of("net.ipv4.ip_local_port_range=10000 65000", "net.core.somaxconn=16384")) {
      Shell.must("ip", "netns", "exec", name, "sysctl", "-qw", setting);
    }
  }

  String name() {
    return name;
  }

  Path folder() {
    return folder;
  }

  /** The files that all servers serve. */
  Path content() {
    return folder.resolve("content");
  }

  /** The clients' namespace. */
  String clients() {
    return name + "-c";
  }

  List<String> atClients(List<String> command) {
    return inside(clients(), command);
  }

  static List<String> inside(String namespace, List<String> command) {
    List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    whole.addAll(command);
    return whole;
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
      remove(String.valueOf(place.getFileName()));
    } else {
      delete(place);
    }
  }

  /** Removes a namespace, if it is there. */
  static void remove(String namespace) {
    if (Files.exists(NAMESPACES.resolve(namespace))) {
      var _ = Shell.run(Path.of("/"), 20, List.of("ip", "netns", "del", namespace));
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
    remove(clients());
    delete(folder);
  }
}
