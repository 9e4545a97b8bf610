// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Real clients and real relays on several networks. */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
class DhcpNetworksTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  @TempDir static Path folder;
  private static DhcpLab lab;

  @BeforeAll
  static void start() {
    Racks.buildProduct();
    lab = new DhcpLab(folder);
  }

  @AfterAll
  static void stop() {
    if (lab != null) {
      lab.close();
    }
  }

  private static void assertTold(List<String> lease, String... lines) {
    assertTrue(lease.containsAll(List.of(lines)), lease::toString);
  }

  @Test
  void anAddressThatAnotherHostHasIsNotOfferedAndTheHostIsNamed() {
    lab.address("host", "eth0", "10.77.0.100/24");
    lab.in("host", "ip", "link", "set", "eth0", "address", "52:54:00:dc:00:99");
    List<String> lease = lab.udhcpc("near");
    assertTold(lease, "ip=10.77.0.101", "siaddr=10.77.0.1", "serverid=10.77.0.1");
    String events = lab.run("app", "events", "near").output();
    assertTrue(
        events
            .lines()
            .anyMatch(
                line ->
                    line.contains("dhcp.conflict")
                        && line.contains("address=10.77.0.100")
                        && line.contains("52:54:00:dc:00:99")),
        events);
  }

  /** The neighbour table remembers a machine that has left, and may be right or wrong about it. */
  @Test
  void onAVlanInterfaceTheApplianceIsItsAddressThereAndAnOldNeighbourIsDoubtedNotBelieved() {
    lab.mac("vlan", "52:54:00:dc:00:77");
    lab.address("vlan", "eth0", "10.78.0.100/24");
    lab.in("app", "busybox", "ping", "-c", "1", "-W", "5", "10.78.0.100");
    lab.mac("vlan", DhcpLab.VLAN_MAC);
    List<String> lease = lab.udhcpc("vlan");
    assertTold(
        lease,
        "ip=10.78.0.101",
        "siaddr=10.78.0.1",
        "serverid=10.78.0.1",
        "boot_file=52-54-00-dc-00-02/snponly.efi");
    Path program = folder.resolve("fetched");
    lab.in(
        "vlan",
        "curl",
        "-sSf",
        "-o",
        program.toString(),
        "tftp://10.78.0.1/52-54-00-dc-00-02/snponly.efi");
    assertTrue(program.toFile().length() > 100_000, "a boot program over TFTP");
    String script =
        lab.ask("vlan", "curl", "-sSf", "http://10.78.0.1/boot/52-54-00-dc-00-02/uefi.ipxe")
            .output();
    assertTrue(script.contains("http://10.78.0.1/node/") && !script.contains("10.77.0.1"), script);
    String events = lab.run("app", "events", "vlan").output();
    assertTrue(events.contains("52:54:00:dc:00:77 answered ARP some time ago"), events);
  }

  @Test
  void behindEitherRelayARealClientGetsAnAddressOfItsSubnet() throws Exception {
    try (Child relay =
        lab.start(
            "relay",
            "dhcrelay",
            "dhcrelay",
            "-4",
            "-d",
            "-a",
            "-id",
            "eth1",
            "-iu",
            "eth0",
            "10.77.0.1")) {
      Path leases = folder.resolve("dhclient.leases");
      try (Child client =
          lab.start(
              "far",
              "dhclient",
              "dhclient",
              "-4",
              "-d",
              "-v",
              "-cf",
              "/dev/null",
              "-lf",
              leases.toString(),
              "-pf",
              folder.resolve("dhclient.pid").toString(),
              "-sf",
              "/bin/true",
              "eth0")) {
        String lease = awaited(leases);
        assertTrue(lease.contains("fixed-address 10.79.0.100;"), lease);
        assertTrue(lease.contains("option routers 10.79.0.1;"), lease);
        assertTrue(lease.contains("option dhcp-server-identifier 10.77.0.1;"), lease);
        assertTrue(client.isAlive() && relay.isAlive(), "both still run");
      }
    }
    try (Child relay =
        lab.start(
            "relay",
            "dnsmasq",
            "dnsmasq",
            "--no-daemon",
            "--port=0",
            "--conf-file=/dev/null",
            "--user=root",
            "--dhcp-relay=10.79.0.1,10.77.0.1",
            "--interface=eth1",
            "--bind-interfaces",
            "--except-interface=lo")) {
      List<String> lease = lab.udhcpc("far");
      assertTold(
          lease,
          "ip=10.79.0.100",
          "router=10.79.0.1",
          "siaddr=10.77.0.1",
          "boot_file=52-54-00-dc-00-03/snponly.efi");
      assertTrue(relay.isAlive(), "the relay still runs");
    }
    assertEquals(
        "10.79.0.100",
        lab.ask("far", "ip", "-4", "-br", "address", "show", "dev", "eth0")
            .output()
            .replaceAll("(?s).* ([0-9.]+)/24.*", "$1"),
        "one machine keeps one address");
  }

  private static String awaited(Path leases) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      if (Files.exists(leases) && Files.readString(leases).contains("}")) {
        return Files.readString(leases);
      }
      Thread.sleep(200);
    }
    return "no lease";
  }
}
