// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.Lease;
import foundrybot.bootserver.dhcp.LeaseStore;
import foundrybot.bootserver.dns.Zone;
import foundrybot.bootserver.dns.ZoneData;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RackNamesTest {
  private static final String NODES =
      """
        52:54:00:00:00:01: { role: etcd, address: 10.77.0.11 }
        52:54:00:00:00:02: { role: etcd, address: 10.77.0.12 }
        52:54:00:00:00:03: { role: worker, name: w }
        52:54:00:00:00:04: { role: control-plane, name: cp, address: 10.77.0.14 }
      """;

  private final TickingClock clock = new TickingClock();
  private final Instant now = clock.instant();

  private static RackFile rack(String site, String nodes) {
    String yaml =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1/24, dhcp: server, pool: 10.77.0.100-10.77.0.199 }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s tests"] }
        site: { %s }
        nodes:
        %s
        """
            .formatted("A".repeat(43), site, nodes);
    return switch (RackFiles.read(yaml, "rack.yaml")) {
      case RackReading.Valid valid -> valid.rack();
      case RackReading.Invalid invalid ->
          throw new AssertionError(RackFiles.report(invalid.faults()));
    };
  }

  private Lease lease(int mac, String address, Lease.State state, Duration left) {
    return new Lease(
        Inet4Address.ofLiteral(address),
        new MacAddress(0x525400000000L + mac),
        state,
        now.plus(left));
  }

  private ZoneData zone(RackFile rack, Lease... leases) {
    return RackZone.of(rack, List.of(leases), now, 1);
  }

  private static List<String> hosts(ZoneData zone) {
    return zone.hosts().stream()
        .map(
            host ->
                host.label()
                    + " "
                    + host.addresses().stream()
                        .map(InetAddress::getHostAddress)
                        .collect(Collectors.joining(" ")))
        .map(String::strip)
        .toList();
  }

  private static List<String> services(ZoneData zone) {
    return zone.services().stream()
        .map(service -> service.name() + " " + service.port() + " " + service.host())
        .toList();
  }

  @Test
  void everyNodeHasItsNameAndAddress() {
    ZoneData zone = zone(rack("", NODES));
    assertEquals(
        List.of("etcd-1 10.77.0.11", "etcd-2 10.77.0.12", "w", "cp 10.77.0.14"), hosts(zone));
    assertEquals("alpha.rack", zone.domain());
    assertEquals("appliance", zone.serverName());
    assertEquals(List.of(InetAddress.ofLiteral("10.77.0.1")), zone.serverAddresses());
  }

  @Test
  void anApplianceYieldsItsNameToANode() {
    String nodes =
        """
          52:54:00:00:00:01: { role: hub, name: appliance }
          52:54:00:00:00:02: { role: hub, name: appliance-2 }
        """;
    assertEquals("appliance-3", zone(rack("", nodes)).serverName());
    Zone.of(zone(rack("", nodes)));
  }

  @Test
  void aLeaseNamesItsNodeWhileItRuns() {
    RackFile rack = rack("", NODES);
    Lease running = lease(3, "10.77.0.100", Lease.State.BOUND, Duration.ofHours(1));
    assertEquals("w 10.77.0.100", hosts(zone(rack, running)).get(2));
    assertEquals(
        "w",
        hosts(zone(rack, lease(3, "10.77.0.100", Lease.State.RELEASED, Duration.ofHours(1))))
            .get(2));
    assertEquals(
        "w",
        hosts(zone(rack, lease(3, "10.77.0.100", Lease.State.BOUND, Duration.ofHours(-1)))).get(2));
    // The newer of two; neither a fixed address nor a node that has one takes a lease.
    Lease newer = lease(3, "10.77.0.101", Lease.State.BOUND, Duration.ofHours(2));
    assertEquals("w 10.77.0.101", hosts(zone(rack, newer, running)).get(2));
    Lease stray = lease(3, "10.77.0.11", Lease.State.BOUND, Duration.ofHours(3));
    Lease needless = lease(1, "10.77.0.102", Lease.State.BOUND, Duration.ofHours(3));
    assertEquals(
        List.of("etcd-1 10.77.0.11", "etcd-2 10.77.0.12", "w", "cp 10.77.0.14"),
        hosts(zone(rack, stray, needless)));
  }

  @Test
  void namesOfTheSiteStandBesideAndAddToNodes() {
    RackFile rack = rack("names: { api: [10.77.0.90, fd77::90], cp: [\"fd77::14\"] }", NODES);
    assertEquals(
        List.of("cp 10.77.0.14 fd77:0:0:0:0:0:0:14", "api 10.77.0.90 fd77:0:0:0:0:0:0:90"),
        hosts(zone(rack)).subList(3, 5));
  }

  @Test
  void etcdFindsItsMembersUnderNamesOfOneKindOnly() {
    assertEquals(
        List.of(
            "_etcd-server-ssl._tcp 2380 etcd-1",
            "_etcd-client-ssl._tcp 2379 etcd-1",
            "_etcd-server-ssl._tcp 2380 etcd-2",
            "_etcd-client-ssl._tcp 2379 etcd-2"),
        services(zone(rack("", NODES))));
    assertEquals(
        List.of("_etcd-server._tcp 2380 etcd-1", "_etcd-client._tcp 2379 etcd-1"),
        services(zone(rack("etcd-discovery: plain", NODES))).subList(0, 2));
    assertEquals(List.of(), services(zone(rack("etcd-discovery: off", NODES))));
    String stacked = "  52:54:00:00:00:04: { role: control-plane, name: cp }\n";
    assertEquals(
        List.of("_etcd-server-ssl._tcp 2380 cp", "_etcd-client-ssl._tcp 2379 cp"),
        services(zone(rack("", stacked))));
  }

  @Test
  void theZoneIsMadeAnewForAChangeButNotForARenewal() {
    List<Runnable> waiting = new ArrayList<>();
    RackFile rack = rack("", NODES);
    RackNames names = new RackNames(() -> rack, clock, waiting::add);
    List<Lease> saved = new ArrayList<>();
    LeaseStore store = names.watching(keptIn(saved));
    Zone first = names.get();
    var _ = store.save(lease(3, "10.77.0.100", Lease.State.BOUND, Duration.ofHours(1)));
    var _ = store.save(lease(4, "10.77.0.101", Lease.State.BOUND, Duration.ofHours(1)));
    assertEquals(2, saved.size());
    assertSame(first, names.get());
    assertEquals(1, waiting.size(), "two changes share one zone");
    waiting.removeFirst().run();
    Zone second = names.get();
    assertNotEquals(first.size(), second.size(), "a reverse name is there");
    var _ = store.save(lease(3, "10.77.0.100", Lease.State.BOUND, Duration.ofMinutes(70)));
    assertEquals(0, waiting.size(), "a renewed lease changes nothing");
    clock.pass(Duration.ofHours(3));
    assertSame(second, names.get());
    assertEquals(1, waiting.size(), "leases have ended");
    waiting.removeFirst().run();
    assertEquals(first.size(), names.get().size());
    assertEquals(0, waiting.size());
  }

  private static LeaseStore keptIn(List<Lease> leases) {
    return new LeaseStore() {
      @Override
      public List<Lease> load() {
        return leases;
      }

      @Override
      public CompletionStage<Void> save(Lease lease) {
        leases.add(lease);
        return CompletableFuture.completedStage(null);
      }
    };
  }
}
