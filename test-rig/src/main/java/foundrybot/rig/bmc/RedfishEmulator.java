// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.SocketFactory;

/**
 * A Redfish BMC (DMTF DSP0266) that is a real server: with the tree and the oddities of a vendor,
 * the faults that it is given, and machines behind its power button.
 */
public final class RedfishEmulator implements AutoCloseable {
  /** Who may log in unless told otherwise. */
  public static final Credentials CREDENTIALS = new Credentials("admin", new Secret("emulated"));

  private final HttpPort port;
  private final RedfishService service;
  private final Optional<Identity> identity;
  private final URI url;

  /**
   * What a BMC is like.
   *
   * @param machines one or more
   * @param address port 0 for any free one
   * @param https with a certificate of its own; else plain HTTP
   * @param seed decides which requests the faults hit
   * @param network makes the sockets by which it fetches the images that it plays; without, it
   *     fetches none, and its machines are told their addresses
   */
  public record Setup(
      Personality personality,
      List<Machine> machines,
      InetSocketAddress address,
      boolean https,
      Credentials credentials,
      Faults faults,
      long seed,
      Timing timing,
      InstantSource clock,
      Optional<SocketFactory> network) {

    public Setup {
      machines = List.copyOf(machines);
      if (machines.isEmpty()) {
        throw new IllegalArgumentException("machines: none (expected: at least one)");
      }
    }

    /** In order, with HTTPS, on a free port of loopback. */
    public static Setup of(Personality personality, Machine... machines) {
      return new Setup(
          personality,
          List.of(machines),
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          true,
          CREDENTIALS,
          Faults.NONE,
          0,
          Timing.BRISK,
          InstantSource.system(),
          Optional.empty());
    }

    public Setup with(Faults other, long otherSeed) {
      return new Setup(
          personality,
          machines,
          address,
          https,
          credentials,
          other,
          otherSeed,
          timing,
          clock,
          network);
    }

    public Setup with(Timing other) {
      return new Setup(
          personality, machines, address, https, credentials, faults, seed, other, clock, network);
    }

    public Setup with(InstantSource other) {
      return new Setup(
          personality, machines, address, https, credentials, faults, seed, timing, other, network);
    }

    public Setup with(InetSocketAddress other) {
      return new Setup(
          personality, machines, other, https, credentials, faults, seed, timing, clock, network);
    }

    public Setup with(Credentials other) {
      return new Setup(
          personality, machines, address, https, other, faults, seed, timing, clock, network);
    }

    public Setup withHttp() {
      return new Setup(
          personality, machines, address, false, credentials, faults, seed, timing, clock, network);
    }

    /** One that fetches the images that it plays. */
    public Setup fetchingBy(SocketFactory sockets) {
      return new Setup(
          personality,
          machines,
          address,
          https,
          credentials,
          faults,
          seed,
          timing,
          clock,
          Optional.of(sockets));
    }
  }

  /**
   * What it has seen.
   *
   * @param requests that it has looked at
   * @param refusedLogins log-ins and basic authentications with a wrong password
   * @param sessions opened ever
   * @param openSessions now
   * @param faults how often each has hit
   * @param imageRequests that it has sent for images
   */
  public record Account(
      int requests,
      int refusedLogins,
      int sessions,
      int openSessions,
      Map<Fault, Integer> faults,
      int imageRequests) {}

  private RedfishEmulator(
      HttpPort port, RedfishService service, Optional<Identity> identity, URI url) {
    this.port = port;
    this.service = service;
    this.identity = identity;
    this.url = url;
  }

  /**
   * Opens the port and serves until closed.
   *
   * @throws java.io.UncheckedIOException if the port cannot be had
   */
  public static RedfishEmulator start(Setup setup) {
    return start(setup, HttpPort.listen(setup.address()));
  }

  /**
   * Serves on a socket that listens already, as in another network namespace.
   *
   * @param socket on the address of {@code setup}; closed with the BMC
   */
  public static RedfishEmulator start(Setup setup, ServerSocket socket) {
    Optional<Identity> identity =
        setup.https()
            ? Optional.of(
                Identity.of(
                    setup.address().getAddress(), setup.faults().has(Fault.EXPIRED_CERTIFICATE)))
            : Optional.empty();
    RedfishService service = new RedfishService(setup, new Dice(setup.faults(), setup.seed()));
    HttpPort port =
        HttpPort.open(
            socket,
            identity.map(Identity::context),
            Map.of("OData-Version", "4.0", "Cache-Control", "no-cache"),
            service::handle);
    URI url =
        URI.create(
            (setup.https() ? "https://" : "http://")
                + setup.address().getAddress().getHostAddress()
                + ":"
                + port.number());
    return new RedfishEmulator(port, service, identity, url);
  }

  /** {@code https://127.0.0.1:34567}. */
  public URI url() {
    return url;
  }

  /** What it shows, with HTTPS. */
  public Optional<X509Certificate> certificate() {
    return identity.map(Identity::certificate);
  }

  /** SHA-256 of that, 64 lower-case hexadecimal digits. */
  public Optional<String> fingerprint() {
    return identity.map(Identity::fingerprint);
  }

  public Account account() {
    return service.account();
  }

  /** How often it was odd, and how. */
  Map<Personality.Oddity, Integer> oddities() {
    return service.oddities();
  }

  /**
   * The newest tokens of sessions, also of those that have ended: secrets, to look for where none
   * may be.
   */
  public List<String> issuedTokens() {
    return service.issuedTokens();
  }

  /**
   * Frees the port and ends all connections; the machines stay as they are, but what they read of
   * fetched images ends.
   */
  @Override
  public void close() {
    port.close();
    service.close();
  }
}
