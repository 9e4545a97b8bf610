// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rung by the facts that a machine leaves which fails in exactly that way. */
class DiagnosisTest extends NodeScene {
  /** What is said of it when it has been silent for long. */
  private Diagnosis later() {
    Diagnosis found = Diagnosis.of("w1", state, now.plus(Duration.ofDays(1))).orElseThrow();
    assertFalse(found.why().contains("{"), found.why());
    assertFalse(found.tries().isEmpty());
    assertFalse(found.causes().isEmpty());
    for (String line : found.tries()) {
      assertFalse(line.contains("NODE") || line.contains("DEPLOY") || line.contains("{"), line);
    }
    return found;
  }

  private void is(Trouble trouble) {
    assertEquals(trouble.code(), later().code(), later()::toString);
  }

  private void isLoading() {
    isOn();
    loads();
  }

  @Test
  void whoComesWhenItsWindowIsOverIsToldFromWhoIsSilent() {
    installs();
    is(Trouble.INSTALLER_SILENT);
    happens("token.late", "report from 10.77.0.21");
    is(Trouble.TOKEN_EXPIRED);
    assertTrue(later().why().contains("report from 10.77.0.21"), later()::why);
    assertTrue(later().tryNext().startsWith("bootserver arm w1"), later()::tryNext);
    happens("report.progress", "");
    is(Trouble.INSTALLER_SILENT);
  }

  @Test
  void aTokenFromAnAddressThatIsNotTheNodesIsTold() {
    installs();
    happens("token.elsewhere", "10.77.0.66 shows the token that came from 10.77.0.21");
    is(Trouble.OTHER_ADDRESS);
    assertTrue(later().why().contains("10.77.0.66"), later()::why);
    happens("report.installed", "");
    is(Trouble.NO_FIRST_BOOT);
  }

  @Test
  void whoIsOnAndAsksNothingDoesNotBootFromTheNetwork() {
    isOn();
    is(Trouble.NO_DISCOVER);
    assertTrue(later().why().contains(now.toString()), later().why());
  }

  @Test
  void whoseDiscoverIsNotAnsweredIsToldTheReason() {
    isOn();
    happens("dhcp.discover", FIRMWARE);
    happens("dhcp.ignored", "no address is free in 192.0.2.0/24");
    is(Trouble.DISCOVER_UNANSWERED);
    assertTrue(later().why().contains("no address is free"), later().why());
  }

  @Test
  void anOldSystemThatAsksByDhcpDoesNotBoot() {
    isOn();
    happens("dhcp.discover", "class=other");
    happens("dhcp.ignored", "not a boot client");
    is(Trouble.NO_DISCOVER);
  }

  @Test
  void whoHasOurAckAndFetchesNothingHasAskedUs() {
    isOn();
    happens("dhcp.offer", "address=192.0.2.9 file=https://192.0.2.1/x because: w1");
    happens("dhcp.request", FIRMWARE + " server=192.0.2.1 requested=192.0.2.9");
    is(Trouble.NO_REQUEST);
    happens("dhcp.ack", "address=192.0.2.9 file=https://192.0.2.1/x because: w1");
    is(Trouble.NO_PROGRAM_ASKED);
  }

  @Test
  void whoTakesNoOfferHasNotHeardIt() {
    isOn();
    again(4, "dhcp.offer", "address=192.0.2.9 file=x because: w1");
    is(Trouble.NO_REQUEST);
    assertTrue(later().why().contains("4 times"), later().why());
  }

  @Test
  void whoTakesTheOfferOfAnotherServerNamesIt() {
    isOn();
    happens("dhcp.offer", "address=192.0.2.9 file=x because: w1");
    happens("dhcp.request", FIRMWARE + " server=192.0.2.77");
    happens("dhcp.other-server", "server=192.0.2.77 address=192.0.2.50");
    is(Trouble.COMPETING_DHCP);
    assertTrue(later().why().contains("192.0.2.77"), later().why());
    assertTrue(later().tryNext().contains("192.0.2.77"), later().tryNext());
  }

  /** A lease of the site's own server is as it should be, beside a proxy. */
  @Test
  void besideAProxyAnotherServersLeaseIsEvidenceAndNoAccusation() {
    isOn();
    happens("dhcp.offer", "file=x because: w1");
    happens("dhcp.other-server", "server=192.0.2.77 address=192.0.2.50");
    is(Trouble.NO_PROGRAM_ASKED);
    assertTrue(later().why().contains("192.0.2.77"), later().why());
  }

