// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.dhcp.DhcpNetwork;
import foundrybot.bootserver.dhcp.DhcpServer;
import foundrybot.bootserver.dhcp.DhcpSettings;
import foundrybot.bootserver.dhcp.Lease;
import foundrybot.bootserver.dhcp.LeaseStore;
import foundrybot.bootserver.dhcp.Reservations;
import foundrybot.bootserver.dns.DnsServer;
import foundrybot.bootserver.dns.DnsSettings;
import foundrybot.bootserver.dns.Zone;
import foundrybot.bootserver.dns.ZoneData;
import foundrybot.bootserver.sntp.SntpServer;
import foundrybot.bootserver.sntp.SntpSettings;
import foundrybot.bootserver.sntp.TimeQuality;
import foundrybot.bootserver.tftp.TftpAnswer;
import foundrybot.bootserver.tftp.TftpServer;
import foundrybot.bootserver.tftp.TftpSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The worst questions that we know of, to real servers on loopback: how many bytes go to an address
 * that never answers, for each byte that came in its name. Headers of IPv4 and UDP are counted on
 * both sides.
 */
final class AmplificationTest {
  private static final Inet4Address SERVER = (Inet4Address) InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress VICTIM = InetAddress.ofLiteral("127.0.0.2");
  private static final InetAddress NOBODY = InetAddress.ofLiteral("0.0.0.0");
  private static final MacAddress MACHINE = new MacAddress(0x525400770001L);
  private static final Inet4Address ADDRESS = (Inet4Address) InetAddress.ofLiteral("127.0.0.100");
  private static final int HEADERS = 28;

  /** On loopback an answer that comes at all comes within this time. */
  private static final int SILENCE_MS = 100;

  /** On a busy machine a late answer must not be counted with the next question. */
  private static final int BETWEEN_MS = 400;

  /** A client that does not answer hears nothing more after the last resend. */
  private static final int AFTER_RESENDS_MS = 1200;

  private final EventLoops loops = EventLoops.start(1);

  @AfterEach
  void close() {
    loops.close();
  }

  /** What went to the victim, and what came from it. */
  private record Traffic(long in, long out) {
    double factor() {
      return (double) out / in;
    }
  }

  private static long received(DatagramSocket victim, int silence) throws IOException {
    victim.setSoTimeout(silence);
    long bytes = 0;
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    try {
      while (true) {
        victim.receive(packet);
        bytes += packet.getLength() + HEADERS;
      }
    } catch (SocketTimeoutException e) {
      return bytes;
    }
  }

  /** Answers that go to the port of the question: all are asked at one time, by many. */
  private static void checkAll(
      String protocol, int port, Map<String, byte[]> questions, int silence, double most)
      throws IOException {
    List<DatagramSocket> victims = new ArrayList<>();
    Map<String, Traffic> seen = new LinkedHashMap<>();
    try {
      for (byte[] question : questions.values()) {
        DatagramSocket victim = new DatagramSocket(new InetSocketAddress(VICTIM, 0));
        victims.add(victim);
        victim.send(new DatagramPacket(question, question.length, SERVER, port));
      }
      int next = 0;
      for (Map.Entry<String, byte[]> question : questions.entrySet()) {
        // Whoever is read later has been waited for already.
        long out = received(victims.get(next), next == 0 ? 4 * silence : SILENCE_MS);
        seen.put(question.getKey(), new Traffic(question.getValue().length + HEADERS, out));
        next++;
      }
    } finally {
      victims.forEach(DatagramSocket::close);
    }
    check(protocol, seen, most);
  }

  /** Answers that go to one port, whoever asks: one question after the other. */
  private static void checkEach(
      String protocol, int port, DatagramSocket victim, Map<String, byte[]> questions, double most)
      throws IOException {
    Map<String, Traffic> seen = new LinkedHashMap<>();
    for (Map.Entry<String, byte[]> question : questions.entrySet()) {
      byte[] bytes = question.getValue();
      victim.send(new DatagramPacket(bytes, bytes.length, SERVER, port));
      seen.put(
          question.getKey(), new Traffic(bytes.length + HEADERS, received(victim, BETWEEN_MS)));
    }
    check(protocol, seen, most);
  }

  private static void check(String protocol, Map<String, Traffic> seen, double most) {
    List<String> broken = new ArrayList<>();
    long answered = 0;
    double worst = 0;
    for (Map.Entry<String, Traffic> one : seen.entrySet()) {
      Traffic traffic = one.getValue();
      answered += traffic.out();
      worst = Math.max(worst, traffic.factor());
      if (traffic.factor() > most) {
        broken.add(
            "%s %s: %d bytes in, %d out (expected: at most %.0f times as many)"
                .formatted(protocol, one.getKey(), traffic.in(), traffic.out(), most));
      }
    }
    System.out.printf(
        Locale.ROOT,
        "amplification of %s: at worst %.2f of %d questions (limit %.0f)%n",
        protocol,
        worst,
        seen.size(),
        most);
    assertTrue(answered > 0, protocol + " has answered nothing at all");
    assertTrue(broken.isEmpty(), () -> String.join("\n", broken));
  }

