// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.sntp;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Where the SNTP server listens.
 *
 * @param address to bind to
 * @param port 123, or any other for a run without rights; 0 takes a free one
 * @param networkInterface the only interface to serve on ({@code SO_BINDTODEVICE}, Linux), or empty
 */
public record SntpSettings(InetAddress address, int port, Optional<String> networkInterface) {
  public SntpSettings {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("sntp port: " + port + " (expected: 0..65535)");
    }
  }

  /** On every interface that carries the address. */
  public static SntpSettings on(InetAddress address, int port) {
    return new SntpSettings(address, port, Optional.empty());
  }

  /** The same, on one interface only. */
  public SntpSettings onlyOn(String networkInterface) {
    return new SntpSettings(address, port, Optional.of(networkInterface));
  }
}
