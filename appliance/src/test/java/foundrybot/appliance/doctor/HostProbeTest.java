// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.doctor.Evidence.Host;
import foundrybot.appliance.doctor.Evidence.Listener;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostProbeTest {
  @Test
  void ourOwnPortsAreFoundWithTheirOwner(@TempDir Path folder) throws Exception {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    try (DatagramSocket udp = new DatagramSocket(0, loopback);
        ServerSocket tcp = new ServerSocket(0, 1, loopback);
        ServerSocket all = new ServerSocket(0, 1)) {
      Host host = new HostProbe(Path.of("/proc"), folder).look(Instant.now());
      assertOurs("udp", "127.0.0.1", udp.getLocalPort(), host);
      assertOurs("tcp", "127.0.0.1", tcp.getLocalPort(), host);
      assertOurs("tcp", "0.0.0.0", all.getLocalPort(), host);
      assertTrue(
          host.links().stream().anyMatch(l -> l.name().equals("lo") && l.up() && l.carrier()));
    }
  }

  @Test
  void theDataFoldersDiskIsLookedAtOnceThereIsOne(@TempDir Path folder) throws Exception {
    Evidence.Folder found =
        new HostProbe(Path.of("/proc"), folder).look(Instant.now()).folder().orElseThrow();
    assertEquals(folder.toString(), found.path());
    assertTrue(found.writable() && found.usable() > 0, found::toString);
    Path none = folder.resolve("none");
    assertEquals(
        Optional.empty(), new HostProbe(Path.of("/proc"), none).look(Instant.now()).folder());
  }

  private static void assertOurs(String protocol, String address, int port, Host host) {
    Listener found =
        host.listeners().stream()
            .filter(l -> l.protocol().equals(protocol) && l.port() == port)
            .findFirst()
            .orElseThrow();
    assertEquals(address, found.address());
    assertEquals(ProcessHandle.current().pid(), found.process());
  }

  @Test
  void linesOfProcAreReadInTheKernelsByteOrder() {
    List<Listener> listeners = new ArrayList<>();
    Map<String, HostProbe.Owner> owners = Map.of("4711", new HostProbe.Owner(9, "dnsmasq"));
    HostProbe.add(
        listeners,
        "udp",
        "  123: 01004D0A:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0       "
            + " 0 4711 2 0 0",
        owners);
    // An open connection is no listener; the head of the table is no line.
    HostProbe.add(
        listeners,
        "tcp",
        "   0: 01004D0A:0050 0200000A:9999 01 00000000:00000000 00:00000000 00000000     0        0"
            + " 4711 1 0 0",
        owners);
    HostProbe.add(listeners, "udp", "  sl  local_address rem_address   st", owners);
    assertEquals(List.of(new Listener("udp", "10.77.0.1", 67, 9, "dnsmasq")), listeners);
  }
}
