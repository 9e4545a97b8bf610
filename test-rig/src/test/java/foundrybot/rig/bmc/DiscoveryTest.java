// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.discover.Discovery;
import foundrybot.redfish.discover.Discovery.Findings;
import foundrybot.redfish.discover.FoundBmc;
import foundrybot.redfish.discover.Subnet;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** BMCs on addresses of loopback, found without a word of who asks. */
final class DiscoveryTest {
  private static final Discovery.Watcher NOBODY = (done, all, found) -> {};

  private final List<AutoCloseable> running = new ArrayList<>();
  private final AtomicLong paused = new AtomicLong();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : running) {
      one.close();
    }
  }

  private <T extends AutoCloseable> T run(T one) {
    running.add(one);
    return one;
  }

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(address, port);
  }

  private RedfishEmulator redfish(String address, int port, String personality) {
    return run(
        RedfishEmulator.start(
            RedfishEmulator.Setup.of(Personalities.of(personality), RedfishEmulatorTest.machine(1))
                .with(at(address, port))));
  }

  private IpmiResponder ipmi(String address, int port) {
    return run(
        IpmiResponder.start(
            IpmiResponder.Setup.of(RedfishEmulatorTest.machine(2)).with(at(address, port))));
  }

  private Discovery discovery(int redfishPort, int ipmiPort, int groupPort) {
    Discovery.Settings usual = Discovery.Settings.USUAL;
    return new Discovery(
        new Discovery.Settings(
            redfishPort,
            ipmiPort,
            at("239.255.255.250", groupPort),
            200,
            usual.atOnce(),
            Duration.ofMillis(400),
            usual.answer()),
        time -> paused.addAndGet(time.toNanos()));
  }

  private static Findings search(Discovery discovery, String... ranges) {
    return discovery.search(List.of(ranges).stream().map(Subnet::parse).toList(), NOBODY);
  }

  /** A port that nobody has. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void redfishAndIpmiAreFoundWithTheirCertificatesAndNobodyLogsIn() throws IOException {
    RedfishEmulator dell = redfish("127.0.77.1", 0, "dell-idrac9");
    int port = dell.url().getPort();
    RedfishEmulator hpe = redfish("127.0.77.5", port, "hpe-ilo5");
    IpmiResponder old = ipmi("127.0.77.6", 0);
    IpmiResponder both = ipmi("127.0.77.5", old.port());

    Findings found = search(discovery(port, old.port(), freePort()), "127.0.77.0/29");

    assertTrue(found.complete());
    assertEquals(
        List.of("127.0.77.1", "127.0.77.5", "127.0.77.6"),
        found.bmcs().stream().map(bmc -> bmc.address().getHostAddress()).toList());
    FoundBmc.Redfish first = found.bmcs().get(0).redfish().getFirst();
    assertEquals(dell.url(), first.url());
    assertEquals(dell.fingerprint().orElseThrow(), first.fingerprint());
    assertFalse(first.version().isEmpty());
    FoundBmc second = found.bmcs().get(1);
    assertEquals(hpe.fingerprint().orElseThrow(), second.redfish().getFirst().fingerprint());
    assertEquals(Optional.of(both.url()), second.ipmi());
    assertEquals(Optional.of(old.url()), found.bmcs().get(2).ipmi());
    assertEquals(List.of(), found.bmcs().get(2).redfish());
    for (RedfishEmulator bmc : List.of(dell, hpe)) {
      assertEquals(1, bmc.account().requests());
      assertEquals(0, bmc.account().sessions() + bmc.account().refusedLogins());
    }
    for (IpmiResponder bmc : List.of(old, both)) {
      assertEquals(1, bmc.account().received());
      assertEquals(0, bmc.account().sessions());
    }
  }

  @Test
  void noMoreAddressesAreBegunInASecondThanAreAllowed() throws IOException {
    search(discovery(freePort(), freePort(), freePort()), "127.0.78.0/26");
    assertEquals(61 * 5, Duration.ofNanos(paused.get()).toMillis());
  }

  @Test
  void whoHangsOrIsNoBmcIsLeftOutAndHoldsNobodyUp() throws IOException {
    RedfishEmulator dell = redfish("127.0.77.1", 0, "dell-idrac9");
    int port = dell.url().getPort();
    run(new ServerSocket(port, 10, InetAddress.ofLiteral("127.0.77.2")));
    ServerSocket talker = run(new ServerSocket(port, 10, InetAddress.ofLiteral("127.0.77.3")));
    Thread talking = Thread.startVirtualThread(() -> sayNonsense(talker));
    Findings found = search(discovery(port, freePort(), freePort()), "127.0.77.0/29");
    assertEquals(1, found.bmcs().size());
    assertTrue(found.complete());
    talking.interrupt();
  }

  private static void sayNonsense(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.getOutputStream().write("220 ready\r\n".getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        return;
      }
    }
  }

  @Test
  void anInterruptEndsTheSearchSoonWithWhatWasFound() throws Exception {
    int port = redfish("127.0.77.1", 0, "dell-idrac9").url().getPort();
    Discovery.Settings usual = Discovery.Settings.USUAL;
    Discovery slow =
        new Discovery(
            new Discovery.Settings(
                port,
                freePort(),
                at("239.255.255.250", freePort()),
                1,
                4,
                Duration.ofSeconds(5),
                usual.answer()),
            Thread::sleep);
    Thread searching = Thread.currentThread();
    Findings found =
        slow.search(
            List.of(Subnet.parse("127.0.0.0/16"), Subnet.parse("127.0.77.1")).reversed(),
            (done, all, bmcs) -> searching.interrupt());
    assertTrue(Thread.interrupted());
    assertFalse(found.complete());
    assertEquals(1, found.bmcs().size());
  }

  @Test
  void aServiceOnAPortOfItsOwnIsFoundByMulticastAndNobodyIsSentElsewhere() throws IOException {
    RedfishEmulator hidden = redfish("127.0.77.9", 0, "hpe-ilo5");
    RedfishEmulator victim = redfish("127.0.79.1", 0, "hpe-ilo5");
    int groupPort = freePort();
    NetworkInterface loopback =
        NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1"));
    try (MulticastSocket responder = new MulticastSocket(groupPort)) {
      responder.joinGroup(at("239.255.255.250", groupPort), loopback);
      Thread.startVirtualThread(
          () -> answerSearches(responder, List.of(hidden.url(), victim.url())));
      Findings found = search(discovery(freePort(), freePort(), groupPort), "127.0.77.8/29");
      assertEquals(
          List.of(hidden.url()),
          found.bmcs().stream().flatMap(bmc -> bmc.redfish().stream()).map(r -> r.url()).toList());
      assertEquals(List.of(InetAddress.ofLiteral("127.0.79.1")), found.elsewhere());
      assertEquals(0, victim.account().requests());
    }
  }

  /** Each answer comes from the address of the service that it names. */
  private static void answerSearches(MulticastSocket responder, List<URI> services) {
    byte[] room = new byte[2048];
    while (!responder.isClosed()) {
      DatagramPacket search = new DatagramPacket(room, room.length);
      try {
        responder.receive(search);
        String text = new String(room, 0, search.getLength(), StandardCharsets.US_ASCII);
        if (!text.startsWith("M-SEARCH * HTTP/1.1\r\n")
            || !text.contains("MAN: \"ssdp:discover\"\r\n")
            || !text.contains("ST: urn:dmtf-org:service:redfish-rest:1\r\n")) {
          continue;
        }
        for (URI service : services) {
          String answer =
              "HTTP/1.1 200 OK\r\nCACHE-CONTROL:max-age=1800\r\n"
                  + "ST:urn:dmtf-org:service:redfish-rest:1\r\n"
                  + "USN:uuid:92384634-2938-2342-8820-489239905423::"
                  + "urn:dmtf-org:service:redfish-rest:1\r\n"
                  + ("AL:" + service + "/redfish/v1/\r\nEXT:\r\n\r\n");
          byte[] bytes = answer.getBytes(StandardCharsets.US_ASCII);
          try (java.net.DatagramSocket own =
              new java.net.DatagramSocket(at(service.getHost(), 0))) {
            own.send(new DatagramPacket(bytes, bytes.length, search.getSocketAddress()));
          }
        }
      } catch (IOException e) {
        return;
      }
    }
  }
}
