// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.logs.NodeLogs;
import foundrybot.bootserver.Counters;
import foundrybot.bootserver.syslog.SyslogMessage;
import foundrybot.bootserver.syslog.SyslogSink;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * Gives each line of a log to the node that last showed its token from that address; what comes
 * from elsewhere is counted, and not kept. Lines also tell how far an installer is.
 */
final class InstallerLogs implements SyslogSink {
  private final Fleet fleet;
  private final NodeLogs logs;
  private final InstantSource clock;
  private final Counters counters = new Counters();

  /** Reads what the installers that are at work had said before this start. */
  InstallerLogs(Fleet fleet, NodeLogs logs, InstantSource clock) {
    this.fleet = fleet;
    this.logs = logs;
    this.clock = clock;
    fleet.rack().nodes().stream()
        .map(Node::mac)
        .filter(mac -> fleet.state(mac).stage() == Stage.INSTALLING)
        .forEach(this::again);
  }

  private void again(Mac mac) {
    Instant since = fleet.state(mac).since();
    logs.tail(mac, NodeLogs.MOST_LINES).stream()
        .filter(line -> !line.isConsole() && !line.at().isBefore(since))
        .forEach(line -> fleet.heardInstaller(mac, line.at(), line.text()));
  }

  @Override
  public void received(InetAddress from, SyslogMessage message) {
    Optional<Mac> mac = fleet.at(from).filter(known -> fleet.node(known).isPresent());
    if (mac.isEmpty()) {
      counters.count("strangers");
      return;
    }
    String said = message.app().isEmpty() ? "" : message.app() + ": ";
    if (logs.add(mac.get(), from.getHostAddress(), said + message.text())) {
      fleet.heardInstaller(mac.get(), clock.instant(), said + message.text());
    }
  }

  Map<String, Long> counters() {
    return counters.snapshot();
  }
}
