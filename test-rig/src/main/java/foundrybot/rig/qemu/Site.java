// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What is on the network beside the appliance: a DHCP server that leases addresses and knows
 * nothing about booting, a relay, and a router that advertises itself.
 *
 * <p>The router is there for iPXE, which otherwise waits some 16 s for one at every start.
 */
final class Site implements AutoCloseable {
  private final Path folder;
  private final Deque<Child> children = new ArrayDeque<>();

  private Site(Path folder) {
    this.folder = folder;
  }

  static Site start(RackNetwork network, Path folder) {
    Site site = new Site(folder);
    try {
      site.startAll(network);
      return site;
    } catch (RuntimeException e) {
      site.close();
      throw e;
    }
  }

  private void startAll(RackNetwork network) {
    Wiring wiring = network.wiring();
    List<String> near = new ArrayList<>();
    switch (wiring.leases()) {
      case DNSMASQ, DNSMASQ_BOOT, DNSMASQ_ALONE -> near.addAll(leases());
      case KEA, APPLIANCE -> {}
    }
    if (wiring.leases() == Wiring.Leases.DNSMASQ_BOOT) {
      near.addAll(program());
    }
    near.addAll(router("eth0", "fd77::"));
    children.push(dnsmasq("dnsmasq", near, network::inSite));
    if (wiring.leases() == Wiring.Leases.KEA) {
      children.push(kea(network));
    }
    if (wiring.isFar()) {
      List<String> far = router(RackNetwork.FAR_BRIDGE, "fd78::");
      children.push(dnsmasq("far-router", far, network::atMachines));
    }
    if (wiring.relay() == Wiring.Relay.DHCRELAY) {
      children.push(dhcrelay(network));
    }
  }

  /** Puts a command into a namespace. */
  private interface Place {
    List<String> run(List<String> command);
  }

  private Child dnsmasq(String name, List<String> lines, Place place) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "port=0",
                "bind-interfaces",
                "user=root",
                "log-dhcp",
                "log-facility=-",
                "dhcp-leasefile=" + folder.resolve(name + ".leases"),
                // Else two of them on one machine fight for the file in /run.
                "pid-file="));
    all.addAll(lines);
    Path configuration = written(name + ".conf", String.join("\n", all) + "\n");
    return Child.start(
        name,
        folder.resolve(name + ".log"),
        place.run(List.of("dnsmasq", "--keep-in-foreground", "-C", configuration.toString())));
  }

  private static List<String> router(String networkInterface, String prefix) {
    return List.of(
        "interface=" + networkInterface, "enable-ra", "dhcp-range=" + prefix + ",ra-only,64,1h");
  }

  /** No DNS server among the options: installers must live with that. */
  private static List<String> leases() {
    return List.of(
        "dhcp-authoritative",
        "no-ping",
        "dhcp-range=set:near,10.77.0.100,10.77.0.200,255.255.255.0,1h",
        "dhcp-range=set:far,10.78.0.100,10.78.0.200,255.255.255.0,1h",
        "dhcp-option=tag:near,option:router," + RackNetwork.APPLIANCE,
        "dhcp-option=tag:far,option:router," + RackNetwork.RELAY);
  }

  /** The appliance's program for UEFI, by TFTP and by HTTP; no word about a script. */
  private static List<String> program() {
    return List.of(
        "dhcp-vendorclass=set:http,HTTPClient",
        "dhcp-option-force=tag:http,option:vendor-class,HTTPClient",
        "dhcp-boot=tag:http,http://" + RackNetwork.APPLIANCE + "/program/snponly.efi",
        "dhcp-boot=tag:!http,snponly.efi,," + RackNetwork.APPLIANCE);
  }

  private Child kea(RackNetwork network) {
    String text =
        """
        { "Dhcp4": {
            "interfaces-config": { "interfaces": [ "eth0" ], "dhcp-socket-type": "raw" },
            "lease-database": { "type": "memfile", "persist": false },
            "valid-lifetime": 3600,
            "subnet4": [
              { "id": 1, "subnet": "10.77.0.0/24",
                "pools": [ { "pool": "10.77.0.100 - 10.77.0.200" } ],
                "option-data": [ { "name": "routers", "data": "@APPLIANCE" } ] },
              { "id": 2, "subnet": "10.78.0.0/24",
                "pools": [ { "pool": "10.78.0.100 - 10.78.0.200" } ],
                "option-data": [ { "name": "routers", "data": "@RELAY" } ] } ],
            "loggers": [ { "name": "kea-dhcp4", "severity": "DEBUG", "debuglevel": 50,
                "output_options": [ { "output": "stdout" } ] } ] } }
        """
            .replace("@APPLIANCE", RackNetwork.APPLIANCE)
            .replace("@RELAY", RackNetwork.RELAY);
    Path configuration = written("kea.conf", text);
    return Child.start(
        "kea-dhcp4",
        folder.resolve("kea.log"),
        network.inSite(
            List.of(
                "env",
                "KEA_PIDFILE_DIR=" + folder,
                "KEA_LOCKFILE_DIR=" + folder,
                "kea-dhcp4",
                "-c",
                configuration.toString())));
  }

  private Child dhcrelay(RackNetwork network) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "dhcrelay",
                "-4",
                "-d",
                "--no-pid",
                "-id",
                RackNetwork.FAR_BRIDGE,
                "-iu",
                RackNetwork.FAR_UPLINK));
    command.addAll(RackNetwork.SERVERS);
    return Child.start("dhcrelay", folder.resolve("dhcrelay.log"), network.atMachines(command));
  }

  private Path written(String name, String text) {
    Path file = folder.resolve(name);
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new RigException(file + ": cannot be written", e);
    }
  }

  /** The ones that have ended, which they should not. */
  List<String> ended() {
    return children.stream().filter(child -> !child.isAlive()).map(Child::name).toList();
  }

  /** What the one that leases has logged; empty where the appliance does. */
  String log(Wiring wiring) {
    Path file = folder.resolve(wiring.leases() == Wiring.Leases.KEA ? "kea.log" : "dnsmasq.log");
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new RigException(file + ": cannot be read", e);
    }
  }

  @Override
  public void close() {
    while (!children.isEmpty()) {
      children.pop().close();
    }
  }
}