  /** What the node's next look finds, beside these servers of the site's. */
  private Diagnosis beside(SiteServers servers) {
    Instant late = now.plus(Duration.ofDays(1));
    return Diagnosis.of("w1", state, late, Deadlines.USUAL, servers).orElseThrow();
  }

  private static RackFile rack(String ofAppliance) {
    String yaml =
        """
        cluster: alpha
        domain: alpha.rack
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s tests"] }
        appliance: { address: 192.0.2.1/24, networks: { 198.51.100.0/24: {} }%s }
        nodes:
          52:54:00:aa:00:01: { role: worker, name: w1, address: 192.0.2.50 }
          52:54:00:aa:00:02: { role: worker, name: w2 }
          52:54:00:aa:00:03: { role: worker, name: w3, address: 192.0.2.52 }
          52:54:00:aa:00:04: { role: worker, name: w4, address: 198.51.100.9 }
        """
            .formatted("A".repeat(43), ofAppliance);
    return switch (RackFiles.read(yaml, "rack.yaml")) {
      case RackReading.Valid(RackFile rack) -> rack;
      case RackReading.Invalid invalid -> throw new AssertionError(invalid.faults().toString());
    };
  }

  /** The same, where each node has taken the offer of another server. */
  private SiteServers serversOf(RackFile rack, String... tookInTurn) {
    DhcpServers servers = new DhcpServers(rack);
    for (int i = 0; i < tookInTurn.length; i++) {
      String mac = rack.nodes().get(i).mac().toString();
      String detail = "server=" + tookInTurn[i] + " address=192.0.2." + (50 + i);
      servers.apply(new Fact(now, mac, "dhcp.other-server", detail));
    }
    return servers.around(rack.nodes().getFirst());
  }

  @Test
  void besideAProxyAServerThatIsNotTheSitesIsARival() {
    RackFile rack = rack(", site-servers: [192.0.2.2, 192.0.2.3]");
    isOn();
    happens("dhcp.offer", "file=x because: w1");
    happens("dhcp.other-server", "server=192.0.2.3 address=192.0.2.50");
    assertEquals("no-program-asked", beside(serversOf(rack, "192.0.2.3")).code());
    happens("dhcp.other-server", "server=192.0.2.77 address=192.0.2.50");
    Diagnosis found = beside(serversOf(rack, "192.0.2.77"));
    assertEquals("competing-dhcp", found.code());
    assertTrue(found.why().contains("it took the offer of 192.0.2.77 (once, "), found.why());
    assertTrue(found.tryNext().startsWith("switch 192.0.2.77 off"), found.tryNext());
    String line = now + " took the offer of 192.0.2.50, of 192.0.2.77;";
    assertTrue(found.evidence().stream().anyMatch(one -> one.startsWith(line)), found::toString);
  }

  /** Its firmware gave up on the rival's boot file, and its old system asked the right server. */
  @Test
  void aRivalIsRememberedWhenTheOldDiskTakesTheSitesOffer() {
    isOn();
    happens("dhcp.offer", "file=x because: w1");
    DhcpServers servers = new DhcpServers(rack(", site-servers: [192.0.2.2]"));
    for (String server : List.of("192.0.2.77", "192.0.2.2")) {
      happens("dhcp.other-server", "server=" + server + " address=192.0.2.50");
      servers.apply(new Fact(now, MAC, "dhcp.other-server", "server=" + server));
    }
    SiteServers around = servers.around(rack("").nodes().getFirst());
    assertEquals("competing-dhcp", beside(around).code());
    assertTrue(beside(around).why().contains("192.0.2.77 (once or more, "));
    isLoading();
    assertEquals("no-script", beside(around).code());
  }

  @Test
  void whoTakesTheSitesOfferAndIsNotAnsweredHasNoRival() {
    RackFile rack = rack(", site-servers: [192.0.2.2]");
    isOn();
    happens("dhcp.discover", FIRMWARE);
    happens("dhcp.other-server", "server=192.0.2.2 address=192.0.2.50");
    is(Trouble.COMPETING_DHCP);
    assertEquals("no-discover", beside(serversOf(rack, "192.0.2.2")).code());
  }

