// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.BmcSettings.Firmware;
import foundrybot.answerfiles.BmcSettings.Password;
import foundrybot.answerfiles.BmcSettings.Trust;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RackBmcTest {
  private static final String PRINT = "ab".repeat(32);

  private static String yaml(String defaults, String bmc) {
    return Samples.HEAD
        + defaults
        + "nodes:\n  52:54:00:aa:00:01: { role: etcd, bmc: "
        + bmc
        + " }\n";
  }

  private static BmcSettings bmc(String defaults, String bmc) {
    return Samples.rack(yaml(defaults, bmc)).nodes().getFirst().bmc().orElseThrow();
  }

  @Test
  void aNodeNamesItsBmcWithAllThatBelongsToIt() {
    BmcSettings bmc =
        bmc(
            "",
            "{ url: 'https://10.0.0.11', user: admin, password-file: bmc.pw, trust: sha256:"
                + PRINT.toUpperCase(java.util.Locale.ROOT)
                + ", system: System.Embedded.1, firmware: uefi }");
    assertEquals(
        new BmcSettings(
            URI.create("https://10.0.0.11"),
            Optional.of("admin"),
            new Password.InFile(Path.of("bmc.pw")),
            Optional.of(new Trust.Fingerprint(PRINT)),
            Optional.of("System.Embedded.1"),
            Firmware.UEFI,
            new BmcSettings.Boot.Pxe(),
            List.of(17, 3),
            Optional.empty(),
            false,
            List.of()),
        bmc);
  }

  @Test
  void aQuirkIsWantedOrNotOfOneBmcOrOfAllThatSayNothingOfTheirOwn() {
    String own = "{ url: 'ipmi://10.0.0.11', quirks: [no-keep-boot-flags, basic-only] }";
    String all = "bmc-defaults: { quirks: [basic-only] }\n";
    assertEquals(List.of("no-keep-boot-flags", "basic-only"), bmc(all, own).quirks());
    assertEquals(List.of("basic-only"), bmc(all, "ipmi://10.0.0.11").quirks());
    String unknown = Samples.faults(yaml("", "{ url: wol, quirks: [dell-htp] }")).toString();
    assertTrue(unknown.contains("dell-http-once"), unknown);
    String both =
        Samples.faults(yaml("", "{ url: wol, quirks: [basic-only, no-basic-only] }")) + "";
    assertTrue(both.contains("either basic-only or no-basic-only"), both);
  }

  @Test
  void theConsoleIsFollowedWhereThatCostsNothingOrIsWished() {
    String ipmi = "ipmi://10.0.0.11";
    String session = "{ url: '" + ipmi + "', console: on }";
    assertFalse(bmc("", ipmi).console());
    assertTrue(bmc("", session).console());
    assertTrue(bmc("bmc-defaults: { console: on }\n", ipmi).console());
    assertTrue(bmc("", "libvirt+unix:///system").console());
    assertFalse(bmc("bmc-defaults: { console: off }\n", "libvirt+unix:///system").console());
    assertFalse(bmc("", "libvirt+ssh://ops@h/system").console());
    assertFalse(bmc("bmc-defaults: { console: on }\n", "wol").console());
    String faults = Samples.faults(yaml("", "{ url: wol, console: on }")).toString();
    assertTrue(faults.contains("only ipmi and libvirt+unix tell a console"), faults);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://admin:geheim@10.0.0.11",
        "https://admin:ge@heim/geheim@10.0.0.11",
        "'{ url: https://10.0.0.11, trust: any, boot: https://admin:geheim@10.0.0.1/x.iso }'"
      })
  void aPasswordThatStandsInAUrlIsNotShownInTheFault(String bmc) {
    String faults = Samples.faults(yaml("", bmc.replace("'", ""))).toString();
    assertTrue(faults.contains("https://...@10.0.0.1"), faults);
    assertFalse(faults.contains("heim"), faults);
  }

  @ParameterizedTest
  @CsvSource({"pxe, true", "http, true", "http://10.0.0.1/x.efi, true", "ftp://x/y, false"})
  void howItBootsIsPxeOrHttpOrAUrl(String boot, boolean valid) {
    String text = "{ url: wol, boot: '" + boot + "' }";
    if (!valid) {
      List<String> faults = Samples.faults(yaml("", text));
      assertTrue(
          faults.getFirst().contains("expected: pxe, http, http-x64, http-arm64, media"),
          faults::toString);
      return;
    }
    BmcSettings.Boot expected =
        boot.equals("pxe")
            ? new BmcSettings.Boot.Pxe()
            : new BmcSettings.Boot.Http(
                Optional.of(boot).filter(b -> !b.equals("http")).map(URI::create));
    assertEquals(expected, bmc("", text).boot());
  }

  @Test
  void theAppliancesOwnProgramIsNamedByTheProcessor() {
    assertEquals(
        new BmcSettings.Boot.HttpProgram(BmcSettings.Processor.X64),
        bmc("", "{ url: 'http://10.0.0.11', boot: http-x64 }").boot());
    assertEquals(
        new BmcSettings.Boot.HttpProgram(BmcSettings.Processor.ARM64),
        bmc("bmc-defaults: { boot: http-arm64 }\n", "http://10.0.0.11").boot());
  }

  @Test
  void aMediumIsFetchedByHttpsUnlessTheRackFileSaysOtherwise() {
    String url = "{ url: 'http://10.0.0.11', boot: ";
    assertEquals(new BmcSettings.Boot.Media(true), bmc("", url + "media }").boot());
    assertEquals(new BmcSettings.Boot.Media(false), bmc("", url + "media-http }").boot());
  }

  @Test
  void whoPlaysNoMediaIsToldSoOnlyWhereItsOwnKeySaysMedia() {
    assertEquals(
        new BmcSettings.Boot.Media(true),
        bmc("", "{ url: 'libvirt+unix:///system', boot: media }").boot());
    List<String> faults = Samples.faults(yaml("", "{ url: wol, boot: media }"));
    assertTrue(faults.getFirst().contains("plays no media"), faults::toString);
    String defaults = "bmc-defaults: { boot: media }\n";
    assertEquals(new BmcSettings.Boot.Pxe(), bmc(defaults, "wol").boot());
    assertEquals(new BmcSettings.Boot.Media(true), bmc(defaults, "http://10.0.0.11").boot());
  }

  @Test
  void aUrlAloneIsEnoughWhereTheRackHasDefaults() {
    String defaults = "bmc-defaults: { user: root, password-env: BMC_PW, trust: first-use }\n";
    BmcSettings bmc = bmc(defaults, "https://10.0.0.11");
    assertEquals(Optional.of("root"), bmc.user());
    assertEquals(new Password.InEnvironment("BMC_PW"), bmc.password());
    assertEquals(Optional.of(new Trust.FirstUse()), bmc.trust());
    assertEquals(Firmware.AS_IS, bmc.firmware());
  }

  @Test
  void aNodesOwnWordGoesBeforeThatOfTheRackWhateverKeySaysIt() {
    String defaults = "bmc-defaults: { password-env: BMC_PW, trust: any, cipher-suites: [3] }\n";
    BmcSettings bmc =
        bmc(defaults, "{ url: 'https://10.0.0.11', password-file: /etc/pw, ca: ca.pem }");
    assertEquals(new Password.InFile(Path.of("/etc/pw")), bmc.password());
    assertEquals(Optional.of(new Trust.Authority(Path.of("ca.pem"))), bmc.trust());
    assertEquals(List.of(3), bmc.cipherSuites());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://10.0.0.11/?token=s3cret",
        "https://10.0.0.11/?s3cret",
        "'{ url: webhook+http://h1, hooks: { on: \"FETCH /on?key=s3cret&id={system}\" } }'",
        "'{ url: http://h1, boot: \"https://h2/x?key=s3cret\" }'",
      })
  void whatStandsInTheQueryOfAUrlIsInNoFault(String bmc) {
    List<String> faults = Samples.faults(yaml("", bmc));
    assertTrue(!faults.isEmpty(), bmc);
    assertTrue(faults.stream().noneMatch(fault -> fault.contains("s3cret")), faults::toString);
    assertTrue(faults.getFirst().contains("..."), faults::toString);
  }

  @Test
  void aPasswordThatIsNamedNowhereIsNone() {
    assertEquals(new Password.None(), bmc("", "ipmi://10.0.0.12:6230").password());
  }

  @ParameterizedTest
  @CsvSource({
    "wol, wol://255.255.255.255, AS_IS",
    "wol://10.77.0.255:7, wol://10.77.0.255:7, AS_IS",
    "ipmi://10.0.0.12, ipmi://10.0.0.12, UEFI",
    "http://10.0.0.13:8000, http://10.0.0.13:8000, AS_IS",
    "libvirt+unix:///system, libvirt+unix:///system, AS_IS",
    "libvirt+unix:///session?socket=/run/s, libvirt+unix:///session?socket=/run/s, AS_IS",
    "libvirt+ssh://ops@h1:2222/system, libvirt+ssh://ops@h1:2222/system, AS_IS",
    "libvirt+ssh://h1/system?keyfile=/a&known_hosts=/b,"
        + " libvirt+ssh://h1/system?keyfile=/a&known_hosts=/b, AS_IS",
  })
  void theSchemeSaysWhatKindItIs(String text, URI url, Firmware firmware) {
    BmcSettings bmc = bmc("", "'" + text + "'");
    assertEquals(url, bmc.url());
    assertEquals(firmware, bmc.firmware());
  }

  @Test
  void aMachineOfProxmoxMayBeMadeOnANodeAndBootFromAMedium() {
    BmcSettings bmc =
        bmc("", "{ url: 'proxmox://pve1:8006/pve2', trust: any, system: 105, boot: media }");
    assertEquals(URI.create("proxmox://pve1:8006/pve2"), bmc.url());
    assertEquals(Optional.of("105"), bmc.system());
    assertEquals(new BmcSettings.Boot.Media(true), bmc.boot());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://10.0.0.11 | trust: sha256:..., first-use or any, or ca: FILE",
        "ftp://10.0.0.11 | a URL of https, http, ipmi",
        "'{ url: wol, hooks: { on: GET /on } }' | webhook+https or webhook+http as url",
        "libvirt+unix:///other | a URL of https, http, ipmi",
        "libvirt+unix://host/system | a URL of https, http, ipmi",
        "'libvirt+ssh://h1/system?command=/bin/sh' | a URL of https, http, ipmi",
        "'libvirt+ssh://h1/system?known_hosts=/a b' | a URL of https, http, ipmi",
        "libvirt+ssh://-oProxyCommand=x@h1/system | a URL of https, http, ipmi",
        "proxmox://pve1 | trust: sha256:..., first-use or any, or ca: FILE",
        "'{ url: proxmox://pve1/a/b, trust: any }' | a URL of https, http, ipmi",
        "'{ url: proxmox://ops@pve1, trust: any }' | without user, password and query",
        "https://admin:pw@10.0.0.11 | without user, password and query",
        "'{ url: wol, trust: any, ca: x.pem }' | either trust or ca",
        "'{ url: wol, password-file: ../pw }' | a file, absolute or beside the rack file",
        "'{ url: wol, password: secret }' | no such key",
      })
  void whatCannotBeMeantIsRefusedWithTheCure(String bmc, String expected) {
    List<String> faults = Samples.faults(yaml("", bmc));
    if (expected.equals("no such key")) {
      assertTrue(faults.getFirst().contains("password"), faults::toString);
      return;
    }
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains(expected), faults::toString);
  }
}
