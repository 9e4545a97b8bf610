// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.OwnCertificate;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.webhook.Webhook.Hook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which certificate a plug must show before it is told a request and its key. */
final class WebhookTlsTest {
  private static final Hook ON = hook("/relay/0?turn=on");

  @TempDir private static Path folder = Path.of("");
  private static OwnCertificate named;
  private static OwnCertificate expired;

  private final VirtualTime time = new VirtualTime();
  private Plug plug;

  @BeforeAll
  static void make() throws Exception {
    named = OwnCertificate.make(folder, "named", "-ext", "san=ip:127.0.0.1", "-validity", "30");
    expired = OwnCertificate.make(folder, "expired", "-startdate", "-20d", "-validity", "10");
  }

  @BeforeEach
  void start() throws Exception {
    plug = Plug.secure(named.context());
  }

  @AfterEach
  void stop() {
    plug.close();
  }

  private static Hook hook(String path) {
    return new Hook("GET", path, Optional.empty(), Set.of());
  }

  private Outcome<PowerState> on(Trust trust) {
    Credentials key = new Credentials("", new Secret(Plug.KEY));
    BmcEndpoint endpoint = new BmcEndpoint(plug.url(), Optional.of(key), trust, Optional.empty());
    Webhook.Hooks hooks =
        new Webhook.Hooks(
            Map.of(PowerAction.ON, ON),
            Optional.empty(),
            Optional.of("X-Key"),
            Duration.ofSeconds(5));
    try (Bmc bmc = Webhook.open(endpoint, hooks, time, time)) {
      return bmc.power(PowerAction.ON, Duration.ofSeconds(20));
    }
  }

  private void isTold(Trust trust) {
    Outcome<PowerState> outcome = on(trust);
    assertInstanceOf(Outcome.Done.class, outcome, outcome::evidence);
    assertTrue(plug.on.get());
  }

  private BmcFault isToldNothing(Trust trust) {
    Outcome<PowerState> outcome = on(trust);
    BmcFault fault = assertInstanceOf(Outcome.Failed.class, outcome, outcome::evidence).fault();
    assertEquals(Kind.NOT_TRUSTED, fault.kind(), fault::evidence);
    assertEquals(List.of(), plug.requests);
    return fault;
  }

  @Test
  void thePinnedCertificateIsTrusted() {
    isTold(new Trust.Fingerprint(named.fingerprint()));
  }

  @Test
  void anotherThanThePinnedIsToldNothingAndItsFingerprintIsShown() {
    BmcFault fault = isToldNothing(new Trust.Fingerprint(expired.fingerprint()));
    assertTrue(fault.answered().contains(named.fingerprint()), fault::evidence);
    assertTrue(fault.evidence().contains("'trust:'"), fault::evidence);
  }

  @Test
  void anAuthorityMustHaveSignedIt() {
    isToldNothing(new Trust.Authority(List.of(expired.certificate())));
    isTold(new Trust.Authority(List.of(named.certificate())));
  }

  @Test
  void anAuthorityMustHaveSignedForTheAddressAndTheDay() throws Exception {
    plug.close();
    plug = Plug.secure(expired.context());
    isToldNothing(new Trust.Authority(List.of(expired.certificate())));
  }

  @Test
  void theFirstUseHolds() throws Exception {
    List<String> memory = new ArrayList<>();
    Trust first =
        new Trust.FirstUse(
            seen -> {
              if (memory.isEmpty()) {
                memory.add(seen);
              }
              return memory.getFirst();
            });
    isTold(first);
    assertEquals(List.of(named.fingerprint()), memory);
    plug.close();
    plug = Plug.secure(expired.context());
    isToldNothing(first);
  }
}