  @Test
  void whereDhcpIsNotHeardThatNoneIsSeenSaysNothing() {
    isOn();
    assertFalse(beside(serversOf(rack(""))).why().contains("dhcp: off"));
    Diagnosis deaf = beside(serversOf(rack(", dhcp: off")));
    assertEquals("no-discover", deaf.code());
    assertTrue(deaf.why().contains("none would be heard (dhcp: off)"), deaf.why());
  }

  @Test
  void whereNobodyHasNamedTheSitesServersWhatTheOtherNodesTookIsTold() {
    isOn();
    happens("dhcp.offer", "file=x because: w1");
    happens("dhcp.other-server", "server=192.0.2.77 address=192.0.2.50");
    RackFile rack = rack("");
    Diagnosis alike = beside(serversOf(rack, "192.0.2.77", "192.0.2.77", "192.0.2.77"));
    assertFalse(alike.why().contains("other node"), alike.why());
    Diagnosis found = beside(serversOf(rack, "192.0.2.77", "192.0.2.2", "192.0.2.2", "192.0.2.3"));
    assertEquals("no-program-asked", found.code());
    assertTrue(
        found.why().endsWith("; 2 other nodes of its network took the offer of 192.0.2.2"),
        found.why());
    assertTrue(found.tries().getLast().contains("appliance.site-servers"), found::toString);
  }

  /** Its old disk's system asks for the address that it had. */
  @Test
  void whoStartsItsOldDiskBesideAProxyIsToldOfNoCompetingServer() {
    isOn();
    happens("dhcp.other-server", "server=192.0.2.77 address=192.0.2.50");
    is(Trouble.NO_DISCOVER);
    happens("dhcp.discover", FIRMWARE);
    is(Trouble.COMPETING_DHCP);
  }

  @Test
  void whoHasOurAnswerAndLoadsNothingIsCutOffFromTftp() {
    isOn();
    happens("dhcp.offer", "address=192.0.2.9 file=x because: w1");
    happens("dhcp.request", FIRMWARE + " requested=192.0.2.9");
    happens("dhcp.ack", "address=192.0.2.9");
    is(Trouble.NO_PROGRAM_ASKED);
  }

  @Test
  void anArchitectureWithoutABootProgramIsNamedInBothModes() {
    happens("dhcp.no-program", "w1: no boot program for architecture RISCV64");
    is(Trouble.NO_BOOT_PROGRAM);
    assertTrue(later().why().contains("RISCV64"), later().why());
    state = NodeState.planned(START);
    happens(
        "dhcp.offer",
        "address=192.0.2.9 because: lease only: w1: no boot program for" + " architecture RISCV64");
    is(Trouble.NO_BOOT_PROGRAM);
  }

  @Test
  void aTransferThatBreaksOffSaysAtWhichBlock() {
    isLoading();
    happens("tftp.timeout", "no answer from the client at block 12 of 200 of snponly.efi");
    happens("tftp.rrq", "52-54-00-aa-00-01/snponly.efi, 200 blocks of 1456");
    happens("tftp.aborted", "by the client at block 14 of 200 of snponly.efi: error 0");
    is(Trouble.TFTP_ABORTED);
    assertTrue(later().why().contains("2 times"), later().why());
    assertTrue(later().why().contains("block 14 of 200"), later().why());
  }

  @Test
  void aTransferThatBrokeOffAndThenSucceededIsForgiven() {
    isLoading();
    happens("tftp.aborted", "by the client at block 14 of 200 of snponly.efi: error 0");
    happens("tftp.done", "52-54-00-aa-00-01/snponly.efi, 291200 bytes in 0.5 s");
    is(Trouble.NO_SCRIPT);
  }

  @Test
  void theSameProgramAgainAndAgainIsALoop() {
    isLoading();
    again(3, "tftp.done", "52-54-00-aa-00-01/snponly.efi, 291200 bytes in 0.5 s");
    is(Trouble.PROGRAM_LOOP);
    assertTrue(later().why().contains("3 times"), later().why());
  }

  @Test
  void manyFilesOfOneProgramAreNoLoop() {
    isLoading();
    for (int i = 0; i < 20; i++) {
      happens("tftp.rrq", "52-54-00-aa-00-01/module-" + i + ".mod, 2 blocks");
      happens("tftp.done", "52-54-00-aa-00-01/module-" + i + ".mod, 20 bytes in 0.5 s");
    }
    is(Trouble.NO_SCRIPT);
  }

