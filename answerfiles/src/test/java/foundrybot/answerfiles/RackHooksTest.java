// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.BmcSettings.Password;
import foundrybot.answerfiles.HookSettings.Action;
import foundrybot.answerfiles.HookSettings.Hook;
import foundrybot.answerfiles.HookSettings.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RackHooksTest {
  private static final String URL = "url: 'webhook+http://10.0.0.40'";
  private static final String STATUS =
      "{ request: GET /rpc, pointer: /ison, on: 'true', off: 'false' }";

  private static String yaml(String defaults, String bmc) {
    return Samples.HEAD
        + defaults
        + "nodes:\n  52:54:00:aa:00:01: { role: etcd, bmc: { "
        + bmc
        + " } }\n";
  }

  private static HookSettings hooks(String defaults, String bmc) {
    return Samples.rack(yaml(defaults, bmc))
        .nodes()
        .getFirst()
        .bmc()
        .orElseThrow()
        .hooks()
        .orElseThrow();
  }

  private static Hook get(String path) {
    return new Hook("GET", path, Optional.empty(), "application/json", List.of());
  }

  @Test
  void aRequestIsALineOrAMapping() {
    String hooks =
        "hooks: { on: GET /on, off: { request: PUT /off, body: 'a: {1}', type: text/plain,"
            + " expect: [204, 205] }, status: "
            + STATUS
            + " }";
    HookSettings read = hooks("", URL + ", off-time: 9, " + hooks);
    assertEquals(
        Map.of(
            Action.ON,
            get("/on"),
            Action.OFF,
            new Hook("PUT", "/off", Optional.of("a: {1}"), "text/plain", List.of(204, 205))),
        read.actions());
    assertEquals(
        Optional.of(new Status(get("/rpc"), Optional.of("/ison"), "true", "false")), read.status());
    assertEquals(Duration.ofSeconds(9), read.offTime());
  }

  @Test
  void aPduIsDescribedOnceAndEachNodeNamesItsOutlet() {
    String defaults =
        "bmc-defaults: { header: X-Key, password-env: PDU, hooks: { on: 'GET /{system}/on', off:"
            + " 'GET /{system}/off' } }\n";
    HookSettings read = hooks(defaults, URL + ", system: 7, hooks: { off: GET /mine }");
    assertEquals(get("/{system}/on"), read.actions().get(Action.ON));
    assertEquals(get("/mine"), read.actions().get(Action.OFF));
    assertEquals(Optional.of("X-Key"), read.header());
    assertEquals(Duration.ofSeconds(5), read.offTime());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hooks: { on: /on } | GET, POST or PUT, and a path",
        "hooks: { on: DELETE /on } | GET, POST or PUT, and a path",
        "hooks: { toggle: GET /on } | one of on, off",
        "user: x | what to ask for on and off",
        "hooks: { on: { request: GET /on, pointer: /a } } | only under status",
        "hooks: { status: GET /status } | what the answer says then",
        "hooks: { status: { request: GET /s, on: a, off: a } } | another word than that of on",
        "hooks: { on: 'GET /{system}' } | letters, digits and ._~- for {system}",
        "system: 'a/b', hooks: { on: 'GET /{system}' } | letters, digits and ._~- for {system}",
        "hooks: { on: 'GET /?key={secret}' } | password-file or password-env",
        "header: X-Key, hooks: { on: GET /on } | password-file or password-env",
        "header: Host, hooks: { on: GET /on } | the name of a request header",
        "password-env: X, hooks: { on: { request: GET /on, body: '{secret}' } } | in request only",
      })
  void whatCannotBeMeantIsRefusedWithTheCure(String bmc, String expected) {
    List<String> faults = Samples.faults(yaml("", URL + ", " + bmc));
    assertTrue(!faults.isEmpty(), bmc);
    assertTrue(faults.getFirst().contains(expected), faults::toString);
  }

  @Test
  void theLogInOfTheRacksBmcsGoesToNoWebhook() {
    String defaults = "bmc-defaults: { user: root, password-file: bmc.pw }\n";
    String bmc = URL + ", hooks: { on: GET /on }";
    BmcSettings plain = Samples.rack(yaml(defaults, bmc)).nodes().getFirst().bmc().orElseThrow();
    assertEquals(Optional.empty(), plain.user());
    assertEquals(new Password.None(), plain.password());
    List<String> faults = Samples.faults(yaml(defaults, "header: X-Key, " + bmc));
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains("beside user in bmc-defaults"), faults::toString);
    BmcSettings own =
        Samples.rack(yaml(defaults, "user: plug, password-env: PLUG, " + bmc))
            .nodes()
            .getFirst()
            .bmc()
            .orElseThrow();
    assertEquals(Optional.of("plug"), own.user());
    assertEquals(new Password.InEnvironment("PLUG"), own.password());
  }

  @Test
  void aSwitchWithACertificateNeedsAWordOnTrustToo() {
    String bmc = "url: 'webhook+https://10.0.0.40', hooks: { on: GET /on }";
    List<String> faults = Samples.faults(yaml("", bmc));
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains("trust: sha256:"), faults::toString);
  }
}
