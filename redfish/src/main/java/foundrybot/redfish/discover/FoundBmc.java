// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import java.net.Inet4Address;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * What answers as a BMC at an address; nobody has logged in.
 *
 * @param redfish a service for each port; mostly one
 * @param ipmi where it takes RMCP+: {@code ipmi://10.0.0.12}
 */
public record FoundBmc(Inet4Address address, List<Redfish> redfish, Optional<URI> ipmi) {
  public FoundBmc {
    redfish = List.copyOf(redfish);
  }

  /**
   * A Redfish service. Texts are the service's own and may be empty.
   *
   * @param url without a path: {@code https://10.0.0.11}
   * @param version of the protocol: {@code 1.14.0}
   * @param uuid of the service, which need not be the machine's
   * @param fingerprint SHA-256 of the certificate that was shown, 64 lower-case hexadecimal digits;
   *     the first contact proves nothing: whoever sits between could have shown it
   */
  public record Redfish(
      URI url, String version, String vendor, String product, String uuid, String fingerprint) {}
}
