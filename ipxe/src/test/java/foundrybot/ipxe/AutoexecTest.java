// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.ipxe.MiniIpxe.Call;
import foundrybot.ipxe.Scripts.Ending;
import foundrybot.ipxe.Scripts.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AutoexecTest {
  private static final URI BOOT = URI.create("http://10.77.0.1/boot/");
  private static final String MAC = "52:54:00:aa:00:01";
  private static final URI OWN = URI.create("http://10.77.0.1/boot/52-54-00-aa-00-01/");
  private static final Patience TWICE =
      new Patience(2, Duration.ofSeconds(5), Duration.ofSeconds(60), Ending.REBOOT);
  private static final Map<String, String> TWO_CARDS =
      Map.of(
          "platform", "efi",
          "script:uristring", "uefi.ipxe",
          "net0/mac:hex", "52:54:00:aa:00:99",
          "net0/mac:hexhyp", "52-54-00-aa-00-99",
          "net1/mac:hex", MAC,
          "net1/mac:hexhyp", "52-54-00-aa-00-01");

  @Test
  void theScriptsAreTheGoldenOnes() throws IOException {
    assertGolden("autoexec-of.ipxe", Autoexec.of(MAC, OWN, Patience.usual()));
    assertGolden("autoexec-anyone.ipxe", Autoexec.ofAnyone(BOOT, Patience.usual()));
    assertGolden("autoexec-signed.ipxe", Autoexec.signed(MAC, OWN, Patience.usual()));
  }

  @Test
  void aKnownMachineConfiguresTheCardItIsKnownByAndFetchesItsScript() {
    List<Call> calls = run(Autoexec.of(MAC, OWN, TWICE), TWO_CARDS, _ -> true);

    assertEquals(List.of("net1"), of(calls, "dhcp").getFirst());
    assertEquals(List.of(OWN + "uefi.ipxe"), of(calls, "chain").getFirst());
    assertTrue(
        calls.toString().contains("Call[name=chain, options=[--autofree, --replace]"),
        calls.toString());
  }

  @Test
  void aKnownMachineWhoseCardHasNoNumberConfiguresAnyCard() {
    List<Call> calls = run(Autoexec.of(MAC, OWN, TWICE), Map.of(), _ -> true);

    assertEquals(List.of(List.of()), of(calls, "dhcp").subList(0, 1));
  }

  @Test
  void onAMediumTheTokenIsThePasswordOfTheScriptsAndIsShownNowhere() {
    String token = "0123456789abcdef".repeat(2);
    URI folder = URI.create("http://10.77.0.1:8080/media/abc/boot/");
    Script script = Autoexec.onMedium(MAC, folder, token, new Addressing.Dhcp(), TWICE);
    List<Call> calls = run(script, TWO_CARDS, call -> !call.name().equals("chain"));

    assertEquals(List.of("run-token:hexraw", token), of(calls, "set").getFirst());
    assertEquals(
        List.of("http://medium:" + token + "@10.77.0.1:8080/media/abc/boot/uefi.ipxe"),
        of(calls, "chain").getFirst());
    List<List<String>> shown = of(calls, "echo");
    assertTrue(shown.toString().contains("10.77.0.1:8080"), shown.toString());
    assertTrue(!shown.toString().contains(token), shown.toString());
  }

  @ParameterizedTest
  @CsvSource({"http://10.77.0.1/x", "https://10.77.0.1/x/", "http://u:p@10.77.0.1/x/"})
  void aFolderThatAMediumCannotProveItselfToIsRefused(URI folder) {
    assertThrows(
        IllegalArgumentException.class,
        () -> Autoexec.onMedium(MAC, folder, "ab", new Addressing.Dhcp(), TWICE));
    URI good = URI.create("http://10.77.0.1/x/");
    assertThrows(
        IllegalArgumentException.class,
        () -> Autoexec.onMedium(MAC, good, "a}b", new Addressing.Dhcp(), TWICE));
  }

  @ParameterizedTest
  @CsvSource({"efi, x86_64, uefi.ipxe", "efi, arm64, uefi-arm64.ipxe", "pcbios, i386, bios.ipxe"})
  void thePlatformChoosesTheScript(String platform, String architecture, String file) {
    Map<String, String> here = Map.of("platform", platform, "buildarch", architecture);
    List<Call> calls = run(Autoexec.of(MAC, OWN, TWICE), here, _ -> true);

    assertEquals(OWN + file, of(calls, "chain").getFirst().getFirst());
  }

  @Test
  void anyMachineTriesEachOfItsCardsUntilOneHasAScript() {
    List<Call> calls =
        run(
            Autoexec.ofAnyone(BOOT, TWICE),
            TWO_CARDS,
            call -> !call.toString().contains("aa-00-99"));

    assertEquals(List.of(List.of("net0"), List.of("net1")), of(calls, "dhcp").subList(0, 2));
    assertEquals(BOOT + "52-54-00-aa-00-99/uefi.ipxe", of(calls, "chain").get(0).getFirst());
    assertEquals(BOOT + "52-54-00-aa-00-01/uefi.ipxe", of(calls, "chain").get(1).getFirst());
  }

  @Test
  void aCardWithoutDhcpIsPassedOver() {
    List<Call> calls =
        run(
            Autoexec.ofAnyone(BOOT, TWICE),
            TWO_CARDS,
            call -> !call.equals(new Call("dhcp", List.of(), List.of("net0"))));

    assertEquals(BOOT + "52-54-00-aa-00-01/uefi.ipxe", of(calls, "chain").getFirst().getFirst());
  }

  @Test
  void whereDhcpFailsItIsAskedAgainAndAgainAndThenTheMachineStartsOver() {
    for (Script script : List.of(Autoexec.of(MAC, OWN, TWICE), Autoexec.ofAnyone(BOOT, TWICE))) {
      List<Call> calls = run(script, TWO_CARDS, call -> !call.name().equals("dhcp"));

      assertTrue(of(calls, "dhcp").size() >= 2, calls.toString());
      assertEquals(List.of(), of(calls, "chain"));
      assertEquals(1, of(calls, "reboot").size());
      assertEquals(new Call("exit", List.of(), List.of("1")), calls.getLast());
    }
  }

  @Test
  void whatIsNoMacOrNoFolderIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> Autoexec.of("52-54-00-aa-00-01", OWN, TWICE));
    URI file = URI.create("http://10.77.0.1/boot");
    assertThrows(IllegalArgumentException.class, () -> Autoexec.ofAnyone(file, TWICE));
  }

  /** A replacement that is not trusted fails when this script is gone, so none is ever tried. */
  @Test
  void whoVerifiesRunsOnlyAScriptWhoseSignatureIsBesideIt() {
    Map<Script, String> scripts =
        Map.of(
            Autoexec.signed(MAC, OWN, TWICE),
            OWN.toString(),
            Autoexec.signedOfAnyone(BOOT, TWICE),
            BOOT + "52-54-00-aa-00-99/");
    scripts.forEach(
        (script, folder) -> {
          List<Call> calls = run(script, TWO_CARDS, _ -> true);
          assertEquals(
              List.of("--permanent"),
              calls.stream()
                  .filter(c -> c.name().equals("imgtrust"))
                  .findFirst()
                  .orElseThrow()
                  .options());
          assertEquals(List.of(folder + "uefi.ipxe"), of(calls, "imgfetch").getFirst());
          assertEquals(
              List.of("own.ipxe", folder + "uefi.ipxe.cms"), of(calls, "imgverify").getFirst());
          assertEquals(List.of("own.ipxe"), of(calls, "imgexec").getFirst());

          List<Call> refused = run(script, TWO_CARDS, call -> !call.name().equals("imgverify"));
          assertEquals(List.of(), of(refused, "imgexec"));
          assertEquals(List.of(), of(refused, "chain"));
          assertEquals(1, of(refused, "reboot").size());
        });
  }

  @Test
  void anIpxeThatKnowsNoImgtrustFetchesNothing() {
    List<Call> calls =
        run(
            Autoexec.signed(MAC, OWN, TWICE),
            TWO_CARDS,
            call -> !call.name().equals("imgtrust") && !call.name().equals("imgverify"));

    assertEquals(List.of(), of(calls, "imgfetch"));
    assertTrue(calls.toString().contains("no, imgtrust"), calls.toString());
    assertEquals(1, of(calls, "reboot").size());
  }

  private static List<Call> run(
      Script script, Map<String, String> settings, Predicate<Call> succeeds) {
    return MiniIpxe.run(script.print(), settings, succeeds);
  }

  private static List<List<String>> of(List<Call> calls, String name) {
    return calls.stream().filter(c -> c.name().equals(name)).map(Call::operands).toList();
  }

  private static void assertGolden(String name, Script script) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(AutoexecTest.class.getResourceAsStream(name), name)) {
      assertEquals(new String(in.readAllBytes(), StandardCharsets.US_ASCII), script.print());
    }
  }
}