  @Test
  void behindTheScriptEachThingThatIsNotAskedForHasItsRung() {
    hasScript();
    is(Trouble.NO_KERNEL);
    happens("kernel.requested", "linux");
    is(Trouble.NO_ANSWER_FILE);
    happens("answer.served", "preseed.cfg");
    is(Trouble.INSTALLER_SILENT);
    happens("mirror.missing", "GET mirror file that is not there 404 0 bytes");
    is(Trouble.MIRROR_UNREACHABLE);
    happens("report.installed", "");
    is(Trouble.NO_FIRST_BOOT);
    happens("boot.local", "told to boot from its disk");
    is(Trouble.NO_FIRST_BOOT);
    happens("boot.local", "told to boot from its disk");
    is(Trouble.BACK_IN_PXE);
    happens("report.first-boot", "");
    is(Trouble.NO_ENROLLMENT);
  }

  @Test
  void whoHasTheSignatureOfItsScriptAndGoesNoFurtherHasRefusedIt() {
    isLoading();
    happens("token.minted", "hash-1 salt-1");
    is(Trouble.NO_KERNEL);
    again(2, "script.signature", "uefi.ipxe");
    is(Trouble.SCRIPT_UNVERIFIED);
    assertTrue(later().why().contains("(2 times, the last time 2026-01-01T"), later().why());
    happens("kernel.requested", "linux");
    is(Trouble.NO_ANSWER_FILE);
  }

  @Test
  void aClockThatIsOffIsWhyNobodyEnrols() {
    installs();
    happens("report.installed", "");
    happens("report.first-boot", "");
    happens("mesh.refused", "time: the node's clock is 86400 s behind (expected: within 300 s)");
    is(Trouble.CLOCK_WRONG);
    assertTrue(later().why().contains("86400 s behind"), later().why());
  }

  @ParameterizedTest
  @CsvSource({
    "disk /dev/sda: not found; there are: sdb, disk-missing",
    "No root disk found, disk-missing",
    "/dev/nvme0n1 does not exist, disk-missing",
    "'disk auto: 1073741824 bytes (expected: at least 4294967296)', disk-too-small",
    "not enough free space on disk sda, disk-too-small",
    "Bad archive mirror, mirror-unreachable",
    "E: Unable to locate package openssh-server, mirror-unreachable",
    "http://192.0.2.1/node/x/deploy.conf: no answer: HTTP status 000, mirror-unreachable",
    "curl: (60) SSL certificate problem: certificate is not yet valid, clock-wrong",
    "no network: cards: eth0 (no driver), installer-no-network",
    "sha256 ab (expected: cd); the disk was not made bootable, image-damaged",
    "wg0: no handshake with hub-1, no-handshake",
    "E: Unable to locate package wireguard-tools, mirror-unreachable",
    "wireguard-go does not answer, reported-failure",
    "network device eth0 not found, installer-no-network",
    "Device \"eth0\" does not exist, installer-no-network",
    "unable to find a network interface, installer-no-network",
    "boot device not found, disk-missing",
    "imgverify: refused initrd0.img, image-unverified",
    "imgtrust: not known, image-unverified",
    "grub-install failed, reported-failure",
  })
  void aMachinesOwnWordsAreReadByATable(String reason, String code) {
    installs();
    happens("report.failed", "step=x reason=" + reason);
    Diagnosis found = Diagnosis.of("w1", state, now).orElseThrow();
    assertEquals(code, found.code(), found::toString);
    assertTrue(found.why().contains(reason), found.why());
  }

  @Test
  void whoGivesNoReasonIsNotQuoted() {
    installs();
    happens("report.failed", "");
    is(Trouble.REPORTED_FAILURE);
    assertEquals("the machine reported a failure, and no reason", later().why());
  }

  @Test
  void aBmcThatRefusesTheCycleOfAFinishedDiskIsNamed() {
    installs();
    happens("report.installed", "");
    happens("power.again", "stuck at installed: it is back at the network");
    happens("power.refused", "asked off, answered 401");
    is(Trouble.BMC_REFUSED);
    assertTrue(later().why().contains("answered 401"), later().why());
    happens("report.first-boot", "");
    is(Trouble.NO_ENROLLMENT);
  }

