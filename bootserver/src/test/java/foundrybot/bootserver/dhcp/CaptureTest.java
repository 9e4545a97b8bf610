// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootClient.Program;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.dhcp.BootClients.Classified;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import foundrybot.bootserver.dhcp.Outcome.Reply;
import io.netty.buffer.ByteBufUtil;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every DHCP packet of real firmware, through decoder, classification, policy and encoder. */
final class CaptureTest {
  private static final DhcpSettings PROXY =
      DhcpSettings.on(
          DhcpNetwork.on(Optional.empty(), Messages.ip("10.77.0.1"), 24),
          new Mode.Proxy(),
          DhcpSettings.Ports.STANDARD);

  private static final InetSocketAddress SENDER = new InetSocketAddress(Ipv4.ANY, 68);

  /** What the machines of each capture are, in short. */
  private static final Map<String, String> CLIENTS =
      Map.of(
          "a", "0 IPXE PXE",
          "b", "0 IPXE PXE",
          "c1", "7 FIRMWARE PXE, 7 IPXE PXE",
          "c2", "7 FIRMWARE PXE, 7 IPXE PXE",
          "c3", "7 FIRMWARE PXE, 7 IPXE PXE",
          "c5", "7 IPXE PXE",
          "d", "16 FIRMWARE HTTP, 7 IPXE PXE",
          "e", "7 FIRMWARE PXE",
          "x", "7 FIRMWARE PXE");

  /** Requests and replies, padding and trailing bytes included; no packet needs an exception. */
  @Test
  void everyPacketIsWrittenByteForByteAsItWasRead() {
    int requests = 0;
    int replies = 0;
    for (Capture capture : Capture.all()) {
      for (Capture.Datagram datagram : capture.datagrams()) {
        Decoded.Message received = Messages.received(datagram.payload());
        assertEquals(
            ByteBufUtil.hexDump(datagram.payload()),
            ByteBufUtil.hexDump(DhcpCodec.encode(received)),
            capture.name());
        if (received.message().op() == DhcpMessage.REQUEST) {
          requests++;
        } else {
          replies++;
        }
      }
    }
    assertTrue(requests + replies >= 257, requests + " requests, " + replies + " replies");
    assertTrue(requests > 100 && replies > 100, requests + " requests, " + replies + " replies");
  }

  /** These firmwares and servers lay out as we do, so what we write looks familiar to them. */
  @Test
  void ourOwnLayoutIsThatOfRealFirmware() {
    for (Capture capture : Capture.all()) {
      for (Capture.Datagram datagram : capture.datagrams()) {
        DhcpMessage message = Messages.decoded(datagram.payload());
        assertEquals(
            ByteBufUtil.hexDump(datagram.payload()),
            ByteBufUtil.hexDump(Messages.encoded(message)),
            capture.name());
      }
    }
  }

  @Test
  void everyMachineIsRecognised() {
    Map<String, String> seen = new TreeMap<>();
    Map<String, String> expected = new TreeMap<>();
    for (Capture capture : Capture.all()) {
      TreeSet<String> clients = new TreeSet<>();
      for (DhcpMessage message : capture.messages()) {
        if (message.op() == DhcpMessage.REQUEST) {
          clients.add(
              BootClients.of(message) instanceof Classified.Boot(BootClient client)
                  ? client.architecture().code() + " " + client.program() + " " + client.transport()
                  : "none");
        }
      }
      seen.put(capture.name(), String.join(", ", clients));
      String known = CLIENTS.get(capture.name().substring(0, 2));
      expected.put(
          capture.name(),
          known == null ? CLIENTS.getOrDefault(capture.name().substring(0, 1), "?") : known);
    }
    assertEquals(expected, seen);
  }

  @Test
  void inProxyModeEveryDiscoverIsAnsweredAndNoRequestOnTheServerPortIs() {
    BootResponder responder =
        new BootResponder(PROXY, new Networks(PROXY, Map.of()), CaptureTest::decide);
    for (Capture capture : Capture.all()) {
      for (Capture.Datagram datagram : capture.datagrams()) {
        DhcpMessage message = Messages.decoded(datagram.payload());
        if (message.op() != DhcpMessage.REQUEST) {
          continue;
        }
        MessageType type = message.type().orElseThrow();
        if (datagram.targetPort() == 4011) {
          InetSocketAddress from = new InetSocketAddress(message.ciaddr(), datagram.sourcePort());
          Reply reply =
              assertInstanceOf(
                  Reply.class, responder.onProxyPort(Messages.inquiry(message, type, from, PROXY)));
          assertEquals(from, reply.to(), capture.name());
          checkAnswer(message, reply, MessageType.ACK);
        } else if (type == MessageType.DISCOVER) {
          Reply reply =
              assertInstanceOf(
                  Reply.class,
                  responder.onServerPort(Messages.inquiry(message, type, SENDER, PROXY)));
          assertEquals(new InetSocketAddress(Ipv4.BROADCAST, 68), reply.to(), capture.name());
          checkAnswer(message, reply, MessageType.OFFER);
        } else {
          assertInstanceOf(
              Outcome.Ignored.class,
              responder.onServerPort(Messages.inquiry(message, type, SENDER, PROXY)));
        }
      }
    }
  }

  private static BootDecision decide(BootClient client, Inet4Address self) {
    return client.program() == Program.FIRMWARE && client.transport() == BootClient.Transport.PXE
        ? new BootDecision.Program("snponly.efi", "test")
        : new BootDecision.Url(URI.create("http://10.77.0.1/boot"), "test");
  }

  private static void checkAnswer(DhcpMessage request, Reply reply, MessageType type) {
    DhcpMessage answer = Messages.decoded(Messages.encoded(reply.message(), reply.limit()));
    assertEquals(Optional.of(type), answer.type());
    assertEquals(request.xid(), answer.xid());
    assertEquals(request.chaddr(), answer.chaddr());
    assertEquals(Ipv4.ANY, answer.yiaddr());
    assertEquals(PROXY.advertised(), answer.siaddr());
    assertEquals(Optional.of(PROXY.advertised()), answer.address(DhcpOption.SERVER_ID));
    assertEquals(request.option(DhcpOption.CLIENT_UUID), answer.option(DhcpOption.CLIENT_UUID));
    assertTrue(List.of("snponly.efi", "http://10.77.0.1/boot").contains(answer.file()));
    String asked = request.option(DhcpOption.VENDOR_CLASS).orElseThrow().untilNul();
    String told = answer.option(DhcpOption.VENDOR_CLASS).orElseThrow().untilNul();
    assertTrue(asked.startsWith(told), asked + " " + told);
  }
}
