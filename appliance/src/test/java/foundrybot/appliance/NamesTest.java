// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BindException;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** DNS and the time of a running appliance, asked by dig, ntpdig and beside a real resolver. */
@Timeout(120)
class NamesTest {
  private static final String W1 = "52:54:00:aa:00:01";
  private static final String W2 = "52:54:00:aa:00:02";
  private static final String RESOLVER = "127.99.7.53";

  /** In the appliance's subnet: it asks others for nobody else. */
  private static final String CLIENT = "127.99.0.200";

  @TempDir Path folder = Path.of("");

  private LoopbackAppliance rack() {
    return new LoopbackAppliance(folder)
        .entry(W1, "{ role: etcd, name: e1, address: 127.99.0.11 }");
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return out.strip();
  }

  private static String dig(LoopbackAppliance appliance, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "dig",
                "@" + LoopbackAppliance.ADDRESS,
                "-p",
                "" + appliance.port("dns"),
                "-b",
                CLIENT,
                "+time=10",
                "+tries=2"));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  @Test
  @Tag("slow")
  void digIsToldOfNodesServicesAndNamesAndOfAChangedRackFile() throws Exception {
    try (LoopbackAppliance appliance = rack()) {
      appliance
          .with("dns-server", "on")
          .siteKey("names", "{ api: [127.99.0.90, \"fd77::90\"] }")
          .start();
      assertEquals("127.99.0.11", dig(appliance, "+short", "e1.alpha.rack", "A"));
      assertEquals("127.99.0.11", dig(appliance, "+short", "+tcp", "E1.Alpha.Rack", "A"));
      assertEquals("fd77::90", dig(appliance, "+short", "api.alpha.rack", "AAAA"));
      assertEquals("e1.alpha.rack.", dig(appliance, "+short", "-x", "127.99.0.11"));
      assertEquals("api.alpha.rack.", dig(appliance, "+short", "-x", "fd77::90"));
      assertEquals(
          LoopbackAppliance.ADDRESS, dig(appliance, "+short", "appliance.alpha.rack", "A"));
      assertEquals(
          "0 100 2380 e1.alpha.rack.",
          dig(appliance, "+short", "_etcd-server-ssl._tcp.alpha.rack", "SRV"));
      assertEquals(
          "0 100 2379 e1.alpha.rack.",
          dig(appliance, "+short", "+tcp", "_etcd-client-ssl._tcp.alpha.rack", "SRV"));
      String none = dig(appliance, "w2.alpha.rack", "A");
      assertTrue(none.contains("status: NXDOMAIN") && none.contains(" aa "), none);

      appliance.entry(W2, "{ role: worker, name: w2, address: 127.99.0.12 }");
      appliance.appliance().replaceRack(appliance.rack(), FirmwareTable.builtIn());
      LoopbackAppliance.eventually(
          "the new node has a name",
          () -> {
            try {
              return dig(appliance, "+short", "w2.alpha.rack", "A").equals("127.99.0.12");
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      assertTrue(appliance.statusJson().get("counters").get("dns.answered").asLong() > 5);
    }
  }

  @Test
  @Tag("slow")
  void digIsGivenOtherNamesByTheSitesResolver() throws Exception {
    Path log = folder.resolve("dnsmasq.log");
    Process dnsmasq =
        new ProcessBuilder(
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--pid-file=",
                "--no-resolv",
                "--no-hosts",
                "--user=root",
                "--bind-interfaces",
                "--listen-address=" + RESOLVER,
                "--address=/www.example.org/192.0.2.7",
                "--log-facility=-")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try (LoopbackAppliance appliance = rack()) {
      appliance.with("dns", "[" + RESOLVER + "]").start();
      LoopbackAppliance.eventually(
          "dnsmasq serves",
          () -> {
            try {
              return !dnsmasq.isAlive() || Files.readString(log).contains("started");
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      assertTrue(dnsmasq.isAlive(), () -> "dnsmasq: see " + log);
      for (String way : List.of("+notcp", "+tcp")) {
        assertEquals("192.0.2.7", dig(appliance, "+short", way, "www.example.org", "A"));
      }
      assertEquals("127.99.0.11", dig(appliance, "+short", "e1.alpha.rack", "A"));
      String stranger = dig(appliance, "-b", "127.0.0.1", "www.example.org", "A");
      assertTrue(stranger.contains("status: REFUSED"), stranger);
    } finally {
      dnsmasq.destroy();
      dnsmasq.waitFor();
    }
  }

  @Test
  @Tag("slow")
  void ntpdigIsToldTheAppliancesTime() throws Exception {
    try (LoopbackAppliance appliance = rack().withPort("ntp", 123)) {
      appliance.start();
      String out = run("ntpdig", "-t", "20", LoopbackAppliance.ADDRESS);
      assertTrue(out.contains(LoopbackAppliance.ADDRESS) && out.contains("no-leap"), out);
      assertEquals(1, appliance.statusJson().get("counters").get("sntp.answered").asLong());
    }
  }

  @Test
  void aTakenPortStopsTheStartAndNamesTheSwitch() throws Exception {
    try (LoopbackAppliance appliance = rack()) {
      appliance.start();
      appliance.stop();
      InetAddress address = InetAddress.ofLiteral(LoopbackAppliance.ADDRESS);
      for (String service : List.of("dns", "ntp")) {
        try (DatagramSocket _ = taken(new InetSocketAddress(address, appliance.port(service)))) {
          String said =
              String.valueOf(assertThrows(BindException.class, appliance::startAgain).getMessage());
          assertTrue(said.contains("port " + appliance.port(service)), said);
          assertTrue(
              said.endsWith(
                  "or do without it: appliance."
                      + (service.equals("dns") ? "dns-server" : "time-server")
                      + ": off in the rack file"),
              said);
        }
      }
      appliance.with("dns-server", "off").with("time-server", "off");
      try (DatagramSocket _ = taken(new InetSocketAddress(address, appliance.port("dns")));
          DatagramSocket _ = taken(new InetSocketAddress(address, appliance.port("ntp")))) {
        appliance.startAgain();
      }
    }
  }

  private static DatagramSocket taken(InetSocketAddress where) throws SocketException {
    return new DatagramSocket(where);
  }

  @Test
  void theResolversAreThoseOfTheRackFileOrElseOfTheSystemButNeverTheAppliance() throws Exception {
    Path system = folder.resolve("resolv.conf");
    Files.writeString(
        system,
        """
        # nameserver 192.0.2.99
        search example.org
        nameserver 192.0.2.1
        nameserver %s
        nameserver not-an-address
        \tnameserver fd77::53 # a comment
        nameserver 192.0.2.4
        """
            .formatted(LoopbackAppliance.ADDRESS));
    assertEquals(List.of("192.0.2.1", "fd77:0:0:0:0:0:0:53"), resolvers(rack(), system));
    assertEquals(
        List.of("192.0.2.8"),
        resolvers(rack().with("dns", "[192.0.2.8, " + LoopbackAppliance.ADDRESS + "]"), system));
    assertEquals(
        List.of("192.0.2.8"),
        resolvers(
            rack()
                .with("networks", "{ 10.98.0.0/24: { address: 10.98.0.1 } }")
                .with("dns", "[192.0.2.8, 10.98.0.1]"),
            system),
        "nor by another of its addresses");
    assertEquals(List.of(), resolvers(rack(), folder.resolve("none")));
  }

  private static List<String> resolvers(LoopbackAppliance appliance, Path system) {
    try (appliance) {
      return Resolvers.of(appliance.withAnyPorts().rack().appliance(), system).stream()
          .map(resolver -> resolver.getAddress().getHostAddress())
          .toList();
    }
  }
}