  @Test
  void twoMachinesWithOneMacGiveThemselvesAwayByTheirUuids() {
    isOn();
    happens("dhcp.offer", "file=x");
    happens("dhcp.identity", "4c4c4544-0001-4000-8000-000000000001");
    happens("dhcp.identity", "4c4c4544-0002-4000-8000-000000000002");
    is(Trouble.NO_REQUEST);
    happens("dhcp.identity", "4c4c4544-0001-4000-8000-000000000001");
    is(Trouble.DUPLICATE_MAC);
  }

  private String after(Duration time) {
    return Diagnosis.of("w1", state, now.plus(time)).map(Diagnosis::code).orElse("");
  }

  @Test
  void aBmcThatIsTriedAgainAndAgainIsToldOfBeforeItIsGivenUp() {
    happens("power.wanted", "deployment");
    happens("power.retry", BmcTrial.detail(Duration.ofSeconds(5), "asked identify, answered 503"));
    assertEquals("", after(Duration.ofSeconds(30)));
    assertEquals("bmc-refused", after(Duration.ofSeconds(61)));
    happens("power.asked", "on; boots PXE once");
    assertEquals("", after(Duration.ofMinutes(2)), "it obeys by now");
  }

  @Test
  void ofABmcThatIsAskedAgainIsKnownWhatItAnsweredAndSinceWhenAndWhenTheNextTimeIs() {
    happens("power.wanted", "deployment");
    assertEquals(Condition.OK, state.condition(now));
    assertEquals(Optional.empty(), state.trial());
    happens("power.retry", BmcTrial.detail(Duration.ofSeconds(5), "asked identify, answered 503"));
    assertEquals(Condition.RETRYING, state.condition(now));
    String answer = "asked power, answered 503 " + "x".repeat(1000);
    happens("power.retry", BmcTrial.detail(Duration.ofSeconds(10), answer));
    String text = state.trial().orElseThrow().text();
    assertTrue(text.startsWith("asked power, answered 503 x"), text);
    String rest =
        "; failed 2 times since 2026-01-01T00:00:02Z, asked again at 2026-01-01T00:00:13Z";
    assertTrue(text.endsWith(rest), text);
    assertTrue(later().why().endsWith(rest), later().why());
    happens("power.asked", "on; boots PXE once");
    assertEquals(Condition.OK, state.condition(now));
    assertEquals(Optional.empty(), state.trial());
  }

  @Test
  void aRetryOfAnEarlierVersionTellsNoNextTime() {
    happens("power.wanted", "deployment");
    happens("power.retry", "asked identify, answered 503; again in 5 s");
    String text = state.trial().orElseThrow().text();
    assertEquals(
        "asked identify, answered 503; again in 5 s; failed once since 2026-01-01T00:00:02Z", text);
  }

  @Test
  void aMissingProgramIsToldOfAtOnceUnlessTheFirmwareHasAnotherWay() {
    isOn();
    happens("dhcp.no-program", "no boot program for architecture 2");
    assertEquals("", after(Duration.ofSeconds(30)));
    assertEquals("no-boot-program", after(Duration.ofSeconds(61)));
    happens("dhcp.offer", "file=snponly.efi");
    assertEquals("", after(Duration.ofSeconds(61)));
  }

  @Test
  void anAddressInUseIsToldOfUnlessThereIsAnotherOne() {
    isOn();
    happens("dhcp.offer", "address=192.0.2.9 file=x");
    happens("dhcp.decline", "requested=192.0.2.9");
    assertEquals("duplicate-address", after(Duration.ofSeconds(31)));
    happens("dhcp.offer", "address=192.0.2.10 file=x");
    happens("tftp.rrq", "52-54-00-aa-00-01/snponly.efi");
    assertEquals("", after(Duration.ofSeconds(31)));
  }

  @Test
  void anAddressInUseIsOfThePastOnceAnotherOneIsTaken() {
    isOn();
    happens("dhcp.offer", "address=192.0.2.9 file=x");
    happens("dhcp.request", FIRMWARE + " server=192.0.2.1 requested=192.0.2.9");
    happens("dhcp.decline", "requested=192.0.2.9");
    assertEquals("duplicate-address", after(Duration.ofSeconds(31)));
    happens("dhcp.offer", "address=192.0.2.10 file=x");
    happens("dhcp.ack", "address=192.0.2.10 file=x because: w1");
    assertEquals("", after(Duration.ofSeconds(31)));
    is(Trouble.NO_PROGRAM_ASKED);
  }

