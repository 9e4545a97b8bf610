// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.LeafTrust;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.OwnCertificate;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import foundrybot.redfish.discover.Discovery;
import foundrybot.redfish.discover.FoundBmc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which certificates are believed, and that no password goes to any other. */
class TrustTest {
  @TempDir static Path folder;
  private static Shown named;
  private static Shown expired;

  /** A BMC that shows a certificate of its own making. */
  private record Shown(ScriptedBmc bmc, X509Certificate certificate) {
    String fingerprint() throws GeneralSecurityException {
      return LeafTrust.fingerprint(certificate);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    named = show("named", "-ext", "san=ip:127.0.0.1", "-validity", "30");
    expired = show("expired", "-startdate", "-20d", "-validity", "10");
  }

  @AfterAll
  static void stop() throws IOException {
    named.bmc().close();
    expired.bmc().close();
  }

  private static Shown show(String name, String... more) throws Exception {
    OwnCertificate own = OwnCertificate.make(folder, name, more);
    ServerSocket socket =
        own.context()
            .getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    return new Shown(ScriptedBmc.start(socket), own.certificate());
  }

  private static Outcome<PowerState> power(Shown shown, Trust trust) {
    Credentials who = new Credentials(ScriptedBmc.USER, new Secret(ScriptedBmc.PASSWORD));
    BmcEndpoint endpoint =
        new BmcEndpoint(shown.bmc().httpsUrl(), Optional.of(who), trust, Optional.empty());
    try (RedfishBmc bmc = RedfishBmc.at(endpoint, RedfishSettings.USUAL, new VirtualTiming())) {
      return bmc.power();
    }
  }

  private static void assertTrusted(Outcome<PowerState> outcome) {
    assertEquals(Optional.of(PowerState.ON), outcome.result(), outcome::evidence);
  }

  private static BmcFault refused(Shown shown, Trust trust) {
    int before = shown.bmc().requests().size();
    BmcFault fault = QuirkCase.fault(power(shown, trust));
    assertEquals(Kind.NOT_TRUSTED, fault.kind(), fault::evidence);
    assertEquals(before, shown.bmc().requests().size(), "nothing was sent");
    return fault;
  }

  @Test
  void thePinnedCertificateIsTrustedWhateverItsNameAndDates() throws Exception {
    assertTrusted(power(named, new Trust.Fingerprint(named.fingerprint())));
    assertTrusted(power(expired, new Trust.Fingerprint(expired.fingerprint())));
  }

  @Test
  void anotherThanThePinnedIsRefusedAndItsFingerprintShown() throws Exception {
    BmcFault fault = refused(named, new Trust.Fingerprint(expired.fingerprint()));
    assertTrue(fault.answered().contains(named.fingerprint()), fault::evidence);
    assertTrue(fault.answered().contains(expired.fingerprint()), fault::evidence);
  }

  @Test
  void anAuthorityMustHaveSignedForTheAddressAndTheDay() {
    assertTrusted(power(named, new Trust.Authority(List.of(named.certificate()))));
    refused(named, new Trust.Authority(List.of(expired.certificate())));
    refused(expired, new Trust.Authority(List.of(expired.certificate())));
  }

  @Test
  void theFirstUseIsRememberedAndHolds() throws Exception {
    List<String> memory = new ArrayList<>();
    Trust trust =
        new Trust.FirstUse(
            seen -> {
              if (memory.isEmpty()) {
                memory.add(seen);
              }
              return memory.getFirst();
            });
    assertTrusted(power(named, trust));
    assertEquals(List.of(named.fingerprint()), memory);
    refused(expired, trust);
    refused(
        named,
        new Trust.FirstUse(
            seen -> {
              throw new IllegalStateException("the disk is full");
            }));
  }

  @Test
  void anyIsAny() {
    assertTrusted(power(expired, new Trust.Any()));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 308, 404})
  void aRootThatIsThereWithoutItsSlashOnlyIsDiscovered(int status) throws Exception {
    Shown bare = show("bare" + status, "-validity", "30");
    try (ScriptedBmc bmc = bare.bmc()) {
      bmc.on("GET /redfish/v1/", Reply.status(status).header("Location", "/redfish/v1"));
      bmc.on(
          "GET /redfish/v1", Reply.json(200, "\uFEFF{'RedfishVersion':'1.4.0','Vendor':'Acme',}"));
      Optional<FoundBmc.Redfish> found =
          new Discovery(Discovery.Settings.USUAL, time -> {}).look(bmc.httpsUrl());
      assertEquals("1.4.0", found.orElseThrow().version());
      assertEquals(bare.fingerprint(), found.get().fingerprint());
    }
  }
}
