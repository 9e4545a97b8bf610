// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.logs.NodeLogs;
import foundrybot.bootserver.Counters;
import foundrybot.bootserver.syslog.SyslogMessage;
import foundrybot.bootserver.syslog.SyslogSink;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/**
 * Gives each line of a log to the node that last showed its token from that address; what comes
 * from elsewhere is counted, and not kept.
 */
final class InstallerLogs implements SyslogSink {
  private final Fleet fleet;
  private final NodeLogs logs;
  private final Counters counters = new Counters();

  InstallerLogs(Fleet fleet, NodeLogs logs) {
    this.fleet = fleet;
    this.logs = logs;
  }

  @Override
  public void received(InetAddress from, SyslogMessage message) {
    Optional<Mac> mac = fleet.at(from).filter(known -> fleet.node(known).isPresent());
    if (mac.isEmpty()) {
      counters.count("strangers");
      return;
    }
    String said = message.app().isEmpty() ? "" : message.app() + ": ";
    logs.add(mac.get(), from.getHostAddress(), said + message.text());
  }

  Map<String, Long> counters() {
    return counters.snapshot();
  }
}
