// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What machines with Talos Linux are given, and what of their cluster's secrets. */
class TalosTest {
  private static String file() throws Exception {
    try (var in =
        TalosTest.class.getResourceAsStream("AnswerFilesFuzzTestInputs/talosSecrets/whole")) {
      return new String(
          Optional.ofNullable(in).orElseThrow().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static RackFile rack(String more) {
    return Samples.withNodes(
        "52:54:00:aa:00:01: { role: control-plane, name: c1, profile: talos }\n"
            + "52:54:00:aa:00:02: { role: worker, name: w1, profile: talos"
            + more
            + " }\n");
  }

  private static String config(RackFile rack, String node, Optional<TalosSecrets> secrets) {
    return AnswerFiles.render(
            rack, rack.node(node).orElseThrow(), Samples.run().withTalos(secrets), "machine.yaml")
        .text();
  }

  @Test
  void aWorkerGetsCertificatesAndTokensAndNoKeyOfAnAuthority() throws Exception {
    Optional<TalosSecrets> secrets = Optional.of(TalosSecrets.read(file(), "secrets.yaml"));
    String worker = config(rack(""), "w1", secrets);
    String control = config(rack(""), "c1", secrets);
    for (String given : List.of("b3MtY3J0", "azhzLWNydA==", "trustd.0", "abcdef.0", "c2VjcmV0")) {
      assertTrue(worker.contains(given), given);
      assertTrue(control.contains(given), given);
    }
    for (String kept :
        List.of("b3Mta2V5", "azhzLWtleQ==", "ZXRjZC1rZXk=", "YWdnLWtleQ==", "c2Eta2V5", "Ym94")) {
      assertFalse(worker.contains(kept), kept);
      assertTrue(control.contains(kept), kept);
    }
    assertFalse(secrets.toString().contains("trustd.0"));
  }

  @Test
  void whoIsNotTheMachineIsShownAConfigurationWithoutSecrets() {
    String shown = config(rack(""), "c1", Optional.empty());
    assertEquals(14, shown.split("\"SECRET\"", -1).length - 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "key: b3Mta2V5 | key: | certs.os.key: missing",
        "trustdinfo: | other: | trustdinfo.token: missing",
        "id: aWQ= | id: 'a b' | cluster.id: missing or malformed",
        "id: aWQ= | id: *x | no YAML",
        "secret: c2VjcmV0 | id: c2VjcmV0 | broken YAML",
      })
  void aFileOfSecretsThatIsNoneIsRefusedWithoutShowingIt(String from, String to, String why)
      throws Exception {
    String text = file();
    assertTrue(text.contains(from));
    RenderException refused =
        assertThrows(
            RenderException.class,
            () -> TalosSecrets.read(text.replace(from, to), "/etc/talos.yaml"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith("/etc/talos.yaml: ") && message.contains(why), message);
    assertFalse(message.contains("c2V"), message);
  }

  @Test
  void aRackWithoutAClusterForItsNodesIsRefusedWhereTheFirstOfThemStands() {
    List<String> faults =
        Samples.faults(
            Samples.HEAD
                + "nodes:\n"
                + "  52:54:00:aa:00:01: hub\n"
                + "  52:54:00:AA:00:02: { role: worker, name: w1, profile: talos }\n");
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().startsWith("rack.yaml:7:3: talos: missing"), faults::toString);
    assertTrue(faults.getFirst().contains("node w1 has profile talos"), faults::toString);
    String nodes = "nodes: { 52:54:00:aa:00:01: hub }\n";
    for (String endpoint :
        List.of("http://a:6443", "https://a", "https://a:0", "https://a:6443/x")) {
      List<String> wrong =
          Samples.faults(
              Samples.HEAD + nodes + "talos: { endpoint: '" + endpoint + "', secrets: /x }\n");
      assertTrue(wrong.getFirst().contains("such as https://10.77.0.10:6443"), wrong::toString);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version: v1alpha1 | version: v1beta1 | version: not v1alpha1",
        "type: worker | type: init | machine.type: init (expected: one of",
        "type: worker | type: controlplane | machine.ca.key: missing",
        "crt: \"SECRET\" | '{ crt: x, key: y }' | machine.ca.key: of a worker",
        "token: \"SECRET\" | token: | machine.token: missing",
        "diskSelector: | anything: | machine.install: no disk",
      })
  void aConfigurationThatTalosWouldRefuseIsNotServed(String from, String to, String why) {
    String text = config(rack(""), "w1", Optional.empty());
    assertTrue(text.contains(from), from);
    RenderException refused =
        assertThrows(
            RenderException.class,
            () -> TextFormat.TALOS.check("machine.yaml", text.replaceFirst(from, to)));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused::getMessage);
  }

  /** What is said once of a network, as Talos names its parts. */
  @Test
  void theNetworkIsWhatWasMeant() {
    String network =
        ", address: 10.77.0.12, network: {"
            + " boot: { mtu: 9000 },"
            + " bond0: { bond: 802.3ad, members: ['52:54:00:00:00:01', boot], mtu: 9000,"
            + " addresses: ['fd77::12/64'] },"
            + " v20: { vlan: 20, on: bond0, addresses: [10.91.0.5/24],"
            + " routes: { 10.92.0.0/16: 10.91.0.1 } },"
            + " store: { card: '52:54:00:bb:00:02' },"
            + " spare: { card: '52:54:00:bb:00:03', dhcp: both },"
            + " v30: { vlan: 30, on: store },"
            + " br0: { bridge: plain, members: [v30], dhcp: ipv6 } }";
    Object root = load(config(rack(network), "w1", Optional.empty()));
    List<String> found = new ArrayList<>();
    if (at(at(at(root, "machine"), "network"), "interfaces") instanceof List<?> list) {
      list.forEach(each -> found.add(String.valueOf(each)));
    }
    assertEquals(
        List.of(
            "{interface=bond0, dhcp=false, mtu=9000, addresses=[10.77.0.12/24, fd77::12/64],"
                + " routes=[{network=0.0.0.0/0, gateway=10.77.0.254}], bond={mode=802.3ad,"
                + " miimon=100, deviceSelectors=[{permanentAddr=52:54:00:aa:00:02},"
                + " {permanentAddr=52:54:00:00:00:01}]}, vlans=[{vlanId=20, dhcp=false,"
                + " addresses=[10.91.0.5/24], routes=[{network=10.92.0.0/16,"
                + " gateway=10.91.0.1}]}]}",
            "{interface=one-4, dhcp=false, bond={mode=active-backup, miimon=100,"
                + " deviceSelectors=[{permanentAddr=52:54:00:bb:00:02}]}, vlans=[{vlanId=30,"
                + " dhcp=false}]}",
            "{deviceSelector={hardwareAddr=52:54:00:bb:00:03}, dhcp=true, dhcpOptions={ipv4=true,"
                + " ipv6=true}}",
            "{interface=br0, dhcp=true, dhcpOptions={ipv4=false, ipv6=true},"
                + " bridge={stp={enabled=false}, interfaces=[one-4.30]}}"),
        found);
  }

  private static Object load(String text) {
    return Optional.ofNullable(new Load(LoadSettings.builder().build()).loadFromString(text))
        .orElseThrow();
  }

  private static Object at(Object map, String key) {
    return Optional.<Object>ofNullable(((Map<?, ?>) map).get(key)).orElseThrow();
  }

  /** The one thing in it that runs. */
  static String report(String config) {
    Object pods = at(at(load(config), "machine"), "pods");
    Object pod = ((List<?>) pods).getFirst();
    Object container = ((List<?>) at(at(pod, "spec"), "containers")).getFirst();
    return String.valueOf(((List<?>) at(container, "args")).getFirst());
  }
}
