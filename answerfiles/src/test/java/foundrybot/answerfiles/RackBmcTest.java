// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.BmcSettings.Boot;
import foundrybot.answerfiles.BmcSettings.Firmware;
import foundrybot.answerfiles.BmcSettings.Password;
import foundrybot.answerfiles.BmcSettings.Trust;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
                + ", system: System.Embedded.1, boot: media, firmware: uefi }");
    assertEquals(
        new BmcSettings(
            URI.create("https://10.0.0.11"),
            Optional.of("admin"),
            new Password.InFile(Path.of("bmc.pw")),
            Optional.of(new Trust.Fingerprint(PRINT)),
            Optional.of("System.Embedded.1"),
            Boot.MEDIA,
            Firmware.UEFI,
            List.of(17, 3),
            Map.of()),
        bmc);
  }

  @Test
  void aUrlAloneIsEnoughWhereTheRackHasDefaults() {
    String defaults = "bmc-defaults: { user: root, password-env: BMC_PW, trust: first-use }\n";
    BmcSettings bmc = bmc(defaults, "https://10.0.0.11");
    assertEquals(Optional.of("root"), bmc.user());
    assertEquals(new Password.InEnvironment("BMC_PW"), bmc.password());
    assertEquals(Optional.of(new Trust.FirstUse()), bmc.trust());
    assertEquals(Boot.PXE, bmc.boot());
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

  @Test
  void aPasswordThatIsNamedNowhereIsInTheAppliancesStore() {
    assertEquals(new Password.InStore(), bmc("", "ipmi://10.0.0.12:6230").password());
  }

  @ParameterizedTest
  @CsvSource({
    "wol, wol://255.255.255.255, AS_IS",
    "wol://10.77.0.255:7, wol://10.77.0.255:7, AS_IS",
    "ipmi://10.0.0.12, ipmi://10.0.0.12, UEFI",
    "http://10.0.0.13:8000, http://10.0.0.13:8000, AS_IS",
    "libvirt+unix:///system, libvirt+unix:///system, AS_IS",
    "libvirt+ssh://root@kvm1/system, libvirt+ssh://root@kvm1/system, AS_IS",
  })
  void theSchemeSaysWhatKindItIs(String text, URI url, Firmware firmware) {
    BmcSettings bmc = bmc("", "'" + text + "'");
    assertEquals(url, bmc.url());
    assertEquals(firmware, bmc.firmware());
  }

  @Test
  void aWebhookIsAskedByItsHooks() {
    BmcSettings bmc =
        bmc(
            "",
            "{ url: webhook+http://plug/api, hooks: { on: 'POST /relay/0?turn=on',"
                + " status: 'GET /relay/0 \"ison\":true' } }");
    assertEquals("POST /relay/0?turn=on", bmc.hooks().get("on"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://10.0.0.11 | trust: sha256:..., first-use or any, or ca: FILE",
        "ftp://10.0.0.11 | a URL of https, http, ipmi",
        "https://admin:pw@10.0.0.11 | without user, password and query",
        "'{ url: wol, boot: media }' | pxe, as wol knows no other",
        "'{ url: wol, hooks: { on: POST /x } }' | a url of webhook+https",
        "webhook+http://plug | what to ask to switch the machine on",
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

  @Test
  void theRackSaysWhatItsWiringBears() {
    assertEquals(
        new PowerLimits(0.5, 8),
        Samples.rack(yaml("power: { on-per-second: 0.5, at-once: 8 }\n", "wol")).power());
    assertEquals(new PowerLimits(5, 64), Samples.rack(yaml("", "wol")).power());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1001", "-1", "x"})
  void aRateThatIsNoneIsRefused(String rate) {
    assertEquals(1, Samples.faults(yaml("power: { on-per-second: " + rate + " }\n", "wol")).size());
  }

  @Test
  void aNodeOfAHypervisorSaysWhatMachineItIs() {
    Node node =
        Samples.withNodes(
                "52:54:00:aa:00:01: { role: etcd, bmc: 'libvirt+unix:///system', machine: { cores:"
                    + " 4, memory: 8GiB, disks: [40GiB, 1TiB], network: br0, firmware: bios, tpm:"
                    + " on } }")
            .nodes()
            .getFirst();
    assertEquals(
        new MachineSpec(
            4,
            8192,
            List.of(40L << 10, 1L << 20),
            Optional.of("br0"),
            Optional.empty(),
            false,
            true),
        node.machine().orElseThrow());
  }
}
