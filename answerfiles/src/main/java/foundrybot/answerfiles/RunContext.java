// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;
import java.util.Optional;

/**
 * What rendering needs to know about one run of one node beyond the rack file.
 *
 * @param nodeUrl where this node gets and reports its own things, with its token as last segment
 * @param applianceUrl root of the appliance's HTTP server, for what is public
 * @param image what to stream; needed by cast profiles only
 * @param firstBootScript the POSIX shell program that reports the node's first boot
 * @param firstBootUnit the systemd unit that runs it
 * @param installerSuite the release whose installer is booted, where it is not the profile's own;
 *     it then fetches its components from that release
 * @param mesh what the node needs for the mesh; absent if it is in none
 * @param talos the secrets of its Talos cluster; absent: words that open nothing stand in their
 *     place, as for everybody but the machine itself
 * @param secure where it fetches by HTTPS; absent where the appliance has no CA of its own
 */
public record RunContext(
    URI nodeUrl,
    URI applianceUrl,
    Optional<ImageRef> image,
    String firstBootScript,
    String firstBootUnit,
    Optional<String> installerSuite,
    Optional<MeshJoin> mesh,
    Optional<TalosSecrets> talos,
    Optional<SecureFetch> secure) {
  /** Of a node that is in no mesh. */
  public RunContext(
      URI nodeUrl,
      URI applianceUrl,
      Optional<ImageRef> image,
      String firstBootScript,
      String firstBootUnit,
      Optional<String> installerSuite) {
    this(
        nodeUrl,
        applianceUrl,
        image,
        firstBootScript,
        firstBootUnit,
        installerSuite,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same for a node of the mesh. */
  public RunContext with(Optional<MeshJoin> join) {
    return new RunContext(
        nodeUrl,
        applianceUrl,
        image,
        firstBootScript,
        firstBootUnit,
        installerSuite,
        join,
        talos,
        secure);
  }

  /** The same for the machine itself, if it is one of a Talos cluster. */
  public RunContext withTalos(Optional<TalosSecrets> secrets) {
    return new RunContext(
        nodeUrl,
        applianceUrl,
        image,
        firstBootScript,
        firstBootUnit,
        installerSuite,
        mesh,
        secrets,
        secure);
  }

  /** The same where some things can be fetched by HTTPS. */
  public RunContext withSecure(Optional<SecureFetch> fetch) {
    return new RunContext(
        nodeUrl,
        applianceUrl,
        image,
        firstBootScript,
        firstBootUnit,
        installerSuite,
        mesh,
        talos,
        fetch);
  }
}
