// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.syslog;

import java.net.InetAddress;

/** Takes what was logged; called on event loops, so it must return at once and never throw. */
@FunctionalInterface
public interface SyslogSink {
  /**
   * One line.
   *
   * @param from the address that the datagram names as its own, which anybody can forge
   */
  void received(InetAddress from, SyslogMessage message);
}
