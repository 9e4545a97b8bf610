// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import java.net.InetSocketAddress;

/**
 * Who asks for what.
 *
 * @param peer the client
 * @param name 1..255 printable ASCII characters in segments parted by single slashes, none at the
 *     start, no segment {@code .} or {@code ..}; what firmware puts in front or glues to the end is
 *     already gone
 */
public record TftpRequest(InetSocketAddress peer, String name) {}
