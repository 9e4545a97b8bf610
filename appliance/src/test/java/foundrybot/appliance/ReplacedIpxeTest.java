// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.FirmwareReading;
import foundrybot.answerfiles.Ports;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.IpxeFeatures;
import foundrybot.bootserver.IpxeFeatures.Feature;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import foundrybot.ipxe.BootPrograms;
import foundrybot.ipxe.Platform;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine whose own iPXE is to be replaced: once, and not for ever. */
class ReplacedIpxeTest {
  private static final MacAddress MAC = MacAddress.parse("52:54:00:aa:00:01").orElseThrow();
  private static final MacAddress STRANGER = MacAddress.parse("52:54:00:ff:00:01").orElseThrow();
  private static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2070);

  @TempDir private Path folder = Path.of("");

  private final TickingClock clock = new TickingClock();
  private final Fleet fleet = new Fleet(FleetTest.rack(MAC.toString()), clock.instant());
  private final FreshLoaders loaders =
      new FreshLoaders(clock, mac -> fleet.node(Answers.mac(mac)).isPresent());
  private Optional<FleetBootPolicy> policy = Optional.empty();
  private Optional<FleetBootPolicy> usual = Optional.empty();

  @BeforeEach
  void programs() throws Exception {
    byte[] program = "undionly".getBytes(StandardCharsets.US_ASCII);
    Files.write(folder.resolve("undionly.kpxe"), program);
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(program));
    BootPrograms programs =
        new BootPrograms(
            folder,
            Map.of(Platform.BIOS_X86, List.of("undionly.kpxe")),
            Set.of(),
            Map.of("undionly.kpxe", digest));
    FirmwareTable table =
        FirmwareTable.with(
            assertInstanceOf(
                    FirmwareReading.Valid.class,
                    FirmwareFiles.read("rules:\n  old-rom: { replace-ipxe: true }\n", "f"))
                .rules());
    policy = Optional.of(policy(programs, table));
    usual = Optional.of(policy(programs, FirmwareTable.builtIn()));
  }

  private FleetBootPolicy policy(BootPrograms programs, FirmwareTable table) {
    return new FleetBootPolicy(
        fleet,
        assertInstanceOf(BootPrograms.Loaded.class, programs.load()),
        () -> table,
        loaders::isRunningOn,
        true,
        Ports.STANDARD);
  }

  private BootDecision withoutRow(Set<Feature> features) {
    return usual
        .orElseThrow()
        .decide(
            new BootClient(
                MAC,
                Optional.empty(),
                Architecture.BIOS_X86,
                BootClient.Program.IPXE,
                BootClient.Transport.PXE,
                "PXEClient",
                new IpxeFeatures(Optional.of("1.0.0"), features)),
            Inet4Address.ofLiteral("10.77.0.1"));
  }

  @Test
  void anIpxeThatSaysThatItCannotFetchOverHttpIsReplacedWithoutARow() {
    assertInstanceOf(BootDecision.Program.class, withoutRow(Set.of(Feature.TFTP, Feature.MENU)));
    assertInstanceOf(BootDecision.Url.class, withoutRow(Set.of(Feature.TFTP, Feature.HTTP)));
    assertInstanceOf(BootDecision.Url.class, withoutRow(Set.of()), "it said nothing");
  }

  private BootDecision answerTo(BootClient.Program who) {
    return policy
        .orElseThrow()
        .decide(
            new BootClient(
                MAC,
                Optional.empty(),
                Architecture.BIOS_X86,
                who,
                BootClient.Transport.PXE,
                "PXEClient:Arch:00000:UNDI:002001"),
            Inet4Address.ofLiteral("10.77.0.1"));
  }

  private boolean isSentToItsScript() {
    return answerTo(BootClient.Program.IPXE) instanceof BootDecision.Url;
  }

  private void sees(WireEvent.Protocol protocol, String kind, MacAddress mac) {
    loaders.observed(new WireEvent(protocol, kind, Optional.of(mac), PEER, "x"));
  }

  @Test
  void itsOwnIpxeGetsTheBootProgramAsFirmwareDoes() throws IOException {
    for (BootClient.Program who : BootClient.Program.values()) {
      BootDecision.Program program = assertInstanceOf(BootDecision.Program.class, answerTo(who));
      assertEquals("52-54-00-aa-00-01/undionly.kpxe", program.file());
    }
    assertTrue(answerTo(BootClient.Program.IPXE).reason().contains("an iPXE to replace"));
  }

  @Test
  void theIpxeThatItFetchedGoesOnToItsScriptHoweverOftenItAsks() {
    sees(WireEvent.Protocol.TFTP, "tftp.done", MAC);
    assertTrue(isSentToItsScript());
    assertTrue(isSentToItsScript());
  }

  @Test
  void atItsNextStartItsOwnIpxeIsReplacedAgain() {
    sees(WireEvent.Protocol.TFTP, "tftp.done", MAC);
    sees(WireEvent.Protocol.HTTP, "http.request", MAC);
    assertEquals(false, isSentToItsScript());

    sees(WireEvent.Protocol.TFTP, "tftp.done", MAC);
    clock.pass(FreshLoaders.LIFETIME);
    assertEquals(false, isSentToItsScript(), "it never came to its script, and was started again");
  }

  @Test
  void aTransferThatEndsEarlyAndOneOfAStrangerAreNotHeeded() {
    sees(WireEvent.Protocol.TFTP, "tftp.rrq", MAC);
    sees(WireEvent.Protocol.TFTP, "tftp.aborted", MAC);
    sees(WireEvent.Protocol.TFTP, "tftp.done", STRANGER);
    assertEquals(false, isSentToItsScript());
    assertEquals(false, loaders.isRunningOn(STRANGER));
  }
}
