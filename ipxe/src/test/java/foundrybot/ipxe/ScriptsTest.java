// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.ipxe.MiniIpxe.Call;
import foundrybot.ipxe.Platform.Firmware;
import foundrybot.ipxe.Scripts.Ending;
import foundrybot.ipxe.Scripts.Patience;
import foundrybot.ipxe.Scripts.Payload;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptsTest {

  private static final Payload INSTALLER =
      new Payload(
          "installing w1 (worker, debian-12)",
          URI.create("http://10.77.0.1:8080/artifacts/debian-12/linux"),
          List.of(
              URI.create("http://10.77.0.1:8080/artifacts/debian-12/initrd.gz"),
              URI.create("http://10.77.0.1:8080/artifacts/debian-12/keys.cpio")),
          List.of(
              "auto=true",
              "priority=critical",
              "url=http://10.77.0.1:8080/n/5f2c/preseed.cfg",
              "console=ttyS0",
              "---"));

  private static final URI FAILURE = URI.create("http://10.77.0.1:8080/n/5f2c/report/failed");

  /** Settings that no DHCP server fills, but for the address, which is only shown. */
  private static final Set<String> OF_THE_MACHINE =
      Set.of(
          "mac",
          "ip",
          "uuid",
          "serial",
          "manufacturer",
          "product",
          "platform",
          "buildarch",
          "attempt",
          "refused",
          "script");

  private static final Patience TWICE =
      new Patience(2, Duration.ofSeconds(5), Duration.ofSeconds(60), Ending.REBOOT);

  @Test
  void theInstallersScriptIsTheGoldenOne() throws IOException {
    assertGolden("start.ipxe", Scripts.start(INSTALLER, Patience.usual()));
  }

  @Test
  void theScriptOfAnIpxeThatVerifiesIsTheGoldenOne() throws IOException {
    assertGolden("start-signed.ipxe", Scripts.startSigned(INSTALLER, FAILURE, Patience.usual()));
  }

  @Test
  void theLocalDiskScriptsAreTheGoldenOnes() throws IOException {
    assertGolden("local-bios.ipxe", Scripts.localDisk(Firmware.BIOS));
    assertGolden("local-uefi.ipxe", Scripts.localDisk(Firmware.UEFI));
  }

  @Test
  void theDiscoverScriptIsTheGoldenOne() throws IOException {
    assertGolden(
        "discover-bios.ipxe",
        Scripts.discover(
            URI.create("http://10.77.0.1:8080/discover"), Firmware.BIOS, Trust.ANYTHING));
  }

  @Test
  void theHoldScriptIsTheGoldenOne() throws IOException {
    assertGolden(
        "hold.ipxe",
        Scripts.hold(
            "held by an operator: disk swap",
            URI.create("http://10.77.0.1:8080/boot.ipxe"),
            Duration.ofSeconds(30)));
  }

  /**
   * The golden scripts are all that the appliance writes. What a DHCP server said stays readable
   * behind the firmware's own exchange and the ROM's, so a script would read a stranger's words.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "start",
        "start-signed",
        "local-bios",
        "local-uefi",
        "discover-bios",
        "hold",
        "autoexec-of",
        "autoexec-anyone",
        "autoexec-signed"
      })
  void noScriptReadsADhcpOptionOrSpeaksToASyslogServer(String name) throws IOException {
    String script = golden(name + ".ipxe");
    List<String> read =
        Pattern.compile("[$][{](?:net[0-9X]+/)?([^}:]+)")
            .matcher(script)
            .results()
            .map(found -> found.group(1))
            .filter(setting -> !OF_THE_MACHINE.contains(setting))
            .toList();
    assertEquals(List.of(), read);
    assertFalse(script.contains("syslog"), script);
  }

  @Test
  void everyInitrdIsNamedOnTheCommandLineAndFetchedUnderThatName() {
    Patience once = new Patience(1, Duration.ofSeconds(1), Duration.ofSeconds(1), Ending.EXIT);
    List<Call> calls = run(Scripts.start(INSTALLER, once), true);
    Call kernel = calls.stream().filter(c -> c.name().equals("kernel")).findFirst().orElseThrow();
    assertEquals(
        List.of("initrd=initrd0.img", "initrd=initrd1.img"), kernel.operands().subList(1, 3));
    assertEquals(
        List.of(List.of("--name", "initrd0.img"), List.of("--name", "initrd1.img")),
        calls.stream().filter(c -> c.name().equals("initrd")).map(Call::options).toList());
  }

  @Test
  void aKernelThatCannotBeLoadedIsTriedAsOftenAsAskedAndThenThePersonIsTold() {
    List<Call> calls =
        MiniIpxe.run(
            Scripts.start(INSTALLER, TWICE).print(), Map.of(), c -> !c.name().equals("kernel"));
    assertEquals(2, count(calls, "kernel"));
    assertEquals(2, count(calls, "imgfree"));
    assertEquals(0, count(calls, "boot"));
    assertTrue(calls.toString().contains("gave, up:"), calls.toString());
    assertEquals(1, count(calls, "reboot"));
    assertEquals(new Call("exit", List.of(), List.of("1")), calls.getLast());
  }

  @Test
  void aMachineThatIsToLeaveToItsFirmwareDoesNotReboot() {
    Patience leaving = new Patience(1, Duration.ofSeconds(1), Duration.ofSeconds(1), Ending.EXIT);
    List<Call> calls = run(Scripts.start(INSTALLER, leaving), false);
    assertEquals(1, count(calls, "kernel"));
    assertEquals(0, count(calls, "reboot"));
    assertEquals("exit", calls.getLast().name());
  }

  @Test
  void anUnknownMachineReportsEncodedAndThenBootsItsDisk() {
    Map<String, String> machine =
        Map.of("serial", "A 1&x=y", "serial:uristring", "A%201%26x%3Dy", "netX/mac", "x");
    Script script =
        Scripts.discover(URI.create("http://h/discover"), Firmware.BIOS, Trust.ANYTHING);
    List<Call> calls = MiniIpxe.run(script.print(), machine, c -> !c.name().equals("sanboot"));
    Call chain = calls.stream().filter(c -> c.name().equals("chain")).findFirst().orElseThrow();
    assertEquals(
        "http://h/discover?mac=x&uuid=&serial=A%201%26x%3Dy&manufacturer=&product=&arch=&platform=",
        chain.operands().getFirst());
    assertEquals(
        new Call("sanboot", List.of("--no-describe", "--drive", "0x80"), List.of()),
        calls.stream().filter(c -> c.name().equals("sanboot")).findFirst().orElseThrow());
    assertEquals("exit", calls.getLast().name());
  }

  @Test
  void anUnknownMachineThatRunsOnlyWhatIsSignedTellsAndRunsNothing() {
    Script script = Scripts.discover(URI.create("http://h/discover"), Firmware.UEFI, Trust.SIGNED);
    List<Call> calls = run(script, true);
    assertEquals(0, count(calls, "chain"));
    Call told = calls.stream().filter(c -> c.name().equals("imgfetch")).findFirst().orElseThrow();
    assertTrue(told.operands().getFirst().startsWith("http://h/discover?mac="), told::toString);
    assertEquals(new Call("exit", List.of(), List.of("1")), calls.getLast());
  }

  @Test
  void eachImageIsVerifiedBeforeTheNextOneIsFetchedAndAllBeforeTheBoot() {
    List<Call> calls =
        run(Scripts.startSigned(INSTALLER, FAILURE, TWICE), true).stream()
            .filter(c -> !Set.of("echo", "set", "imgfree").contains(c.name()))
            .limit(8)
            .toList();
    assertEquals(
        List.of(
            "imgtrust",
            "kernel",
            "imgverify",
            "initrd",
            "imgverify",
            "initrd",
            "imgverify",
            "boot"),
        calls.stream().map(Call::name).toList());
    String folder = "http://10.77.0.1:8080/artifacts/debian-12/";
    assertEquals(List.of("linux", folder + "linux.cms"), calls.get(2).operands());
    assertEquals(List.of("initrd0.img", folder + "initrd.gz.cms"), calls.get(4).operands());
    assertEquals(List.of("initrd1.img", folder + "keys.cpio.cms"), calls.get(6).operands());
  }

  @ParameterizedTest
  @ValueSource(strings = {"linux", "initrd0.img", "initrd1.img"})
  void anImageThatIsRefusedIsNeverBootedAndIsToldByItsName(String image) {
    List<Call> calls =
        MiniIpxe.run(
            Scripts.startSigned(INSTALLER, FAILURE, TWICE).print(),
            Map.of(),
            c -> !(c.name().equals("imgverify") && c.operands().getFirst().equals(image)));
    assertEquals(0, count(calls, "boot"));
    assertEquals(
        2,
        calls.stream()
            .filter(c -> c.operands().contains(image) && c.name().equals("imgverify"))
            .count());
    assertEquals(
        List.of(List.of(FAILURE + "?reason=imgverify:%20refused%20" + image)), told(calls));
    assertEquals(1, count(calls, "reboot"));
  }

  @Test
  void whatWasNotFetchedWasNotRefused() {
    List<Call> calls =
        MiniIpxe.run(
            Scripts.startSigned(INSTALLER, FAILURE, TWICE).print(),
            Map.of(),
            c -> !c.name().equals("initrd"));
    assertEquals(0, count(calls, "boot"));
    assertEquals(List.of(), told(calls));
    assertTrue(calls.toString().contains("gave, up:"), calls.toString());
  }

  @Test
  void anIpxeThatKnowsNoImgtrustBootsNothingAndTellsSo() {
    List<Call> calls =
        MiniIpxe.run(
            Scripts.startSigned(INSTALLER, FAILURE, TWICE).print(),
            Map.of(),
            c -> !Set.of("imgtrust", "imgverify").contains(c.name()));
    assertEquals(0, count(calls, "kernel"));
    assertEquals(List.of(List.of(FAILURE + "?reason=imgtrust:%20not%20known")), told(calls));
    assertEquals(1, count(calls, "reboot"));
  }

  private static List<List<String>> told(List<Call> calls) {
    return calls.stream().filter(c -> c.name().equals("imgfetch")).map(Call::operands).toList();
  }

  @Test
  void aHeldMachineAsksAgainUntilItGetsAnAnswer() {
    int[] tries = {0};
    Script script = Scripts.hold("held", URI.create("http://h/boot.ipxe"), Duration.ofSeconds(30));
    List<Call> calls =
        MiniIpxe.run(script.print(), Map.of(), c -> !c.name().equals("chain") || ++tries[0] == 3);
    assertEquals(3, count(calls, "chain"));
    assertEquals(3, count(calls, "sleep"));
  }

  @Test
  void anInitrdArgumentOfTheCallersIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Payload("x", INSTALLER.kernel(), List.of(), List.of("initrd=x")));
  }

  private static List<Call> run(Script script, boolean success) {
    return MiniIpxe.run(
        script.print(),
        Map.of(),
        c ->
            success
                ? !c.name().equals("boot")
                : c.name().equals("set") || c.name().equals("echo") || c.name().equals("imgfree"));
  }

  private static long count(List<Call> calls, String name) {
    return calls.stream().filter(call -> call.name().equals(name)).count();
  }

  private static void assertGolden(String name, Script script) throws IOException {
    assertEquals(golden(name), script.print());
  }

  private static String golden(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ScriptsTest.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
