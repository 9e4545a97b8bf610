// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackNetwork;
import foundrybot.answerfiles.mesh.Bundle;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.tls.Certificates;
import foundrybot.bootserver.http.HttpSettings;
import foundrybot.bootserver.http.TlsIdentity;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * HTTPS beside HTTP: who the appliance is, and where it says so.
 *
 * @param url on the appliance's own address
 * @param own whether the data folder's own CA vouches for it
 */
record Https(TlsIdentity identity, int port, URI url, boolean own) {
  private static final int USUAL_PORT = 443;

  /**
   * What the rack file wants; empty if it is off.
   *
   * @throws foundrybot.appliance.tls.TlsException if a certificate cannot serve
   */
  static Optional<Https> of(RackFile rack, KeyRing keys, Instant now) {
    ApplianceSettings settings = rack.appliance();
    int port = settings.ports().https();
    if (port == Ports.OFF) {
      return Optional.empty();
    }
    List<InetAddress> addresses =
        settings.networks().stream()
            .map(RackNetwork::address)
            .flatMap(Optional::stream)
            .map(InetAddress.class::cast)
            .toList();
    TlsIdentity identity =
        settings
            .tls()
            .map(files -> Certificates.of(files, now))
            .orElseGet(
                () ->
                    Certificates.own(
                        keys,
                        rack.cluster(),
                        List.of("appliance." + rack.domain()),
                        addresses,
                        now));
    return Optional.of(
        new Https(identity, port, url(settings.address(), port), settings.tls().isEmpty()));
  }

  /** On another address of the appliance. */
  URI url(Inet4Address address) {
    return url(address, port);
  }

  static URI url(Inet4Address address, int port) {
    return URI.create(
        "https://" + address.getHostAddress() + (port == USUAL_PORT ? "" : ":" + port));
  }

  List<X509Certificate> certificates() {
    return identity.certificates();
  }

  /** The data folder's own CA, as bundles have it; empty where the user brings a certificate. */
  Optional<Bundle.Der> authority() {
    return own ? Optional.of(Bundle.Der.of(Certificates.der(issuer()))) : Optional.empty();
  }

  /** Of all certificates alike. */
  private X509Certificate issuer() {
    return identity.proofs().getLast().chain().getLast();
  }

  /** The same place as plain HTTP, by TLS and on its own port. */
  HttpSettings on(HttpSettings plain) {
    return plain.on(port).with(identity);
  }
}
