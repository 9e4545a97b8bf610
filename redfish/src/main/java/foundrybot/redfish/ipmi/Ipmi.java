// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.WakeOnLan;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** Opens the hand on a machine whose BMC speaks IPMI 2.0 over LAN (RMCP+). */
public final class Ipmi {
  /** UDP port of RMCP (IPMI 2.0, 13.1.2). */
  public static final int PORT = 623;

  /** The name of {@link Settings#keepBootFlags} among quirks. */
  public static final String KEEP_BOOT_FLAGS = "keep-boot-flags";

  private Ipmi() {}

  /**
   * How a BMC is spoken to.
   *
   * @param suites numbers of cipher suites, tried in this order: 17 and 3 are known, 0 never
   * @param firstWait for an answer; each further one is half as long again, up to three times it
   * @param tries how often a question is sent before the BMC counts as unreachable, 1..50
   * @param controlWait for the answer to Chassis Control, which is sent twice at most
   * @param offTime between off and on of a power cycle
   * @param keepBootFlags whether the BMC is told not to drop the boot flags after 60 s or at a
   *     reset; a few BMCs abort the boot then
   */
  public record Settings(
      List<Integer> suites,
      Duration firstWait,
      int tries,
      Duration controlWait,
      Duration offTime,
      boolean keepBootFlags) {

    public static final Settings USUAL =
        new Settings(
            List.of(17, 3),
            Duration.ofSeconds(1),
            6,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            true);

    public Settings {
      suites = List.copyOf(suites);
      if (suites.isEmpty() || suites.stream().anyMatch(id -> CipherSuite.of(id).isEmpty())) {
        throw new IllegalArgumentException(
            "cipher suites: " + suites + " (expected: 17, 3, or both; no other one protects)");
      }
      if (offTime.isNegative() || offTime.compareTo(Duration.ofMinutes(5)) > 0) {
        throw new IllegalArgumentException("off time: " + offTime + " (expected: 0..300 s)");
      }
      var _ = new Timing(firstWait, tries);
      var _ = new Timing(controlWait, 1);
    }

    /**
     * The same with what is wished of a BMC's quirks.
     *
     * @param suites as above
     * @param quirks {@link #KEEP_BOOT_FLAGS}, or that behind {@code no-}; others mean nothing
     */
    public Settings with(List<Integer> suites, Set<String> quirks) {
      boolean keep =
          quirks.contains(KEEP_BOOT_FLAGS)
              || (keepBootFlags && !quirks.contains("no-" + KEEP_BOOT_FLAGS));
      return new Settings(suites, firstWait, tries, controlWait, offTime, keep);
    }

    List<CipherSuite> known() {
      return suites.stream().flatMap(id -> CipherSuite.of(id).stream()).toList();
    }

    Timing timing() {
      return new Timing(firstWait, tries);
    }
  }

  /**
   * A machine's BMC; nothing is sent before the first call.
   *
   * @param endpoint {@code ipmi://host} or {@code ipmi://host:port}, with credentials: a user of at
   *     most 16 bytes with the privilege of an operator, a password of at most 20
   * @param clock for the patience of a power action
   * @param pause how time passes between two looks; {@code Thread::sleep} is the usual one
   */
  public static Bmc open(
      BmcEndpoint endpoint, Settings settings, InstantSource clock, WakeOnLan.Pause pause) {
    URI url = endpoint.url();
    if (!"ipmi".equals(url.getScheme()) || url.getHost() == null || url.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "url: of scheme " + url.getScheme() + " (expected: ipmi://HOST or ipmi://HOST:PORT)");
    }
    Credentials credentials =
        endpoint
            .credentials()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        url + ": no user and password (expected: both, IPMI has no other way in)"));
    check("user", credentials.user(), KeyExchange.MAX_USER_BYTES);
    check("password", credentials.password().reveal(), KeyExchange.MAX_PASSWORD_BYTES);
    Warmth.spread();
    int port = url.getPort() == -1 ? PORT : url.getPort();
    // An IPv6 address stands in brackets in a URL, and without them elsewhere.
    String host = url.getHost().replaceAll("[\\[\\]]", "");
    return new IpmiBmc(new IpmiSession.Peer(host, port, credentials), settings, clock, pause);
  }

  private static void check(String what, String value, int most) {
    int length = value.getBytes(StandardCharsets.UTF_8).length;
    if (length > most || value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "IPMI " + what + ": " + length + " bytes (expected: at most " + most + ", no NUL)");
    }
  }
}
