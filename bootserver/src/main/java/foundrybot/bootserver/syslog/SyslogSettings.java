// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.syslog;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Where log lines are received.
 *
 * @param address to bind to
 * @param port 514, or any other for a run without rights; 0 takes a free one
 * @param networkInterface the only interface to serve on ({@code SO_BINDTODEVICE}, Linux), or empty
 */
public record SyslogSettings(InetAddress address, int port, Optional<String> networkInterface) {
  public SyslogSettings {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("syslog port: " + port + " (expected: 0..65535)");
    }
  }

  /** On every interface that carries the address. */
  public static SyslogSettings on(InetAddress address, int port) {
    return new SyslogSettings(address, port, Optional.empty());
  }

  /** The same, on one interface only. */
  public SyslogSettings onlyOn(String networkInterface) {
    return new SyslogSettings(address, port, Optional.of(networkInterface));
  }
}