  @Test
  void aMachinesUuidInAnotherOrderOfBytesIsNoSecondMachine() {
    isLoading();
    for (int i = 0; i < 4; i++) {
      // A ROM as SMBIOS has it, and iPXE behind it as RFC 4578 does.
      happens("dhcp.identity", "00112244-3355-7766-8899-aabbccddee01");
      happens("dhcp.identity", "44221100-5533-6677-8899-aabbccddee01");
      happens("tftp.done", "52-54-00-aa-00-01/snponly.efi, 291200 bytes in 0.5 s");
    }
    is(Trouble.PROGRAM_LOOP);
  }

  @Test
  void aRomThatTellsNoUuidOfItsOwnIsNoSecondMachine() {
    isLoading();
    for (int i = 0; i < 4; i++) {
      happens("dhcp.identity", "03000200-0400-0500-0006-000700080009");
      happens("dhcp.identity", "4c4c4544-0001-4000-8000-000000000001");
      happens("tftp.done", "52-54-00-aa-00-01/snponly.efi, 291200 bytes in 0.5 s");
    }
    is(Trouble.PROGRAM_LOOP);
  }

  @Test
  void twoMachinesThatAskInTurnSayMoreThanThatTheLastIsTheWrongOne() {
    happens("bmc.identity", "uuid=4c4c4544-0001-4000-8000-000000000001 macs=");
    isOn();
    happens("dhcp.identity", "4c4c4544-0001-4000-8000-000000000001");
    happens("dhcp.offer", "file=x");
    happens("dhcp.identity", "4c4c4544-0002-4000-8000-000000000002");
    is(Trouble.OTHER_MACHINE);
    happens("dhcp.identity", "4c4c4544-0001-4000-8000-000000000001");
    happens("tftp.rrq", "52-54-00-aa-00-01/snponly.efi");
    happens("dhcp.identity", "4c4c4544-0002-4000-8000-000000000002");
    is(Trouble.DUPLICATE_MAC);
    assertTrue(later().why().contains("4 times"), later().why());
    happens("power.refused", "its BMC holds another machine: the BMC says UUID 1, but w1 says 2");
    is(Trouble.DUPLICATE_MAC);
    happens("dhcp.identity", "4c4c4544-0001-4000-8000-000000000001");
    is(Trouble.DUPLICATE_MAC);
  }

  @Test
  void whoAskedByItsMacLongAgoIsForgotten() {
    isOn();
    happens("dhcp.identity", "4c4c4544-0001-4000-8000-000000000001");
    happens("dhcp.identity", "4c4c4544-0002-4000-8000-000000000002");
    happens("dhcp.identity", "4c4c4544-0001-4000-8000-000000000001");
    now = now.plus(Duration.ofHours(2));
    hasScript();
    is(Trouble.NO_KERNEL);
  }

  @Test
  void anAddressThatIsInUseIsNamed() {
    isOn();
    happens("dhcp.discover", FIRMWARE);
    happens("dhcp.conflict", "address=192.0.2.9 left out until 2026: seen at 02:00:00:00:00:09");
    is(Trouble.DUPLICATE_ADDRESS);
    assertTrue(later().why().contains("192.0.2.9"), later().why());
  }

  private void attempt(int number, String... facts) {
    comesWithToken(number);
    for (String fact : facts) {
      happens(fact, "");
    }
  }

  @Test
  void attemptsThatEndAtOneStageAreALoopAtOnce() {
    isLoading();
    for (int i = 1; i <= 3; i++) {
      attempt(i, "kernel.requested");
      assertEquals(Condition.OK == state.condition(now), i == 1);
      assertFalse(state.condition(now) == Condition.STUCK, "attempt " + i);
    }
    attempt(4);
    assertEquals(Condition.STUCK, state.condition(now));
    Diagnosis found = Diagnosis.of("w1", state, now).orElseThrow();
    assertEquals("reinstall-loop", found.code());
    assertTrue(found.why().contains("3 times at kernel"), found.why());
    happens("kernel.requested", "");
    happens("answer.served", "");
    assertEquals(Condition.RETRYING, state.condition(now), "it has come beyond");
  }

