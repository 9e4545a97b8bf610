// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import foundrybot.answerfiles.DhcpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes the rack file of a demo: who is what, on which loopback address and port. */
final class DemoRack {
  static final int MOST_NODES = 500;
  static final String APPLIANCE = "127.77.0.1";
  static final String RELAY = "127.77.0.2";

  private static final int PER_NET = 250;
  private static final int PER_CABINET = 8;
  private static final int TOP_UNIT = 40;
  private static final byte[] KEY_HEAD = {
    0, 0, 0, 11, 's', 's', 'h', '-', 'e', 'd', '2', '5', '5', '1', '9', 0, 0, 0, 32
  };

  private DemoRack() {}

  /** Role names, one per node. */
  static List<String> roles(int nodes) {
    if (nodes < 1 || nodes > MOST_NODES) {
      throw new IllegalArgumentException(
          "--nodes: " + nodes + " (expected: 1.." + MOST_NODES + ")");
    }
    Map<String, Integer> counts = new LinkedHashMap<>();
    counts.put("hub", nodes >= 4 ? 1 : 0);
    // Odd numbers only: an even one bears no more losses than the odd one below it.
    counts.put("etcd", nodes >= 40 ? 5 : nodes >= 12 ? 3 : nodes >= 3 ? 1 : 0);
    counts.put("control-plane", nodes >= 12 ? 3 : 1);
    counts.put("load-balancer", nodes >= 14 ? 2 : nodes >= 6 ? 1 : 0);
    counts.put("worker", 0);
    counts.put("storage", nodes >= 16 ? nodes / 8 : nodes >= 10 ? 1 : 0);
    counts.put("monitor", nodes >= 8 ? 1 : 0);
    int others = counts.values().stream().mapToInt(Integer::intValue).sum();
    counts.put("worker", nodes - others);
    List<String> roles = new ArrayList<>();
    counts.forEach(
        (role, count) -> {
          for (int i = 0; i < count; i++) {
            roles.add(role);
          }
        });
    return List.copyOf(roles);
  }

  /** The nodes' names, as the rack file that names none has them: by role, counted from 1. */
  static List<String> names(int nodes) {
    Map<String, Integer> counted = new HashMap<>();
    return roles(nodes).stream()
        .map(role -> role + "-" + counted.merge(role, 1, Integer::sum))
        .toList();
  }

  /**
   * The text of a rack file.
   *
   * @param digests SHA-256 by name of the boot programs to trust
   * @param bmcs what is under {@code bmc} of each node; empty for racks without BMCs
   */
  static String yaml(int nodes, DhcpMode dhcp, Map<String, String> digests, List<String> bmcs) {
    int[] ports = freePorts(9);
    StringBuilder text = new StringBuilder();
    line(text, "# Written by 'bootserver demo': a rack of simulated machines on loopback.");
    line(text, "cluster: demo");
    line(text, "domain: demo.rack");
    line(text, "profile: debian-12");
    line(text, "appliance:");
    line(text, "  address: %s/16", APPLIANCE);
    if (bmcs.isEmpty()) {
      line(text, "  accept: auto");
    }
    line(text, "  dhcp: %s", dhcp.name().toLowerCase(Locale.ROOT));
    line(
        text,
        "  ports: { dhcp: %d, dhcp-client: %d, relay: %d, proxy-dhcp: %d, tftp: %d, http: %d,"
            + " https: off, dns: %d, ntp: %d, syslog: %d }",
        ports[0],
        ports[1],
        ports[2],
        ports[3],
        ports[4],
        ports[5],
        ports[6],
        ports[7],
        ports[8]);
    if (dhcp == DhcpMode.SERVER) {
      line(text, "  pool: 127.77.250.1-127.77.250.250");
    }
    line(text, "admin: { user: ops, ssh-keys: [\"%s\"] }", sshKey());
    line(text, "boot-programs:");
    digests.forEach((name, digest) -> line(text, "  %s: %s", name, digest));
    if (!bmcs.isEmpty()) {
      line(text, "power: { on-per-second: %d }", Math.clamp(nodes / 4, 8, 100));
    }
    line(text, "nodes:");
    List<String> roles = roles(nodes);
    for (int i = 0; i < nodes; i++) {
      line(
          text,
          "  %s: { role: %s, address: 127.77.%d.%d/16, profile: %s,\n"
              + "    rack: { name: r%d, unit: %d }%s }",
          mac(i),
          roles.get(i),
          1 + i / PER_NET,
          1 + i % PER_NET,
          i / 2 % 2 == 0 ? "debian-12-cast" : "debian-12",
          1 + i / PER_CABINET,
          TOP_UNIT - 2 * (i % PER_CABINET),
          bmcs.isEmpty() ? "" : ",\n    bmc: " + bmcs.get(i));
    }
    return text.toString();
  }

  /** Of the machine with that number, from 0. */
  static String mac(int number) {
    return String.format(Locale.ROOT, "52:54:00:dd:%02x:%02x", number >> 8, number & 0xff);
  }

  @SuppressWarnings("AnnotateFormatMethod") // its callers are in this file
  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** Ports that nobody has, for UDP nor for TCP, at this moment. */
  private static int[] freePorts(int count) {
    int[] ports = new int[count];
    List<AutoCloseable> held = new ArrayList<>();
    try {
      int found = 0;
      while (found < count) {
        DatagramSocket udp = new DatagramSocket(0);
        held.add(udp);
        try {
          held.add(new ServerSocket(udp.getLocalPort()));
          ports[found++] = udp.getLocalPort();
        } catch (IOException e) {
          // Taken for TCP: the next one then. The UDP socket is held so that it does not come back.
        }
      }
      for (AutoCloseable socket : held) {
        socket.close();
      }
      return ports;
    } catch (IOException e) {
      throw new UncheckedIOException("demo: no free port: " + e.getMessage(), e);
    } catch (Exception e) {
      throw new IllegalStateException("a socket that does not close", e);
    }
  }

  /** A public key whose private half is forgotten at once: nobody is to log in to a simulation. */
  private static String sshKey() {
    try {
      byte[] encoded =
          KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic().getEncoded();
      byte[] blob = new byte[KEY_HEAD.length + 32];
      System.arraycopy(KEY_HEAD, 0, blob, 0, KEY_HEAD.length);
      System.arraycopy(encoded, encoded.length - 32, blob, KEY_HEAD.length, 32);
      return "ssh-ed25519 " + Base64.getEncoder().encodeToString(blob) + " demo";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has Ed25519", e);
    }
  }
}