  private static byte[] bytes(Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : parts) {
      switch (part) {
        case Integer octet -> out.write(octet);
        case String text -> out.writeBytes(text.getBytes(US_ASCII));
        case byte[] octets -> out.writeBytes(octets);
        default -> throw new AssertionError(part);
      }
    }
    return out.toByteArray();
  }

  private static byte[] u16(int... values) {
    ByteBuffer out = ByteBuffer.allocate(2 * values.length);
    for (int value : values) {
      out.putShort((short) value);
    }
    return out.array();
  }

  @Test
  void dhcpThroughAForgedRelayAndFromAForgedAddress() throws IOException {
    try (DatagramSocket victim = new DatagramSocket(new InetSocketAddress(VICTIM, 0))) {
      DhcpSettings.Ports ports =
          new DhcpSettings.Ports(freePort(), freePort(), freePort(), victim.getLocalPort());
      for (DhcpSettings.Mode mode :
          List.of(
              new DhcpSettings.Mode.Proxy(),
              new DhcpSettings.Mode.Server(
                  Optional.of("a.very.long.domain." + "x".repeat(200)),
                  Duration.ofHours(1),
                  true))) {
        List<Inet4Address> eight = Collections.nCopies(8, SERVER);
        DhcpNetwork network =
            DhcpNetwork.on(Optional.empty(), SERVER, 24)
                .leasing(
                    ADDRESS, (Inet4Address) InetAddress.ofLiteral("127.0.0.200"), eight, eight);
        try (DhcpServer server =
            DhcpServer.start(
                DhcpSettings.on(network, mode, ports),
                loops,
                (client, self) ->
                    new BootDecision.Url(URI.create("http://127.0.0.1/" + "u".repeat(230)), "test"),
                // Not from the pool: an offer from there waits for a probe, and would be counted
                // late.
                Reservations.of(Map.of(MACHINE, ADDRESS)),
                new NoLeases(),
                event -> {},
                new VirtualClock())) {
          checkEach("dhcp", ports.server(), victim, dhcpQuestions(VICTIM), 3);
          checkEach("dhcp-4011-relayed", ports.proxy(), victim, dhcpQuestions(VICTIM), 3);
          checkAll("dhcp-4011", ports.proxy(), dhcpQuestions(NOBODY), SILENCE_MS, 3);
          assertTrue(server.counters().getOrDefault("dhcp.discover", 0L) > 0);
        }
      }
    }
  }

  private static Map<String, byte[]> dhcpQuestions(InetAddress relay) {
    Map<String, byte[]> questions = new LinkedHashMap<>();
    byte[] pxe = bytes(60, 9, "PXEClient", 93, 2, 0, 7, 175, 1, 1);
    byte[] http = bytes(60, 10, "HTTPClient", 93, 2, 0, 16);
    byte[] large = bytes(57, 2, 255, 255);
    for (Map.Entry<String, byte[]> client : Map.of("pxe", pxe, "http", http).entrySet()) {
      for (int type : new int[] {1, 3, 8}) {
        String name = client.getKey() + " type " + type;
        questions.put(name, dhcp(type, relay, client.getValue()));
        questions.put(name + " of any size", dhcp(type, relay, bytes(client.getValue(), large)));
      }
    }
    questions.put("echoed options", dhcp(1, relay, bytes(pxe, large, 61, 255, "i".repeat(255))));
    questions.put("no boot client", dhcp(1, relay, large));
    return questions;
  }

  private static byte[] dhcp(int type, InetAddress relay, byte[] options) {
    ByteBuffer header = ByteBuffer.allocate(240);
    header.put(new byte[] {1, 1, 6, 0, 1, 2, 3, 4});
    header.put(24, relay.getAddress()).put(28, MACHINE.toBytes());
    header.put(12, type == 8 ? VICTIM.getAddress() : new byte[4]);
    header.putInt(236, 0x63825363);
    return bytes(header.array(), 53, 1, type, 50, 4, 127, 0, 0, 100, options);
  }

  private static int freePort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(SERVER, 0))) {
      return socket.getLocalPort();
    }
  }

  private static final class NoLeases implements LeaseStore {
    @Override
    public List<Lease> load() {
      return List.of();
    }

    @Override
    public CompletionStage<Void> save(Lease lease) {
      return CompletableFuture.completedStage(null);
    }
  }

  /** By a client that is silent after its request, so that everything is sent again. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tftpToAClientThatNeverAcknowledges(boolean onePort) throws IOException {
    TftpSettings settings = TftpSettings.on(SERVER, 0);
    try (TftpServer server =
        TftpServer.start(
            onePort ? settings.onOnePort() : settings,
            loops,
            request -> TftpAnswer.Bytes.of(new byte[100_000]),
            event -> {})) {
      Map<String, byte[]> questions = new LinkedHashMap<>();
      questions.put("shortest request", bytes(0, 1, "a", 0, "octet", 0));
      questions.put("large blocks", rrq("blksize", 0, "65464", 0, "windowsize", 0, "65535", 0));
      questions.put("window only", rrq("windowsize", 0, "64", 0));
      questions.put("size only", rrq("tsize", 0, "0", 0));
      questions.put("empty option values", rrq("tsize", 0, 0, "blksize", 0, 0));
      questions.put("a longest wait", rrq("timeout", 0, "1", 0));
      questions.put("no such mode", bytes(0, 1, "a", 0, "netascii", 0));
      questions.put("a write", bytes(0, 2, "a", 0, "octet", 0));
      questions.put("cut off", bytes(0, 1, "a"));
      questions.put("an acknowledgement", bytes(0, 4, 0, 1));
      questions.put("an error", bytes(0, 5, 0, 0, 0));
      checkAll("tftp", server.port(), questions, AFTER_RESENDS_MS, 16);
    }
  }

  private static byte[] rrq(Object... options) {
    return bytes(0, 1, "a", 0, "octet", 0, bytes(options));
  }

  @Test
  void dnsToAStranger() throws IOException {
    List<ZoneData.Host> hosts = new ArrayList<>();
    List<ZoneData.Service> services = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      hosts.add(new ZoneData.Host("h" + i, List.of(InetAddress.ofLiteral("10.77.0." + (10 + i)))));
      services.add(new ZoneData.Service("_e._tcp", 2380, "h" + i));
    }
    for (int i = 0; i < 5; i++) {
      services.add(new ZoneData.Service("_f._tcp", 2380, "h" + i));
    }
    Zone zone = Zone.of(new ZoneData("r", "ns", List.of(SERVER), 7, 60, hosts, services));
    try (DnsServer server =
        DnsServer.start(
            DnsSettings.on(SERVER, 0), loops, () -> zone, event -> {}, new VirtualClock())) {
      Map<String, byte[]> questions = new LinkedHashMap<>();
      for (int type : new int[] {1, 2, 6, 28, 33, 255, 252}) {
        for (byte[] name :
            List.of(
                bytes(1, "r", 0),
                bytes(2, "_e", 4, "_tcp", 1, "r", 0),
                bytes(2, "_f", 4, "_tcp", 1, "r", 0),
                bytes(2, "no", 1, "r", 0),
                bytes(1, "x", 0))) {
          String shown = "type " + type + " " + new String(name, US_ASCII).replaceAll("\\W+", ".");
          questions.put(shown, bytes(u16(1, 0x100, 1, 0, 0, 0), name, u16(type, 1)));
          questions.put(
              shown + " edns",
              bytes(u16(1, 0x100, 1, 0, 0, 1), name, u16(type, 1), 0, u16(41, 4096, 0, 0, 0)));
        }
      }
      questions.put("header only", u16(1, 0x100, 1, 0, 0, 0));
      questions.put("an update", u16(1, 0x2800, 1, 0, 0, 0));
      questions.put("an answer", u16(1, 0x8180, 1, 0, 0, 0));
      checkAll("dns to strangers", server.port(), questions, SILENCE_MS, 4);
    }
  }

  @Test
  void sntpToAnybody() throws IOException {
    try (SntpServer server =
        SntpServer.start(
            SntpSettings.on(SERVER, 0),
            loops,
            new VirtualClock(),
            TimeQuality.Unsynchronised::new,
            event -> {})) {
      Map<String, byte[]> questions = new LinkedHashMap<>();
      questions.put("a client's", bytes(0x23, new byte[47]));
      questions.put("a long one", bytes(0x23, new byte[99]));
      questions.put("a short one", bytes(0x23, new byte[46]));
      questions.put("a control message", bytes(0x16, 2, 0, 1, new byte[44]));
      questions.put("monlist", bytes(0x17, 0, 3, 42, new byte[44]));
      questions.put("another server's", bytes(0x24, new byte[47]));
      checkAll("sntp", server.port(), questions, SILENCE_MS, 1);
    }
  }
}
