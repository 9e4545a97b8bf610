// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RackWebhooksTest {
  private static final String NODES = "nodes: { 52:54:00:aa:00:01: etcd }\n";

  private static List<WebhookSettings> read(String hooks) {
    return Samples.rack(Samples.HEAD + "webhooks:\n" + hooks.indent(2) + NODES).webhooks();
  }

  @Test
  void aReceiverHasAUrlAndAKeyAndWhatItWants() {
    List<WebhookSettings> hooks =
        read(
            """
            chat: { url: "https://hooks.example/T0/B1?x=1", secret-file: chat.key }
            pager:
              url: https://10.0.0.9:8443/rack
              secret-env: PAGER_KEY
              events: [node.condition, phase.blocked, node.condition]
              ca: pager-ca.pem
            """);
    assertEquals(
        new WebhookSettings(
            "chat",
            URI.create("https://hooks.example/T0/B1?x=1"),
            new BmcSettings.Password.InFile(Path.of("chat.key")),
            List.of(),
            Optional.empty()),
        hooks.get(0));
    assertTrue(hooks.get(0).wants("node.stage"));
    assertEquals("https://hooks.example", hooks.get(0).place());
    WebhookSettings pager = hooks.get(1);
    assertEquals(new BmcSettings.Password.InEnvironment("PAGER_KEY"), pager.secret());
    assertEquals(List.of("node.condition", "phase.blocked"), pager.events());
    assertEquals(
        Optional.of(new BmcSettings.Trust.Authority(Path.of("pager-ca.pem"))), pager.trust());
    assertTrue(pager.wants("phase.blocked") && !pager.wants("phase.done"));
  }

  @Test
  void nobodyIsToldWhereNothingIsSaid() {
    assertEquals(List.of(), Samples.rack(Samples.HEAD + NODES).webhooks());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ url: https://h.example }|webhooks.a.secret-file: missing",
        "{ url: ftp://h.example, secret-file: k }|webhooks.a.url: ftp://h.example",
        "{ url: https://me:pw@h.example, secret-file: k }|webhooks.a.url",
        "{ url: https://h.example/#x, secret-file: k }|webhooks.a.url",
        "{ url: https://h.example, secret-file: k, secret-env: K }|webhooks.a.secret-env",
        "{ url: https://h.example, secret-file: k, trust: any, ca: c.pem }|webhooks.a.ca",
        "{ url: http://h.example, secret-file: k, trust: any }|webhooks.a.trust",
        "{ url: https://h.example, secret-file: k, events: [node.stages] }|webhooks.a.events",
        "{ url: https://h.example, secret-file: k, events: [] }|webhooks.a.events",
        "{ secret-file: k }|webhooks.a.url"
      })
  void whatMakesNoSenseIsAFaultWithItsPlace(String hook, String fault) {
    List<String> faults = Samples.faults(Samples.HEAD + "webhooks: { a: " + hook + " }\n" + NODES);
    assertEquals(1, faults.size(), faults.toString());
    assertTrue(faults.getFirst().startsWith("rack.yaml:5:"), faults.getFirst());
    assertTrue(faults.getFirst().contains(fault), faults.getFirst());
  }
}
