// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a machine that nobody power-cycles, and that starts over and gets stuck earlier. */
class RestartsTest extends NodeScene {
  private static final String INSTALLER = "class=other";

  /** What anybody may send at any time, and a little progress. */
  private static final List<Map.Entry<String, String>> ANY =
      List.of(
          Map.entry("dhcp.discover", FIRMWARE),
          Map.entry("dhcp.discover", FIRMWARE),
          Map.entry("dhcp.discover", IPXE),
          Map.entry("dhcp.discover", INSTALLER),
          Map.entry("dhcp.offer", OFFER),
          Map.entry("dhcp.ignored", "no address is free"),
          Map.entry("dhcp.request", FIRMWARE + " server=192.0.2.1"),
          Map.entry("tftp.rrq", PROGRAM),
          Map.entry("tftp.rrq", "52-54-00-aa-00-01/ipxe.efi, 3 blocks"),
          Map.entry("tftp.done", PROGRAM),
          Map.entry("tftp.timeout", "at block 3"),
          Map.entry("script.again", ""),
          Map.entry("report.progress", "step=base"));

  private Diagnosis found() {
    return Diagnosis.of("w1", state, now).orElseThrow();
  }

  private void is(Trouble trouble) {
    assertEquals(trouble.code(), found().code(), found()::toString);
  }

  private void isSilentInstaller() {
    installs();
    pass(Duration.ofMinutes(31));
    is(Trouble.INSTALLER_SILENT);
  }

  private void assertSays(String text) {
    assertTrue(found().why().contains(text), found()::why);
  }

  private void assertEvidence(String text) {
    assertTrue(
        found().evidence().stream().anyMatch(line -> line.contains(text)), found()::toString);
  }

  @Test
  void whoIsBackAndWhoseProgramLoopsIsToldSo() {
    isSilentInstaller();
    Instant back = now.plusSeconds(1);
    for (int i = 0; i < 4; i++) {
      loads();
      happens("tftp.done", PROGRAM);
      pass(Duration.ofSeconds(30));
    }
    pass(Duration.ofSeconds(10));
    is(Trouble.PROGRAM_LOOP);
    assertSays("(4 times)");
    assertSays("; it started over at " + back + "; before that it was stuck at installing: ");
    assertSays("the installer went silent");
    assertEvidence(back + " started over, and is not as far again");
    assertEvidence("boot program loaded: " + PROGRAM + " (4 times since ");
    assertEvidence("came to installing, run 1, attempt 1");
    assertEquals(Stage.INSTALLING, state.stage());
  }

  @Test
  void aTransferThatBreaksOffAfterTheRestartIsNamed() {
    isSilentInstaller();
    loads();
    happens("tftp.timeout", "no answer from the client at block 12 of 200 of snponly.efi");
    is(Trouble.INSTALLER_SILENT);
    assertSays("; it started over at ");
    pass(Duration.ofMinutes(2));
    is(Trouble.INSTALLER_SILENT);
    happens("tftp.timeout", "no answer from the client at block 12 of 200 of snponly.efi");
    is(Trouble.TFTP_ABORTED);
    assertSays("block 12 of 200");
  }

  @Test
  void whoHasItsScriptAgainAndAsksForNoKernelIsToldSo() {
    isSilentInstaller();
    loads();
    happens("token.minted", "hash-2 salt-2");
    pass(Duration.ofMinutes(4));
    is(Trouble.NO_KERNEL);
    // Another restart, whose script has the token that waits already.
    loads();
    pass(Duration.ofMinutes(16));
    is(Trouble.NO_SCRIPT);
    loads();
    happens("script.again", "");
    pass(Duration.ofMinutes(4));
    is(Trouble.NO_KERNEL);
    assertSays("before that it was stuck at installing");
  }

  @Test
  void whoIsOfferedNothingSinceItStartedOverIsToldSo() {
    isSilentInstaller();
    happens("dhcp.discover", FIRMWARE);
    pass(Duration.ofMinutes(16));
    is(Trouble.INSTALLER_SILENT);
    happens("dhcp.ignored", "no address is free in 192.0.2.0/24");
    is(Trouble.DISCOVER_UNANSWERED);
    assertSays("no address is free");
  }

