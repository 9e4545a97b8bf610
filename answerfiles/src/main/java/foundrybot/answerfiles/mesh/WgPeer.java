// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import java.util.List;
import java.util.Optional;

/**
 * One peer of an interface.
 *
 * @param allowedIps from where its packets may come, and what is sent to it: ADDRESS/LENGTH
 * @param endpoint ADDRESS:PORT, IPv6 in brackets; absent: it comes first
 * @param keepalive seconds; 0 for none
 */
public record WgPeer(
    WgKey publicKey,
    Optional<PresharedKey> presharedKey,
    List<String> allowedIps,
    Optional<String> endpoint,
    int keepalive) {
  public WgPeer {
    allowedIps = List.copyOf(allowedIps);
  }
}