  @Test
  void attemptsThatEndAtDifferentStagesAreNoLoop() {
    isLoading();
    attempt(1, "kernel.requested");
    attempt(2, "kernel.requested", "answer.served");
    attempt(3, "kernel.requested");
    attempt(4, "kernel.requested", "answer.served");
    attempt(5);
    assertEquals(Condition.RETRYING, state.condition(now));
  }

  @Test
  void theOldRungsKeepTheirCodes() {
    happens("power.wanted", "deployment");
    happens("power.refused", "asked on, answered 401");
    is(Trouble.BMC_REFUSED);
    state = NodeState.planned(START);
    happens("power.unknown", "asked once");
    is(Trouble.POWER_UNKNOWN);
    state = NodeState.planned(START);
    happens("boot.held", "");
    is(Trouble.NOT_DEPLOYED);
    state = NodeState.planned(START);
    happens("boot.unarmed", "");
    is(Trouble.NOT_ARMED);
    state = NodeState.planned(START);
    hasScript();
    happens("bmc.identity", "uuid=4c4c4544-0001-4000-8000-000000000001 macs=");
    happens("dhcp.identity", "4c4c4544-0002-4000-8000-000000000002");
    is(Trouble.OTHER_MACHINE);
  }

  @Test
  void evidenceHasTimesAndCountsAndTheOldestFirst() {
    isLoading();
    Instant first = now;
    again(3, "tftp.done", "52-54-00-aa-00-01/snponly.efi, 291200 bytes in 0.5 s");
    List<String> lines = later().evidence();
    assertTrue(lines.getFirst().endsWith("power told: on"), lines::toString);
    String done = lines.stream().filter(l -> l.contains("boot program loaded")).findFirst().get();
    assertTrue(done.startsWith(now.toString()), done);
    assertTrue(done.endsWith("(3 times since " + first.plusSeconds(1) + ")"), done);
    List<Instant> times =
        lines.stream().map(l -> Instant.parse(l.substring(0, l.indexOf(' ')))).toList();
    assertEquals(times.stream().sorted().toList(), times);
  }

  @Test
  void aFloodOfEvidenceLeavesLittleBehind() {
    isOn();
    for (int i = 0; i < 5000; i++) {
      happens("dhcp.other-server", "server=192.0.2." + i % 200 + " address=" + "9".repeat(400));
      happens("dhcp.discover", FIRMWARE);
    }
    assertTrue(state.trail().seen().size() <= Mark.values().length);
    int said = state.trail().seen().values().stream().mapToInt(seen -> seen.said().length()).sum();
    assertTrue(said < 400, "characters: " + said);
    assertTrue(later().evidence().size() < 10);
  }

  @Test
  void codesAreFewWordsAndNoneIsGivenTwice() {
    Set<String> codes = new HashSet<>();
    for (Trouble trouble : Trouble.values()) {
      assertTrue(trouble.code().matches("[a-z]+(-[a-z]+){0,3}"), trouble.code());
      assertTrue(codes.add(trouble.code()), trouble.code());
    }
  }

  @Test
  void theAppliancesOwnDiskIsWatched() {
    assertTrue(Diagnosis.ofRoom(Diagnosis.LEAST_ROOM, "/srv", now).isEmpty());
    Diagnosis full = Diagnosis.ofRoom(12 << 20, "/srv", now).orElseThrow();
    assertEquals("appliance-disk-full", full.code());
    assertTrue(full.why().contains("12 MB left for /srv"), full.why());
  }

  @Test
  void everyRungIsReachedByARowOrByAFact() {
    Set<Trouble> known = new HashSet<>(Arrays.asList(Trouble.values()));
    Rungs.table().forEach(row -> known.remove(row.trouble()));
    FailureWords.TABLE.forEach(row -> known.remove(row.trouble()));
    known.removeAll(
        List.of(
            Trouble.BMC_REFUSED,
            Trouble.OTHER_MACHINE,
            Trouble.HELD,
            Trouble.NOT_ARMED,
            Trouble.NOT_DEPLOYED,
            Trouble.DUPLICATE_MACHINE,
            Trouble.REINSTALL_LOOP,
            Trouble.REPORTED_FAILURE,
            Trouble.ERASURE_FAILED,
            Trouble.CHECK_FAILED,
            Trouble.NO_ENROLLMENT,
            Trouble.APPLIANCE_DISK_FULL));
    assertEquals(Set.of(), known);
  }
}
