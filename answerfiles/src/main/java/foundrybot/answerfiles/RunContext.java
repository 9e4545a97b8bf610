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
 */
public record RunContext(
    URI nodeUrl,
    URI applianceUrl,
    Optional<ImageRef> image,
    String firstBootScript,
    String firstBootUnit,
    Optional<String> installerSuite) {}