  @Test
  void anOfferThatIsNotTakenIsCountedFromTheRestart() {
    installs();
    happens("dhcp.offer", "address=192.0.2.9 because: w1");
    pass(Duration.ofMinutes(31));
    happens("dhcp.discover", FIRMWARE);
    happens("dhcp.offer", OFFER);
    pass(Duration.ofMinutes(16));
    is(Trouble.NO_REQUEST);
    assertSays("(once, first ");
  }

  @Test
  void whatItSaidBeforeIsNoMoreWhatStandsInTheWay() {
    installs();
    happens("report.failed", "No root disk found");
    is(Trouble.DISK_MISSING);
    pass(Duration.ofMinutes(1));
    loads();
    is(Trouble.DISK_MISSING);
    pass(Duration.ofMinutes(16));
    is(Trouble.NO_SCRIPT);
    assertSays("stuck at installing: the machine reported that it finds no disk");
  }

  @Test
  void whoIsStuckAtItsProgramAndIsOfferedOneAgainAndAsksForNoneIsToldSo() {
    loads();
    pass(Duration.ofMinutes(3));
    is(Trouble.NO_SCRIPT);
    happens("dhcp.discover", FIRMWARE);
    happens("dhcp.offer", OFFER);
    pass(Duration.ofMinutes(14));
    is(Trouble.NO_SCRIPT);
    pass(Duration.ofMinutes(2));
    is(Trouble.NO_REQUEST);
    loads();
    is(Trouble.NO_SCRIPT);
    assertFalse(found().why().contains("started over"), found()::why);
  }

  /** Its address is kept back since it was declined, so its next DISCOVER is not answered. */
  @Test
  void whoAsksAgainForAnOfferIsWhereItWas() {
    happens("dhcp.discover", FIRMWARE);
    happens("dhcp.offer", "address=192.0.2.9 because: w1");
    happens("dhcp.decline", FIRMWARE + " requested=192.0.2.9");
    pass(Duration.ofMinutes(1));
    happens("dhcp.discover", FIRMWARE);
    happens("dhcp.ignored", "192.0.2.9 is reserved for it, but left out");
    pass(Duration.ofMinutes(5));
    is(Trouble.DUPLICATE_ADDRESS);
  }

  /** As simulated with 19 % loss: two starts in a row heard no offer, and the next one did. */
  @Test
  void aStartWhosePacketsAreLostIsNoOtherTrouble() {
    for (int i = 0; i < 4; i++) {
      loads();
      happens("tftp.done", PROGRAM);
      pass(Duration.ofSeconds(30));
    }
    pass(Duration.ofMinutes(3));
    for (int i = 0; i < 2; i++) {
      is(Trouble.PROGRAM_LOOP);
      happens("dhcp.discover", FIRMWARE);
      happens("dhcp.offer", OFFER);
      pass(Duration.ofMinutes(6));
      is(Trouble.PROGRAM_LOOP);
    }
  }

  /** As simulated with 17 % loss: iPXE heard no offer, once, behind a kernel that panics. */
  @Test
  void anIpxeWhosePacketsAreLostOnceIsNoOtherTrouble() {
    hasScript();
    happens("kernel.requested", "linux");
    pass(Duration.ofMinutes(1));
    loads();
    happens("tftp.done", PROGRAM);
    pass(Duration.ofMinutes(5));
    is(Trouble.NO_ANSWER_FILE);
  }

  @Test
  void whoComesAsFarAgainIsWhereItWas() {
    isSilentInstaller();
    loads();
    comesWithToken(2);
    assertEquals(2, state.attempt());
    assertEquals(Optional.empty(), state.restartedAt());
    pass(Duration.ofMinutes(5));
    is(Trouble.NO_KERNEL);
    assertFalse(found().why().contains("started over"), found()::why);
  }

