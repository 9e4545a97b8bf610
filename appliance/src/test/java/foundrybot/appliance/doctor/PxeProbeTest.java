// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.LoopbackAppliance;
import foundrybot.appliance.doctor.Evidence.Offer;
import foundrybot.appliance.doctor.Evidence.Outcome;
import foundrybot.appliance.doctor.Evidence.Wire;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.Decoded;
import foundrybot.bootserver.dhcp.DhcpCodec;
import foundrybot.bootserver.dhcp.DhcpMessage;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpOption;
import foundrybot.bootserver.dhcp.Octets;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PxeProbeTest {
  private static final Inet4Address LOOPBACK = Inet4Address.ofLiteral("127.0.0.1");
  private static final String MACHINE = "52:54:00:bb:00:01";

  private final PxeProbe probe =
      new PxeProbe(MacAddress.parse(MACHINE).orElseThrow(), new Random(7));

  @ParameterizedTest
  @ValueSource(strings = {"proxy", "server"})
  void ourOwnServerAnswersEachKindThatAsksThere(String mode, @TempDir Path folder) {
    try (LoopbackAppliance appliance = new LoopbackAppliance(folder).with("dhcp", mode)) {
      if (mode.equals("server")) {
        appliance.with("pool", "127.99.0.100-127.99.0.110");
      }
      appliance.node(MACHINE, "w1", "debian-12").start();
      Inet4Address address = Inet4Address.ofLiteral(LoopbackAppliance.ADDRESS);
      int port = appliance.port("proxy-dhcp");
      Outcome uefi = probe.ask(address, port, DhcpProbe.UEFI);
      assertTrue(uefi.worked(), uefi.said());
      assertTrue(uefi.said().endsWith("snponly.efi on 127.99.0.1, asked as x64 UEFI"), uefi.said());
      for (DhcpProbe.Kind kind : DhcpProbe.PXE_KINDS) {
        // Nobody gave this appliance a program for ARM, and the probe is told nothing then.
        if (!kind.name().startsWith("ARM")) {
          assertTrue(probe.ask(address, port, kind).worked(), kind.name());
        }
      }
    }
  }

  @Test
  void aDeadPortIsNamed() throws Exception {
    int port;
    try (DatagramSocket socket = new DatagramSocket(0, LOOPBACK)) {
      port = socket.getLocalPort();
    }
    Outcome outcome = probe.ask(LOOPBACK, port, DhcpProbe.UEFI);
    assertFalse(outcome.worked());
    assertTrue(outcome.said().startsWith("port unreachable: nobody listens"), outcome.said());
  }

  @Test
  void theQuestionIsWhatPxeFirmwareAsksAndIsForNoLease() throws Exception {
    DhcpMessage request = exchange(MessageType.ACK, LOOPBACK, "x.efi", Octets.EMPTY).request();
    assertEquals(Optional.of(MessageType.REQUEST), request.type());
    assertEquals(LOOPBACK, request.ciaddr(), "answers go there");
    assertEquals(0, request.flags());
    assertEquals(
        "PXEClient:Arch:00007:UNDI:003000",
        request.option(DhcpOption.VENDOR_CLASS).orElseThrow().untilNul());
    assertEquals(7, request.option(DhcpOption.ARCHITECTURE).orElseThrow().u16(0));
    assertEquals(17, request.option(DhcpOption.CLIENT_UUID).orElseThrow().length());
    assertEquals(Optional.empty(), request.option(DhcpOption.REQUESTED_ADDRESS));
    assertEquals(Optional.empty(), request.option(DhcpOption.SERVER_ID));
  }

  @Test
  void anAnswerThatMachinesCannotUseDoesNotCount() throws Exception {
    Octets menu = Octets.of((byte) 6, (byte) 1, (byte) 3, (byte) 255);
    assertEquals(
        new Outcome(true, "x.efi on 127.0.0.9, asked as x64 UEFI"),
        exchange(MessageType.ACK, LOOPBACK, "x.efi", Octets.EMPTY).outcome());
    assertEquals(
        new Outcome(
            true, "no boot file, but a menu or boot servers in option 43, asked as x64 UEFI"),
        exchange(MessageType.ACK, LOOPBACK, "", menu).outcome());
    assertEquals(
        new Outcome(false, "the answer has no boot file, asked as x64 UEFI"),
        exchange(MessageType.ACK, LOOPBACK, "", Octets.EMPTY).outcome());
    assertEquals(
        new Outcome(
            false,
            "the answer names another server in option 54: 10.0.0.9 (expected: 127.0.0.1), asked"
                + " as x64 UEFI"),
        exchange(MessageType.ACK, Inet4Address.ofLiteral("10.0.0.9"), "x.efi", menu).outcome());
    assertEquals(
        new Outcome(false, "what came back is no DHCPACK to the question"),
        exchange(MessageType.NAK, LOOPBACK, "x.efi", menu).outcome());
  }

  private record Exchange(DhcpMessage request, Outcome outcome) {}

  /** With a server that answers one question so. */
  private Exchange exchange(MessageType type, Inet4Address server, String file, Octets vendor)
      throws Exception {
    try (DatagramSocket socket = new DatagramSocket(0, LOOPBACK)) {
      CompletableFuture<Outcome> outcome =
          CompletableFuture.supplyAsync(
              () -> probe.ask(LOOPBACK, socket.getLocalPort(), DhcpProbe.UEFI));
      DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
      socket.setSoTimeout(30_000);
      socket.receive(packet);
      Decoded.Message question =
          (Decoded.Message)
              DhcpCodec.decode(Unpooled.wrappedBuffer(packet.getData(), 0, packet.getLength()));
      byte[] answer = answer(question.message(), type, server, file, vendor);
      socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      return new Exchange(question.message(), outcome.get());
    }
  }

  private static byte[] answer(
      DhcpMessage request, MessageType type, Inet4Address server, String file, Octets vendor) {
    List<DhcpOption> options = new ArrayList<>();
    options.add(type.option());
    options.add(DhcpOption.address(DhcpOption.SERVER_ID, server));
    if (vendor.length() > 0) {
      options.add(new DhcpOption(DhcpOption.VENDOR_SPECIFIC, vendor));
    }
    DhcpMessage message =
        new DhcpMessage(
            DhcpMessage.REPLY,
            1,
            0,
            request.xid(),
            0,
            0,
            request.ciaddr(),
            DhcpProbe.ANY,
            Inet4Address.ofLiteral("127.0.0.9"),
            DhcpProbe.ANY,
            request.chaddr(),
            "",
            file,
            options);
    DhcpCodec.Encoded.Packet packet =
        (DhcpCodec.Encoded.Packet) DhcpCodec.encode(message, DhcpCodec.limit(request));
    return ByteBufUtil.getBytes(packet.packet());
  }

  @Test
  void theApplianceIsAskedAsWhomItGaveABootFile() {
    Inet4Address own = Inet4Address.ofLiteral("10.77.0.1");
    Offer bios = offer("x86 BIOS", "10.77.0.1", "x.kpxe", "PXEClient");
    Offer uefi = offer("x64 UEFI", "10.77.0.1", "x.efi", "");
    Offer http = offer("x64 UEFI, HTTP", "10.77.0.1", "http://10.77.0.1/x", "HTTPClient");
    assertEquals(Optional.of("x64 UEFI"), ownKind(own, bios, http, uefi));
    assertEquals(Optional.of("x86 BIOS"), ownKind(own, http, bios));
    assertEquals(Optional.empty(), ownKind(own, http));
    assertEquals(
        Optional.empty(), ownKind(own, offer("x64 UEFI", "10.77.0.2", "x.efi", "PXEClient")));
  }

  private static Optional<String> ownKind(Inet4Address own, Offer... offers) {
    return PxeProbe.ownKind(new Wire("eth0", 4, List.of(offers)), own).map(DhcpProbe.Kind::name);
  }

  @Test
  void onlyThoseAreAskedThatSayTheyArePxeServersAndNeverThisMachineOrAll() {
    Wire wire =
        new Wire(
            "eth0",
            4,
            List.of(
                offer("x64 UEFI", "10.77.0.1", "x.efi", "PXEClient"),
                offer("x64 UEFI", "10.77.0.2", "x.efi", ""),
                offer("a client that does not boot", "10.77.0.3", "", "PXEClient"),
                offer("x64 UEFI", "127.0.0.1", "", "PXEClient"),
                offer("x64 UEFI", "0.0.0.0", "", "PXEClient"),
                offer("x64 UEFI", "224.0.0.1", "", "PXEClient"),
                offer("x64 UEFI", "255.255.255.255", "", "PXEClient")));
    assertEquals(Map.of(), probe.others(wire, Inet4Address.ofLiteral("10.77.0.1")));
  }

  private static Offer offer(String asked, String server, String file, String vendorClass) {
    Inet4Address address = Inet4Address.ofLiteral(server);
    return new Offer(
        asked, address, address, DhcpProbe.ANY, DhcpProbe.ANY, file, vendorClass, "", 0);
  }
}
