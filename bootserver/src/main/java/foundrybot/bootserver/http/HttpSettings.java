// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the HTTP server listens and what it may spend.
 *
 * @param address to bind to
 * @param port 0 takes a free one
 * @param networkInterface the only interface to serve on ({@code SO_BINDTODEVICE}, Linux), or empty
 * @param tls what to prove its identity with, which makes it an HTTPS server; empty for plain HTTP
 * @param limits maxima
 */
public record HttpSettings(
    InetAddress address,
    int port,
    Optional<String> networkInterface,
    Optional<TlsIdentity> tls,
    Limits limits) {

  public HttpSettings {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("http port: " + port + " (expected: 0..65535)");
    }
  }

  /** On every interface that carries the address, with the usual limits. */
  public static HttpSettings on(InetAddress address, int port) {
    return new HttpSettings(address, port, Optional.empty(), Optional.empty(), Limits.USUAL);
  }

  /** The same, on one interface only. */
  public HttpSettings onlyOn(String networkInterface) {
    return new HttpSettings(address, port, Optional.of(networkInterface), tls, limits);
  }

  /** The same on another port. */
  public HttpSettings on(int otherPort) {
    return new HttpSettings(address, otherPort, networkInterface, tls, limits);
  }

  /** The same, by TLS. */
  public HttpSettings with(TlsIdentity identity) {
    return new HttpSettings(address, port, networkInterface, Optional.of(identity), limits);
  }

  /** The same with other limits. */
  public HttpSettings with(Limits limits) {
    return new HttpSettings(address, port, networkInterface, tls, limits);
  }

  /**
   * Maxima of the HTTP server.
   *
   * @param line bytes of the request line
   * @param headers bytes of all header fields
   * @param body bytes of a request's body; more is answered 413
   * @param connections at one time, in all; more are answered 503
   * @param connectionsPerPeer at one time, for one address; nodes behind one router share it
   * @param receive time from a request's first byte to its last (a new connection's clock starts
   *     when it opens)
   * @param answer time for the handler to answer; then 503
   * @param stall time in which a client must take at least one byte of its answer
   * @param idle time a connection may rest between two requests
   */
  public record Limits(
      int line,
      int headers,
      int body,
      int connections,
      int connectionsPerPeer,
      Duration receive,
      Duration answer,
      Duration stall,
      Duration idle) {

    /** For installers, firmware and iPXE of a rack that powers on at once. */
    public static final Limits USUAL =
        new Limits(
            4 * 1024,
            16 * 1024,
            64 * 1024,
            16_384,
            1024,
            Duration.ofSeconds(15),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(75));

    public Limits {
      check("request line", line, 128);
      check("headers", headers, 512);
      check("body", body, 0);
      check("connections", connections, 1);
      check("connections per peer", connectionsPerPeer, 1);
      check("time to receive", receive.toMillis(), 1);
      check("time to answer", answer.toMillis(), 1);
      check("time to stall", stall.toMillis(), 1);
      check("time to idle", idle.toMillis(), 1);
    }

    /** The same with another largest body, in bytes. */
    public Limits withBody(int bytes) {
      return new Limits(
          line, headers, bytes, connections, connectionsPerPeer, receive, answer, stall, idle);
    }

    /** The same with other numbers of connections. */
    public Limits withConnections(int total, int perPeer) {
      return new Limits(line, headers, body, total, perPeer, receive, answer, stall, idle);
    }

    /** The same with other times. */
    public Limits withTimes(Duration receive, Duration answer, Duration stall, Duration idle) {
      return new Limits(
          line, headers, body, connections, connectionsPerPeer, receive, answer, stall, idle);
    }

    private static void check(String what, long value, long least) {
      if (value < least) {
        throw new IllegalArgumentException(
            "http %s: %d (expected: at least %d)".formatted(what, value, least));
      }
    }
  }
}
