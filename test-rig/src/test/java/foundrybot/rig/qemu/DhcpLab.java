// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static java.nio.charset.StandardCharsets.US_ASCII;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The appliance as a DHCP server on three networks, each in network namespaces of its own:
 *
 * <pre>
 *   10.77.0.0/24  eth0 of the appliance; a switch with a client, a host, and the relay
 *   10.78.0.0/24  eth0.20 of the appliance, a cable to one client
 *   10.79.0.0/24  behind the relay 10.77.0.2, a cable to one client
 * </pre>
 *
 * <p>eth0.20 is a plain veth of that name: not every kernel that runs these tests can make an
 * 802.1Q device. To the appliance both are the name of an interface.
 */
final class DhcpLab implements AutoCloseable {
  static final String CLIENT_MAC = "52:54:00:dc:00:01";
  static final String VLAN_MAC = "52:54:00:dc:00:02";
  static final String FAR_MAC = "52:54:00:dc:00:03";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String RACK =
      """
      cluster: alpha
      domain: alpha.rack
      appliance:
        interface: eth0
        address: 10.77.0.1/24
        accept: auto
        dhcp: server
        pool: 10.77.0.100-10.77.0.109
        networks:
          10.78.0.0/24: { interface: "eth0.20@eth0", address: 10.78.0.1, pool: 10.78.0.100-10.78.0.101 }
          10.79.0.0/24: { pool: 10.79.0.100-10.79.0.109, router: 10.79.0.1 }
      admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEPcG9ET9+/PDxejT9bvmKcMjtXEkoXsZ/oCTPCXFMyz rig"] }
      nodes:
        %s: { role: worker, name: near }
        %s: { role: worker, name: vlan }
        %s: { role: worker, name: far }
      """
          .formatted(CLIENT_MAC, VLAN_MAC, FAR_MAC);

  /** Prints what a lease brings, and puts its address on the interface. */
  private static final String SCRIPT =
      """
      #!/bin/sh
      [ "$1" = bound ] || exit 0
      ip address replace "$ip/$mask" dev "$interface"
      env
      """;

  private final String prefix = "fbdhcp" + ProcessHandle.current().pid() + "-";
  private final List<String> namespaces = new ArrayList<>();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Path folder;

  DhcpLab(Path folder) {
    this(folder, "no kernel".getBytes(US_ASCII), "no initrd".getBytes(US_ASCII));
  }

  /** A lab whose machines are to boot these. */
  DhcpLab(Path folder, byte[] kernel, byte[] initrd) {
    this.folder = folder;
    try {
      build();
      serve(kernel, initrd);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void build() {
    for (String name : List.of("app", "lan", "near", "host", "relay", "vlan", "far")) {
      ip("netns", "add", prefix + name);
      namespaces.add(prefix + name);
      in(name, "ip", "link", "set", "lo", "up");
    }
    in("lan", "ip", "link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0");
    in("lan", "ip", "link", "set", "br0", "up");
    for (String name : List.of("app", "near", "host", "relay")) {
      cable("lan", name, name, "eth0");
      in("lan", "ip", "link", "set", name, "master", "br0");
    }
    cable("app", "eth0.20", "vlan", "eth0");
    cable("relay", "eth1", "far", "eth0");
    address("app", "eth0", "10.77.0.1/24");
    address("app", "eth0.20", "10.78.0.1/24");
    address("relay", "eth0", "10.77.0.2/24");
    address("relay", "eth1", "10.79.0.1/24");
    in("app", "ip", "route", "add", "10.79.0.0/24", "via", "10.77.0.2");
    in("relay", "busybox", "sysctl", "-w", "net.ipv4.ip_forward=1");
    mac("near", CLIENT_MAC);
    mac("far", FAR_MAC);
  }

  private void cable(String one, String oneEnd, String other, String otherEnd) {
    in(
        one,
        "ip",
        "link",
        "add",
        oneEnd,
        "type",
        "veth",
        "peer",
        "name",
        otherEnd,
        "netns",
        prefix + other);
    in(one, "ip", "link", "set", oneEnd, "up");
    in(other, "ip", "link", "set", otherEnd, "up");
  }

  void address(String name, String device, String cidr) {
    in(name, "ip", "address", "add", cidr, "dev", device);
  }

  /** Gives the machine's card another MAC, and takes its addresses. */
  void mac(String name, String mac) {
    in(name, "ip", "address", "flush", "dev", "eth0");
    in(name, "ip", "link", "set", "eth0", "address", mac);
  }

  private void serve(byte[] kernel, byte[] initrd) {
    Path data = folder.resolve("data");
    Path artifacts = data.resolve("artifacts").resolve("debian-12");
    write(folder.resolve("rack.yaml"), RACK.getBytes(US_ASCII));
    write(folder.resolve("lease.sh"), SCRIPT.getBytes(US_ASCII));
    write(artifacts.resolve("linux"), kernel);
    write(artifacts.resolve("initrd.gz"), initrd);
    if (!folder.resolve("lease.sh").toFile().setExecutable(true)) {
      throw new RigException(folder + ": lease.sh cannot be made executable");
    }
    new ArtifactManifest(
            "debian-12",
            "2026-01-01T00:00:00Z",
            Map.of(),
            Stream.of("linux", "initrd.gz").map(artifacts::resolve).map(Artifact::of).toList())
        .write(artifacts);
    start(
        "app",
        "bootserver serve",
        QemuFolders.bootserver().toString(),
        "serve",
        "--rack",
        folder.resolve("rack.yaml").toString(),
        "--data",
        data.toString());
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (run("app", "status").status() > 3) {
      if (System.nanoTime() > end) {
        throw new RigException("the appliance does not serve; see " + folder);
      }
    }
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A question to the appliance's command line. */
  Child.Outcome run(String name, String... arguments) {
    List<String> command = new ArrayList<>(List.of(QemuFolders.bootserver().toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--data", folder.resolve("data").toString()));
    return ask(name, command.toArray(String[]::new));
  }

  /** Runs a program to its end. */
  Child.Outcome ask(String name, String... command) {
    return ask(PATIENCE, name, command);
  }

  Child.Outcome ask(Duration limit, String name, String... command) {
    return Child.run(folder.resolve("errors.log"), limit, inside(name, command));
  }

  /** Starts a program that ends with the lab, or earlier. */
  Child start(String name, String what, String... command) {
    Path log = folder.resolve(what.replace(' ', '-') + ".log");
    Child child = Child.start(what, log, inside(name, command));
    parts.push(child);
    return child;
  }

  /** What busybox's client is told as UEFI firmware; the lease's values are lines NAME=VALUE. */
  List<String> udhcpc(String name) {
    String script = folder.resolve("lease.sh").toString();
    Child.Outcome outcome =
        ask(
            name,
            "busybox",
            "udhcpc",
            "-f",
            "-q",
            "-n",
            "-t",
            "10",
            "-T",
            "3",
            "-i",
            "eth0",
            "-s",
            script,
            "-V",
            "PXEClient:Arch:00007:UNDI:003000",
            "-x",
            "0x5d:0007",
            "-O",
            "bootfile");
    return outcome.output().lines().toList();
  }

  Path folder() {
    return folder;
  }

  private List<String> inside(String name, String... command) {
    List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", prefix + name));
    whole.addAll(List.of(command));
    return whole;
  }

  void in(String name, String... command) {
    Child.must(inside(name, command));
  }

  private static void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Child.must(command);
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        System.err.println("not ended: " + e);
      }
    }
    namespaces.forEach(name -> ip("netns", "del", name));
    namespaces.clear();
  }
}
