// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.load.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where one server runs: a network namespace of its own, joined to the clients' by a veth pair with
 * a network of its own, and a folder. So servers that use the same ports run at the same time, and
 * each case is measured of all of them within seconds.
 */
final class Bay implements AutoCloseable {
  /** The server's end of the pair. */
  static final String INTERFACE = "fbs0";

  static final int PREFIX_LENGTH = 16;

  /** So many bays have a network. */
  static final int MOST = 100;

  private static final int FIRST_NETWORK = 100;
  private static final int CLIENTS = 250;

  private final Lab lab;
  private final int number;

  private Bay(Lab lab, int number) {
    this.lab = lab;
    this.number = number;
  }

  /**
   * Makes it.
   *
   * @param number from 0, of this lab; no two open ones may have the same
   */
  static Bay open(Lab lab, int number) {
    if (number < 0 || number >= MOST) {
      throw new IllegalArgumentException("bay " + number + " (expected: 0.." + (MOST - 1) + ")");
    }
    Bay bay = new Bay(lab, number);
    try {
      bay.build();
      return bay;
    } catch (IOException e) {
      bay.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      bay.close();
      throw e;
    }
  }

  private void build() throws IOException {
    Files.createDirectories(www());
    for (Content content : Content.values()) {
      Files.createLink(www().resolve(content.file()), lab.content().resolve(content.file()));
    }
    Files.writeString(www().resolve(Content.SCRIPT), Content.script(server()));
    String clients = lab.clients();
    Lab.namespace(namespace());
    Shell.must(
        "ip",
        "link",
        "add",
        INTERFACE,
        "netns",
        namespace(),
        "type",
        "veth",
        "peer",
        "name",
        atClientsEnd(),
        "netns",
        clients);
    Shell.must("ip", "-n", namespace(), "addr", "add", server() + "/16", "dev", INTERFACE);
    Shell.must("ip", "-n", namespace(), "link", "set", INTERFACE, "up");
    Shell.must("ip", "-n", clients, "addr", "add", relay() + "/16", "dev", atClientsEnd());
    Shell.must("ip", "-n", clients, "link", "set", atClientsEnd(), "up");
    // A route of type local makes all its addresses our own, for ARP as well.
    Shell.must("ip", "-n", clients, "route", "replace", "local", ip("1.0/24"), "dev", "lo");
  }

  int number() {
    return number;
  }

  private String namespace() {
    return lab.name() + "-s" + number;
  }

  private String atClientsEnd() {
    return "fbc" + number;
  }

  private String ip(String rest) {
    return "10." + (FIRST_NETWORK + number) + "." + rest;
  }

  /** The server's address. */
  String server() {
    return ip("0.1");
  }

  private String relay() {
    return ip("0.2");
  }

  /** The network's first address. */
  String network() {
    return ip("0.0");
  }

  String poolFirst() {
    return ip("16.0");
  }

  String poolLast() {
    return ip("250.255");
  }

  /** What its servers write. */
  Path folder() {
    return lab.folder().resolve("bay-" + number);
  }

  /** What its servers serve. */
  Path www() {
    return folder().resolve("www");
  }

  Target target() {
    return new Target(
        server(),
        Target.Ports.STANDARD,
        relay(),
        67,
        IntStream.rangeClosed(1, CLIENTS).mapToObj(n -> ip("1." + n)).toList());
  }

  /** The command that runs another one in the server's namespace. */
  List<String> inside(List<String> command) {
    return Lab.inside(namespace(), command);
  }

  @Override
  public void close() {
    // The pair would go with the namespace, but some time after it: the next bay is to find none.
    var _ =
        Shell.run(
            Path.of("/"), 20, List.of("ip", "-n", lab.clients(), "link", "del", atClientsEnd()));
    Lab.remove(namespace());
    Lab.delete(folder());
  }
}
