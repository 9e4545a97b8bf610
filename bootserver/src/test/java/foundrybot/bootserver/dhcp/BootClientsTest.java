// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootClient.Program;
import foundrybot.bootserver.BootClient.Transport;
import foundrybot.bootserver.IpxeFeatures;
import foundrybot.bootserver.IpxeFeatures.Feature;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.BootClients.Classified;
import foundrybot.bootserver.dhcp.BootClients.Reason;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class BootClientsTest {
  private static BootClient client(DhcpMessage message) {
    return assertInstanceOf(Classified.Boot.class, BootClients.of(message)).client();
  }

  private static Reason reason(DhcpMessage message) {
    return assertInstanceOf(Classified.NotBooting.class, BootClients.of(message)).reason();
  }

  private static DhcpMessage discover(DhcpOption... options) {
    return Messages.request(Messages.MAC, MessageType.DISCOVER, options);
  }

  private static DhcpOption uuid(String hex) {
    return new DhcpOption(
        DhcpOption.CLIENT_UUID, Octets.of(java.util.HexFormat.of().parseHex(hex)));
  }

  @Test
  void transportIsTheBeginningOfOption60() {
    assertEquals(Transport.PXE, client(Messages.pxe(0)).transport());
    assertEquals(Transport.HTTP, client(Messages.http(16)).transport());
    assertEquals(Reason.NO_BOOT_CLASS, reason(discover(Messages.vendorClass("MSFT 5.0"))));
    assertEquals(Reason.NO_BOOT_CLASS, reason(discover()));
  }

  @Test
  void theFirstArchitectureThatHasABootProgramCounts() {
    DhcpOption pxe = Messages.vendorClass("PXEClient");
    assertEquals(7, client(discover(pxe, Messages.architectures(2, 7, 0))).architecture().code());
    assertEquals(2, client(discover(pxe, Messages.architectures(2, 12))).architecture().code());
  }

  @Test
  void anArchitectureMayStandInOption60Only() {
    DhcpMessage arm = discover(Messages.vendorClass("PXEClient:Arch:00011:UNDI:003000"));
    assertEquals(11, client(arm).architecture().code());
    assertEquals(Reason.NO_ARCHITECTURE, reason(discover(Messages.vendorClass("PXEClient"))));
    assertEquals(
        Reason.NO_ARCHITECTURE, reason(discover(Messages.vendorClass("PXEClient:Arch:99999"))));
  }

  @Test
  void anOddArchitectureListIsMalformedUnlessTheClassHasTheCode() {
    for (byte[] odd : new byte[][] {{}, {7}, {0, 7, 0}}) {
      DhcpOption option = new DhcpOption(DhcpOption.ARCHITECTURE, Octets.of(odd));
      assertInstanceOf(
          Classified.Malformed.class,
          BootClients.of(discover(Messages.vendorClass("PXEClient"), option)));
      DhcpOption withCode = Messages.vendorClass("PXEClient:Arch:00011:UNDI:003000");
      assertEquals(11, client(discover(withCode, option)).architecture().code());
    }
  }

  /** As EDK2 on a Raspberry Pi: option 93 is there, and says nothing that helps. */
  @Test
  void theCodeInTheClassCountsWhereOption93NamesNoneThatIsKnown() {
    DhcpOption arm = Messages.vendorClass("PXEClient:Arch:00011:UNDI:003000");
    assertEquals(11, client(discover(arm, Messages.architectures(0xffff))).architecture().code());
    assertEquals(7, client(discover(arm, Messages.architectures(7))).architecture().code());
  }

  /** U-Boot's own class, with option 93 as it is built for most boards. */
  @Test
  void whoSendsOption93BootsWhateverItsClass() {
    DhcpOption board = Messages.vendorClass("U-Boot.armv8");
    BootClient tftp = client(discover(board, Messages.architectures(22)));
    assertEquals(Transport.PXE, tftp.transport());
    assertEquals("U-Boot.armv8", tftp.vendorClass());
    assertEquals(Transport.HTTP, client(discover(Messages.architectures(24))).transport());
    DhcpOption blueField = Messages.vendorClass("NVIDIA/BF/PXE");
    assertEquals(
        Transport.PXE, client(discover(blueField, Messages.architectures(11))).transport());
    assertEquals(
        Transport.HTTP, client(discover(blueField, Messages.architectures(19))).transport());
    DhcpOption broken = new DhcpOption(DhcpOption.ARCHITECTURE, Octets.of((byte) 7));
    assertEquals(Reason.NO_BOOT_CLASS, reason(discover(board, broken)));
    assertEquals(
        Reason.NO_BOOT_CLASS, reason(discover(Messages.vendorClass("a cable box:Arch:00007:"))));
  }

  @Test
  void ipxeIsKnownByItsClassInBothSpellingsOrByItsOwnOption() {
    DhcpMessage firmware = Messages.pxe(7);
    assertEquals(Program.FIRMWARE, client(firmware).program());
    assertEquals(Program.IPXE, client(Messages.ipxe(7)).program());
    for (String text : new String[] {"\4iPXE", "\3abc\4iPXE"}) {
      DhcpOption userClass = DhcpOption.text(DhcpOption.USER_CLASS, text);
      assertEquals(Program.IPXE, client(Messages.with(firmware, userClass)).program());
    }
    for (String text : new String[] {"", "iPXE2", "\4iPX", "\377iPXE"}) {
      DhcpOption userClass = DhcpOption.text(DhcpOption.USER_CLASS, text);
      assertEquals(Program.FIRMWARE, client(Messages.with(firmware, userClass)).program());
    }
    DhcpOption features = new DhcpOption(DhcpOption.IPXE, Octets.of((byte) 1, (byte) 0));
    assertEquals(Program.IPXE, client(Messages.with(firmware, features)).program());
  }

  @Test
  void aUuidMayBeMissingOrAllZerosButNotOfAnotherLength() {
    DhcpMessage pxe = Messages.pxe(7);
    assertEquals(Optional.empty(), client(pxe).uuid());
    assertEquals(Optional.empty(), client(Messages.with(pxe, uuid("00".repeat(17)))).uuid());
    assertEquals(Optional.empty(), client(Messages.with(pxe, uuid(""))).uuid());
    for (String bad : new String[] {"00", "00".repeat(16), "01" + "22".repeat(16)}) {
      assertInstanceOf(
          Classified.Malformed.class, BootClients.of(Messages.with(pxe, uuid(bad))), bad);
    }
  }

  @Test
  void aUuidIsReadInTheByteOrderOfSmbios() {
    UUID expected = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    DhcpOption raw = uuid("0033221100554477668899aabbccddeeff");
    assertEquals(Optional.of(expected), client(Messages.with(Messages.pxe(7), raw)).uuid());
    assertEquals(Optional.of(expected), client(Messages.with(Messages.ipxe(7), raw)).uuid());
  }

  @Test
  void anAddressThatIsNobodysIsNoMachine() {
    for (long bits : new long[] {0, 0x010000000001L, 0xffffffffffffL}) {
      DhcpMessage message = Messages.request(new MacAddress(bits), MessageType.DISCOVER);
      assertEquals(Reason.NO_MAC, reason(message));
    }
  }

  @Test
  void whatIsNoEthernetAddressIsNamed() {
    assertEquals(
        "no Ethernet address: htype 32 (InfiniBand), chaddr empty"
            + " (expected: the port's GUID there or at the end of option 61)",
        BootClients.withoutMac(hardware(32, Octets.EMPTY)));
    Octets guid = Octets.of(new byte[] {0, 2, (byte) 0xc9, 3, 0, 1, 2, 3});
    assertEquals(Reason.NO_MAC, reason(hardware(1, guid)));
    assertEquals(
        "no Ethernet address: htype 1, chaddr 0002c90300010203"
            + " (expected: htype 1, 6 bytes, those of one machine)",
        BootClients.withoutMac(hardware(1, guid)));
    Octets mac = Octets.of(Messages.MAC.toBytes());
    assertEquals(Optional.of(Messages.MAC), BootClients.mac(hardware(6, mac)), "IEEE 802");
    assertEquals(Optional.empty(), BootClients.mac(hardware(7, mac)));
  }

  /**
   * RFC 4390; the GUID and the MAC of one port are those that NVIDIA's manual prints side by side.
   */
  @Test
  void anInfiniBandPortIsKnownByItsGuidWithoutItsMiddle() {
    Optional<MacAddress> port = MacAddress.parse("00:02:c9:05:cf:fb");
    String guid = "0002c9030005cffb";
    String address = "80000048fe80000000000000" + guid;
    for (String clientId :
        new String[] {"ff0000000000020000" + "02c900" + guid, "20" + guid, "20" + address}) {
      assertEquals(port, BootClients.mac(infiniBand("", clientId)), clientId);
    }
    assertEquals(port, BootClients.mac(infiniBand(guid, "")), "in chaddr");
    assertEquals(
        port, BootClients.mac(infiniBand("0002c905cffb", "")), "shortened by the firmware");
    for (String other :
        new String[] {
          "",
          "20",
          "ff",
          guid,
          "01" + guid,
          "20" + guid + "00",
          "ff00000000" + "0002" + "0000ab11" + "00" + guid,
          "ff00000000" + "00030020" + guid
        }) {
      assertEquals(Optional.empty(), BootClients.mac(infiniBand("", other)), other);
    }
    assertEquals(Optional.empty(), BootClients.mac(infiniBand("00".repeat(8), "")), "nobody's");
  }

  @Test
  void anInfiniBandPortBootsAsAnyMachineAndItsIdentifierComesBack() {
    DhcpMessage discover = infiniBand("", "200002c9030005cffb");
    assertEquals(MacAddress.parse("00:02:c9:05:cf:fb").orElseThrow(), client(discover).mac());
    DhcpMessage offer =
        new Replies(DhcpSettings.Ports.STANDARD)
            .message(
                discover, MessageType.OFFER, TestNet.SERVER, Ipv4.ANY, BootFields.NONE, List.of());
    assertEquals(32, offer.htype());
    assertEquals(Octets.EMPTY, offer.chaddr());
    assertEquals(DhcpMessage.BROADCAST, offer.flags());
    assertEquals(discover.option(DhcpOption.CLIENT_ID), offer.option(DhcpOption.CLIENT_ID));
  }

  private static DhcpMessage infiniBand(String chaddr, String clientId) {
    HexFormat hex = HexFormat.of();
    DhcpMessage message = hardware(32, Octets.of(hex.parseHex(chaddr)));
    return clientId.isEmpty()
        ? message
        : Messages.with(
            message, new DhcpOption(DhcpOption.CLIENT_ID, Octets.of(hex.parseHex(clientId))));
  }

  private static DhcpMessage hardware(int htype, Octets chaddr) {
    DhcpMessage pxe = Messages.pxe(7);
    return new DhcpMessage(
        pxe.op(),
        htype,
        0,
        pxe.xid(),
        0,
        DhcpMessage.BROADCAST,
        Ipv4.ANY,
        Ipv4.ANY,
        Ipv4.ANY,
        Ipv4.ANY,
        chaddr,
        "",
        "",
        pxe.options());
  }

  @Test
  void whatAnIpxeSaysOfItselfIsReadFromItsOwnOption() {
    // As Debian 12's BIOS build sends it: bus, version 1.0.0, features.
    DhcpOption debian =
        new DhcpOption(
            DhcpOption.IPXE,
            Octets.of(
                HexFormat.of()
                    .parseHex(
                        "b105018086100eeb03010000170101220101130101110101270101190101290101100102"
                            + "210101150101180101120101")));
    IpxeFeatures features = client(Messages.with(Messages.ipxe(0), debian)).features();
    assertEquals(Optional.of("1.0.0"), features.version());
    assertTrue(features.features().containsAll(Set.of(Feature.HTTP, Feature.MENU, Feature.DNS)));
    assertTrue(features.lacks(Feature.HTTPS));
    assertFalse(features.lacks(Feature.HTTP));
    assertEquals(
        "1.0.0 aoe,bzimage,dns,elf,http,iscsi,menu,multiboot,nfs,pxe,pxe_extensions,tftp",
        features.toString());
  }

  @Test
  void anIpxeThatSaysNothingLacksNothing() {
    for (String hex : new String[] {"", "eb", "eb03", "ff00", "13"}) {
      DhcpOption option = new DhcpOption(DhcpOption.IPXE, Octets.of(HexFormat.of().parseHex(hex)));
      IpxeFeatures features = client(Messages.with(Messages.ipxe(0), option)).features();
      assertEquals(IpxeFeatures.UNKNOWN, features, hex);
      assertFalse(features.lacks(Feature.HTTP));
    }
  }
}
