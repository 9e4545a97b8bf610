// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.Subnet;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class OptionValuesTest {
  private static final Inet4Address ROUTER = Messages.ip("10.0.0.1");

  private static OptionValues.Route route(String subnet, int length) {
    return new OptionValues.Route(new Subnet(Messages.ip(subnet), length), ROUTER);
  }

  /** The examples of RFC 3442. */
  @Test
  void aRouteIsItsWidthTheBytesThatCountAndItsRouter() {
    for (String[] row :
        new String[][] {
          {"0.0.0.0", "0", "00"},
          {"10.0.0.0", "8", "080a"},
          {"10.17.0.0", "16", "100a11"},
          {"10.27.129.0", "24", "180a1b81"},
          {"10.229.0.128", "25", "190a e50080"},
          {"10.198.122.47", "32", "200ac67a2f"},
          {"10.17.99.99", "16", "100a11"}
        }) {
      DhcpOption option =
          OptionValues.routes(121, List.of(route(row[0], Integer.parseInt(row[1]))));
      assertEquals(row[2].replace(" ", "") + "0a000001", option.value().toString(), row[0]);
    }
  }

  /** The example of RFC 3397: eng.apple.com and marketing.apple.com. */
  @Test
  void anEndingThatStoodBeforeIsAPointerToIt() {
    assertEquals(
        "03656e67056170706c6503636f6d00" + "096d61726b6574696e67c004",
        OptionValues.domainSearch(List.of("eng.apple.com", "marketing.apple.com"))
            .value()
            .toString());
    assertEquals(
        "0161016200" + "c000" + "c002",
        OptionValues.domainSearch(List.of("a.b", "a.b", "b")).value().toString());
    assertThrows(IllegalArgumentException.class, () -> OptionValues.domainSearch(List.of("a..b")));
  }

  private static final MacAddress MAC = new MacAddress(0x525400770001L);

  private static final DhcpOption OWN_NTP =
      DhcpOption.address(DhcpOption.NTP_SERVERS, Messages.ip("127.0.0.9"));

  private static TestNet net() {
    DhcpNetwork network =
        TestNet.NETWORK
            .leasing(
                Messages.ip("127.0.0.100"),
                Messages.ip("127.0.0.109"),
                List.of(ROUTER),
                List.of(ROUTER))
            .offering(
                List.of(
                    DhcpOption.address(DhcpOption.NTP_SERVERS, ROUTER),
                    OptionValues.domainSearch(List.of("a.b")),
                    OptionValues.routes(
                        DhcpOption.CLASSLESS_ROUTES, List.of(route("10.9.0.0", 16))),
                    OptionValues.routes(
                        DhcpOption.MICROSOFT_ROUTES, List.of(route("10.9.0.0", 16)))));
    return new TestNet(
        List.of(network),
        new Mode.Server(Optional.of("a.b"), Duration.ofHours(1), true),
        (client, self) -> new BootDecision.Ignore("test"),
        new Named());
  }

  /** One machine with a name and options of its own. */
  private static final class Named implements Reservations {
    @Override
    public Optional<Inet4Address> reservation(MacAddress mac) {
      return Optional.empty();
    }

    @Override
    public Optional<MacAddress> owner(Inet4Address address) {
      return Optional.empty();
    }

    @Override
    public Optional<String> hostName(MacAddress mac) {
      return Optional.of("w1");
    }

    @Override
    public List<DhcpOption> options(MacAddress mac) {
      return List.of(OWN_NTP, DhcpOption.text(224, "own"));
    }

    @Override
    public boolean isKnown(MacAddress mac) {
      return true;
    }
  }

  private static List<Integer> told(TestNet net, int... wishes) {
    byte[] codes = new byte[wishes.length];
    for (int i = 0; i < wishes.length; i++) {
      codes[i] = (byte) wishes[i];
    }
    DhcpMessage discover = Messages.request(MAC, MessageType.DISCOVER);
    DhcpMessage offer =
        net.ask(
            wishes.length == 0
                ? discover
                : Messages.with(
                    discover, new DhcpOption(DhcpOption.PARAMETER_LIST, Octets.of(codes))));
    List<Integer> told = new ArrayList<>();
    offer.options().forEach(option -> told.add(option.code()));
    return told;
  }

  @Test
  void whatIsWantedComesInThatOrderAndWhatIsOnlyForThoseWhoAskNotAtAll() {
    try (TestNet net = net()) {
      assertEquals(List.of(53, 54, 51, 58, 59, 1, 15, 3, 12, 6, 42, 224), told(net, 15, 3, 12));
      assertEquals(
          List.of(53, 54, 51, 58, 59, 1, 249, 121, 119, 42, 3, 6, 15, 224),
          told(net, 249, 121, 119, 42));
      assertEquals(List.of(53, 54, 51, 58, 59, 1, 3, 6, 15, 12, 119, 121, 42, 224), told(net));
    }
  }

  @Test
  void aMachinesOwnOptionTakesThePlaceOfTheNetworks() {
    try (TestNet net = net()) {
      DhcpMessage offer = net.ask(Messages.request(MAC, MessageType.DISCOVER));
      assertEquals(Optional.of(OWN_NTP.value()), offer.option(DhcpOption.NTP_SERVERS));
      assertEquals(Optional.of(Octets.text("w1")), offer.option(DhcpOption.HOST_NAME));
    }
  }

  @Test
  void whereRoomIsShortUnusedHeaderFieldsHoldOptionsAndWhatIsWantedMostStaysLongest() {
    DhcpMessage answer =
        Messages.with(
            Messages.request(MAC, MessageType.OFFER),
            DhcpOption.text(224, "a".repeat(250)),
            DhcpOption.text(225, "b".repeat(120)),
            DhcpOption.text(226, "c".repeat(60)),
            DhcpOption.text(227, "d".repeat(60)));
    DhcpCodec.Encoded.Packet packet = (DhcpCodec.Encoded.Packet) DhcpCodec.encode(answer, 548);
    assertEquals(List.of(227), packet.dropped());
    DhcpMessage read = Messages.decoded(packet.packet());
    assertEquals(
        List.of(53, 224, 225, 226),
        read.options().stream().map(DhcpOption::code).sorted().toList());
    assertEquals(answer.option(225), read.option(225));
    assertEquals("", read.file());
  }

  @Test
  void aBootFileInTheHeaderIsNeverOverwritten() {
    DhcpMessage m = Messages.request(MAC, MessageType.OFFER);
    DhcpMessage answer =
        new DhcpMessage(
            2,
            1,
            0,
            1,
            0,
            0,
            m.ciaddr(),
            m.yiaddr(),
            m.siaddr(),
            m.giaddr(),
            m.chaddr(),
            "",
            "ipxe.efi",
            List.of(
                MessageType.OFFER.option(),
                DhcpOption.text(224, "a".repeat(250)),
                DhcpOption.text(225, "b".repeat(100)),
                DhcpOption.text(226, "c".repeat(60))));
    DhcpCodec.Encoded.Packet packet = (DhcpCodec.Encoded.Packet) DhcpCodec.encode(answer, 548);
    assertEquals("ipxe.efi", Messages.decoded(packet.packet()).file());
    assertEquals(List.of(225), packet.dropped());
    assertEquals(answer.option(226), Messages.decoded(packet.packet()).option(226));
  }
}
