// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.net.URI;
import java.util.Optional;
import java.util.Set;

/**
 * Where a BMC is and how to speak to it.
 *
 * @param url {@code https://10.0.0.11}, {@code ipmi://10.0.0.12:623}, without user and password
 * @param credentials absent where the kind has none
 * @param system which one, where a BMC has several: an Id, a name, or a path; absent: the only one
 * @param quirks names of those that it is to be taken to have, or, behind {@code no-}, not to have;
 *     names that its kind does not know mean nothing
 */
public record BmcEndpoint(
    URI url,
    Optional<Credentials> credentials,
    Trust trust,
    Optional<String> system,
    Set<String> quirks) {
  public BmcEndpoint {
    quirks = Set.copyOf(quirks);
  }

  /** With the quirks that are known of such ones. */
  public BmcEndpoint(
      URI url, Optional<Credentials> credentials, Trust trust, Optional<String> system) {
    this(url, credentials, trust, system, Set.of());
  }
}
