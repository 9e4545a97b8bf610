// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.webhook.Webhook.Body;
import foundrybot.redfish.webhook.Webhook.Hook;
import foundrybot.redfish.webhook.Webhook.Reading;
import foundrybot.redfish.webhook.Webhook.Status;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a switch does that is described by URLs, against a plug on loopback. */
final class WebhookTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Status BY_POINTER =
      new Status(
          hook("GET", "/status"), new Reading(Optional.of("/relay/0/ison"), "true", "false"));
  private static final Status BY_WORD =
      new Status(hook("GET", "/status"), new Reading(Optional.empty(), "ON", "OFF"));

  private final VirtualTime time = new VirtualTime();
  private final Map<PowerAction, Hook> actions = new EnumMap<>(PowerAction.class);
  private Optional<Status> status = Optional.of(BY_POINTER);
  private Optional<String> header = Optional.of("X-Key");
  private Credentials credentials = new Credentials("", new Secret(Plug.KEY));
  private Plug plug;

  WebhookTest() throws IOException {
    plug = new Plug();
  }

  @BeforeEach
  void describe() {
    actions.put(PowerAction.ON, hook("GET", "/relay/{system}?turn=on"));
    actions.put(PowerAction.OFF, hook("GET", "/relay/{system}?turn=off"));
  }

  @AfterEach
  void stop() {
    plug.close();
  }

  private static Hook hook(String method, String path) {
    return new Hook(method, path, Optional.empty(), Set.of());
  }

  private Bmc open(URI url) {
    BmcEndpoint endpoint =
        new BmcEndpoint(url, Optional.of(credentials), new Trust.Any(), Optional.of("7"));
    return Webhook.open(
        endpoint, new Webhook.Hooks(actions, status, header, Duration.ofSeconds(5)), time, time);
  }

  private Outcome<PowerState> run(PowerAction action) {
    try (Bmc bmc = open(plug.url())) {
      Outcome<PowerState> outcome = bmc.power(action, PATIENCE);
      assertFalse(outcome.evidence().contains(Plug.KEY), outcome::evidence);
      return outcome;
    }
  }

  private static BmcFault fault(Outcome<?> outcome) {
    return assertInstanceOf(Outcome.Failed.class, outcome, outcome::evidence).fault();
  }

  @Test
  void onAndOffAreSentOnceAndConfirmed() {
    assertEquals(Optional.of(PowerState.ON), run(PowerAction.ON).result());
    assertTrue(plug.on.get());
    assertEquals(Optional.of(PowerState.OFF), run(PowerAction.OFF).result());
    assertFalse(plug.on.get());
    assertEquals(1, plug.count("/relay/7?turn=on"));
    assertEquals(1, plug.count("/relay/7?turn=off"));
  }

  @Test
  void whatIsOnAlreadyIsNotSwitchedAgain() {
    plug.on.set(true);
    assertEquals(Optional.of(PowerState.ON), run(PowerAction.ON).result());
    assertEquals(List.of("GET /status"), plug.requests);
  }

  @Test
  void wordsAreFoundWholeInAnyText() {
    status = Optional.of(BY_WORD);
    assertEquals(Optional.of(PowerState.ON), run(PowerAction.ON).result());
    assertEquals(Optional.of(PowerState.OFF), run(PowerAction.OFF).result());
  }

  @Test
  void aCycleIsOffAPauseAndOn() {
    plug.on.set(true);
    assertEquals(Optional.of(PowerState.ON), run(PowerAction.CYCLE).result());
    assertEquals(List.of(Duration.ofSeconds(5)), time.pauses);
    assertTrue(plug.requests.indexOf("GET /relay/7?turn=off") > 0, plug.requests::toString);
    assertEquals(1, plug.count("turn=on"));
  }

  @Test
  void theDevicesOwnCycleIsSentAndNotSaidToBeConfirmed() {
    actions.put(PowerAction.CYCLE, hook("POST", "/cycle"));
    Outcome<PowerState> outcome = run(PowerAction.CYCLE);
    assertEquals(Optional.of(PowerState.UNKNOWN), outcome.result());
    assertEquals(1, assertInstanceOf(Outcome.Done.class, outcome).warnings().size());
    assertEquals(List.of("POST /cycle"), plug.requests);
  }

  @Test
  void withoutAStatusNothingIsSaidToBeOn() {
    status = Optional.empty();
    assertEquals(Optional.of(PowerState.UNKNOWN), run(PowerAction.ON).result());
    assertTrue(plug.on.get());
  }

  @Test
  void whatIsNotDescribedIsUnsupportedWithTheKeyThatIsMissing() {
    actions.clear();
    status = Optional.empty();
    for (PowerAction action : PowerAction.values()) {
      Outcome<PowerState> outcome = run(action);
      assertInstanceOf(Outcome.Unsupported.class, outcome);
      assertTrue(outcome.evidence().contains("hooks."), outcome::evidence);
    }
    try (Bmc bmc = open(plug.url())) {
      assertTrue(bmc.power().evidence().contains("hooks.status"));
      assertInstanceOf(Outcome.Unsupported.class, bmc.nextBoot());
      assertInstanceOf(Outcome.Unsupported.class, bmc.media());
      assertInstanceOf(Outcome.Unsupported.class, bmc.inventory());
    }
    assertEquals(List.of(), plug.requests);
  }

  @Test
  void aRelayThatSaysYesAndSticksIsAFault() {
    plug.plays(Plug.Fault.STUCK);
    BmcFault fault = fault(run(PowerAction.ON));
    assertEquals(Kind.NO_EFFECT, fault.kind());
    assertEquals(1, plug.count("turn=on"));
  }

  @Test
  void theStatusDecidesWhenTheAnswerIsLostAndNothingIsSentTwice() {
    plug.plays(Plug.Fault.LOST_ANSWER);
    assertEquals(Optional.of(PowerState.ON), run(PowerAction.ON).result());
    plug.plays(Plug.Fault.DROPPED);
    assertEquals(Kind.UNKNOWN_OUTCOME, fault(run(PowerAction.OFF)).kind());
    assertEquals(1, plug.count("turn=on"));
    assertEquals(1, plug.count("turn=off"));
  }

  @Test
  void aBusyDeviceIsAskedAgain() {
    plug.plays(Plug.Fault.BUSY_ONCE);
    assertEquals(Optional.of(PowerState.ON), run(PowerAction.ON).result());
    assertEquals(2, plug.count("turn=on"));
  }

  @Test
  void aWrongPasswordIsNeverTriedAgain() {
    credentials = new Credentials("", new Secret("other"));
    try (Bmc bmc = open(plug.url())) {
      assertEquals(Kind.WRONG_PASSWORD, fault(bmc.power(PowerAction.ON, PATIENCE)).kind());
      assertEquals(Kind.WRONG_PASSWORD, fault(bmc.power()).kind());
    }
    assertEquals(1, plug.requests.size(), plug.requests::toString);
  }

  @Test
  void thePasswordGoesAsBasicOrInThePathWhereThatIsWanted() {
    header = Optional.empty();
    credentials = new Credentials("ops", new Secret(Plug.KEY));
    assertEquals(Optional.of(PowerState.ON), run(PowerAction.ON).result());
    credentials = new Credentials("", new Secret(Plug.KEY));
    status = Optional.empty();
    actions.put(PowerAction.OFF, hook("GET", "/relay/0?key={secret}&turn=off"));
    Outcome<PowerState> outcome = run(PowerAction.OFF);
    assertEquals(Optional.of(PowerState.UNKNOWN), outcome.result(), outcome::evidence);
    assertFalse(plug.on.get());
  }

  @Test
  void aBodyIsSentWithItsTypeAndOnlyTheExpectedStatusCounts() {
    Body body = new Body("application/json", "{\"id\":{system},\"turn\":\"on\"}");
    actions.put(PowerAction.ON, new Hook("POST", "/rpc", Optional.of(body), Set.of(200)));
    assertEquals(Optional.of(PowerState.ON), run(PowerAction.ON).result());
    assertEquals(1, plug.count("POST /rpc {\"id\":7,\"turn\":\"on\"}"));
    actions.put(PowerAction.OFF, new Hook("GET", "/?turn=off", Optional.empty(), Set.of(204)));
    BmcFault fault = fault(run(PowerAction.OFF));
    assertEquals(Kind.REFUSED, fault.kind());
    assertTrue(fault.evidence().contains("[204]"), fault::evidence);
  }

  @Test
  void aSecretThatTheDeviceRepeatsIsNotShown() {
    plug.plays(Plug.Fault.ECHO_500);
    BmcFault fault = fault(run(PowerAction.ON));
    assertTrue(fault.answered().contains("500 bad key (secret)"), fault::evidence);
  }

  @Test
  void aKeyInTheQueryOfARequestIsInNoFault() {
    status = Optional.empty();
    actions.put(PowerAction.ON, hook("GET", "/relay/{system}?apikey=s3cret-of-plug&turn=on"));
    plug.plays(Plug.Fault.STUCK);
    actions.put(
        PowerAction.OFF,
        new Hook("GET", "/none?apikey=s3cret-of-plug&id={system}", Optional.empty(), Set.of(299)));
    for (PowerAction action : List.of(PowerAction.ON, PowerAction.OFF)) {
      String told = run(action).evidence();
      assertFalse(told.contains("s3cret"), told);
    }
    String told = run(PowerAction.OFF).evidence();
    assertTrue(told.contains("GET /none?apikey=...&id={system}"), told);
    assertFalse(actions.toString().contains("s3cret"), actions::toString);
  }

  @Test
  void anAnswerThatSaysNeitherIsShown() {
    status =
        Optional.of(
            new Status(hook("GET", "/status"), new Reading(Optional.of("/text"), "1", "0")));
    BmcFault fault = fault(run(PowerAction.ON));
    assertEquals(Kind.BROKEN, fault.kind());
    assertTrue(fault.answered().contains("outlet is OFF"), fault::evidence);
    assertEquals(0, plug.count("turn"));
  }

  @Test
  void whereNobodyListensThatIsSaid() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (Bmc bmc = open(URI.create("http://127.0.0.1:" + port))) {
      assertEquals(Kind.UNREACHABLE, fault(bmc.power(PowerAction.ON, PATIENCE)).kind());
    }
    assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), time.pauses);
    status = Optional.empty();
    try (Bmc bmc = open(URI.create("http://127.0.0.1:" + port))) {
      assertEquals(Kind.NOT_SENT, fault(bmc.power(PowerAction.ON, PATIENCE)).kind());
    }
  }
}
