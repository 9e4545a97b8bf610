// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.BootStyle;
import foundrybot.bootserver.BootStyle.VendorOptions;
import foundrybot.bootserver.dhcp.BootClients.Classified;
import foundrybot.bootserver.dhcp.BootFields.Kind;
import foundrybot.bootserver.dhcp.BootFields.Made;
import foundrybot.bootserver.dhcp.Outcome.Cause;
import java.net.Inet4Address;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BootFieldsTest {
  private static final Inet4Address SELF = Messages.ip("10.77.0.1");
  private static final BootDecision PROGRAM = new BootDecision.Program("ipxe.efi", "test");
  private static final BootDecision URL = url("http://10.77.0.1/boot.ipxe");

  private static BootDecision url(String text) {
    return new BootDecision.Url(URI.create(text), "test");
  }

  private static Made made(DhcpMessage request, BootDecision decision, Kind kind) {
    BootClient client = assertInstanceOf(Classified.Boot.class, BootClients.of(request)).client();
    return BootFields.of(decision, client, request, SELF, kind);
  }

  private static BootFields fields(DhcpMessage request, BootDecision decision, Kind kind) {
    return assertInstanceOf(Made.Fields.class, made(request, decision, kind)).fields();
  }

  private static Cause refused(DhcpMessage request, BootDecision decision) {
    return assertInstanceOf(Made.None.class, made(request, decision, Kind.PROXY)).why().cause();
  }

  private static Optional<String> hex(BootFields fields, int code) {
    return fields.options().stream()
        .filter(option -> option.code() == code)
        .map(option -> option.value().toString())
        .findFirst();
  }

  @Test
  void biosFirmwareIsToldToSkipDiscoveryAndUefiFirmwareAndIpxeAreNot() {
    assertEquals(Optional.of("060108ff"), hex(fields(Messages.pxe(0), PROGRAM, Kind.PROXY), 43));
    assertEquals(Optional.empty(), hex(fields(Messages.pxe(7), PROGRAM, Kind.PROXY), 43));
    assertEquals(Optional.empty(), hex(fields(Messages.ipxe(0), URL, Kind.PROXY), 43));
    assertEquals(Optional.empty(), hex(fields(Messages.http(16), URL, Kind.PROXY), 43));
  }

  @Test
  void anOfferWithOurOwnLeaseHasNoPxeOptions() {
    assertEquals(List.of(), fields(Messages.pxe(7), PROGRAM, Kind.LEASE).options());
    assertEquals("ipxe.efi", fields(Messages.pxe(7), PROGRAM, Kind.LEASE).file());
  }

  @Test
  void theBootItemThatIsAskedForIsInTheAnswer() {
    DhcpMessage request =
        Messages.with(
            Messages.pxe(7),
            new DhcpOption(
                43,
                Octets.of(
                    (byte) 0,
                    (byte) 71,
                    (byte) 4,
                    (byte) 1,
                    (byte) 2,
                    (byte) 0,
                    (byte) 0,
                    (byte) 255)));
    assertEquals(Optional.of("470401020000ff"), hex(fields(request, PROGRAM, Kind.PROXY), 43));
  }

  @Test
  void aNameOfAFileStandsInTheHeaderOnly() {
    BootFields fields = fields(Messages.pxe(0), PROGRAM, Kind.PROXY);
    assertEquals("ipxe.efi", fields.file());
    assertEquals(SELF, fields.siaddr());
    assertEquals(Optional.empty(), hex(fields, DhcpOption.BOOT_FILE));
  }

  @Test
  void aUrlThatDoesNotFitTheHeaderStandsInOption67Whole() {
    String base = "http://10.77.0.1/";
    String fits = base + "a".repeat(127 - base.length());
    String longer = base + "a".repeat(128 - base.length());
    assertEquals(fits, fields(Messages.ipxe(7), url(fits), Kind.PROXY).file());
    BootFields fields = fields(Messages.ipxe(7), url(longer), Kind.PROXY);
    assertEquals("", fields.file());
    assertEquals(SELF, fields.siaddr());
    assertEquals(Optional.of(Octets.text(longer).toString()), hex(fields, DhcpOption.BOOT_FILE));
  }

  @Test
  void httpBootGetsItsClassAndTheUrlTwice() {
    for (Kind kind : Kind.values()) {
      BootFields fields = fields(Messages.http(16), URL, kind);
      assertEquals(
          Optional.of(Octets.text("HTTPClient").toString()), hex(fields, DhcpOption.VENDOR_CLASS));
      assertEquals("http://10.77.0.1/boot.ipxe", fields.file());
      assertEquals(
          Optional.of(Octets.text("http://10.77.0.1/boot.ipxe").toString()),
          hex(fields, DhcpOption.BOOT_FILE));
    }
  }

  @Test
  void whatAClientCannotUseIsNotSent() {
    assertEquals(Cause.UNSUITABLE, refused(Messages.http(16), PROGRAM));
    assertEquals(Cause.UNSUITABLE, refused(Messages.pxe(7), URL));
    assertEquals(Cause.POLICY, refused(Messages.pxe(7), new BootDecision.Ignore("unknown")));
  }

  private static BootFields styled(int architecture, BootStyle style) {
    return fields(
        Messages.pxe(architecture),
        new BootDecision.Program("ipxe.efi", Optional.of(style), "test"),
        Kind.PROXY);
  }

  @Test
  void aStyleMayPutTheFileInOption67ClosedByANulAndTheServerIn66WithoutOne() {
    BootFields fields = styled(22, new BootStyle(VendorOptions.NONE, true, true, false));
    assertEquals("ipxe.efi", fields.file());
    assertEquals(
        Optional.of(Octets.text("ipxe.efi\0").toString()), hex(fields, DhcpOption.BOOT_FILE));
    assertEquals(
        Optional.of(Octets.text("10.77.0.1").toString()), hex(fields, DhcpOption.TFTP_SERVER_NAME));
  }

  @Test
  void aPromptOfNoDelayMayStandBesideTheSkippedDiscovery() {
    BootStyle prompting = new BootStyle(VendorOptions.SKIP_DISCOVERY_PROMPT, false, false, false);
    assertEquals(Optional.of("0601080a0400505845ff"), hex(styled(7, prompting), 43));
  }

  @Test
  void aRaspberryPisRomReadsItsMenuAndItsIpxeDoesNot() {
    BootFields rom = fields(Messages.pxe(41), PROGRAM, Kind.PROXY);
    String menu = Octets.text("Raspberry Pi Boot   ").toString();
    assertTrue(hex(rom, 43).orElseThrow().contains("0917000014" + menu), () -> rom.toString());
    assertEquals(Optional.of(Octets.text("10.77.0.1").toString()), hex(rom, 66));
    assertEquals(Optional.empty(), hex(fields(Messages.ipxe(41), URL, Kind.PROXY), 43));
  }
}