  @Test
  void anInstallersOwnDhcpIsNoRestart() {
    isSilentInstaller();
    happens("dhcp.discover", INSTALLER);
    happens("dhcp.offer", "address=192.0.2.9 because: w1");
    happens("dhcp.request", INSTALLER + " server=192.0.2.1");
    assertEquals(Optional.empty(), state.restartedAt());
    pass(Duration.ofMinutes(5));
    is(Trouble.INSTALLER_SILENT);
  }

  /** Its last is on its way while the machine comes on; iPXE asks again where it has its script. */
  @ParameterizedTest
  @ValueSource(strings = {FIRMWARE, IPXE})
  void aDatagramOfBeforeIsNoRestart(String said) {
    hasScript();
    happens("dhcp.discover", said);
    happens("dhcp.offer", OFFER);
    happens("tftp.rrq", PROGRAM);
    assertEquals(Optional.empty(), state.restartedAt());
    pass(Duration.ofMinutes(4));
    is(Trouble.NO_KERNEL);
  }

  /** As a machine does that boots from a medium, or whose card has iPXE in it. */
  @Test
  void anIpxeThatAsksBehindAnInstallerHasStartedOver() {
    isSilentInstaller();
    happens("dhcp.discover", IPXE);
    happens("dhcp.offer", "file=http://192.0.2.1/boot/52-54-00-aa-00-01/uefi.ipxe because: w1");
    pass(Duration.ofMinutes(16));
    is(Trouble.NO_REQUEST);
  }

  /** Where the appliance hears no DHCP. */
  @Test
  void aProgramThatIsAskedForBehindAnInstallerIsARestart() {
    isSilentInstaller();
    happens("tftp.rrq", PROGRAM);
    pass(Duration.ofMinutes(16));
    is(Trouble.NO_SCRIPT);
    assertSays("before that it was stuck at installing");
  }

  @Test
  void whoAsksInTheNameOfOneThatGoesOnChangesNothing() {
    installs();
    NodeState before = state;
    pass(Duration.ofMinutes(1));
    loads();
    assertEquals(before.stage(), state.stage());
    assertEquals(before.progressAt(), state.progressAt());
    assertEquals(before.tokens(), state.tokens());
    assertEquals(Condition.OK, state.condition(now.plus(Duration.ofMinutes(10))));
    happens("report.progress", "step=base");
    assertEquals(Optional.empty(), state.restartedAt());
    pass(Duration.ofMinutes(31));
    is(Trouble.INSTALLER_SILENT);
    assertFalse(found().why().contains("started over"), found()::why);
  }

  @Test
  void aFinishedDiskIsToldOfAsBefore() {
    installs();
    happens("report.installed", "");
    pass(Duration.ofMinutes(1));
    loads();
    pass(Duration.ofMinutes(20));
    is(Trouble.NO_FIRST_BOOT);
  }

  @Test
  void oneWhosePowerIsSwitchedIsNotWhereItsRestartWas() {
    installs();
    pass(Duration.ofMinutes(31));
    loads();
    happens("power.again", "1 installing silent");
    assertEquals(Optional.empty(), state.restartedAt());
  }

  @Test
  void theSameIsToldByAPrunedJournal() {
    Random random = new Random(5);
    int deep = 0;
    for (int round = 0; round < 300; round++) {
      isPlanned();
      installs();
      int more = 5 + random.nextInt(100);
      for (int i = 0; i < more; i++) {
        // Progress is rare: else nothing would be left to be told.
        int kinds = random.nextInt(20) == 0 ? ANY.size() : ANY.size() - 1;
        var any = ANY.get(random.nextInt(kinds));
        pass(Duration.ofSeconds(random.nextInt(60)));
        happens(any.getKey(), any.getValue());
      }
      assertEquals(state, pruned(), "round " + round);
      deep += state.trail().restarts().chain().size() > 1 ? 1 : 0;
    }
    assertTrue(deep > 10, "restarts of restarts: " + deep);
  }
}
