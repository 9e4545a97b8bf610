// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.RackNetwork;
import foundrybot.answerfiles.TftpOptions;
import foundrybot.bootserver.Subnet;
import foundrybot.bootserver.dns.DnsSettings;
import foundrybot.bootserver.http.HttpSettings;
import foundrybot.bootserver.sntp.SntpSettings;
import foundrybot.bootserver.syslog.SyslogSettings;
import foundrybot.bootserver.tftp.TftpSettings;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** One address of the appliance, on which it serves files and scripts. */
record Listener(Inet4Address address, Optional<String> interfaceName, Ports ports) {

  /** One for each network that the appliance is on. */
  static List<Listener> all(ApplianceSettings settings) {
    return settings.networks().stream().flatMap(network -> of(network, settings).stream()).toList();
  }

  private static Optional<Listener> of(RackNetwork network, ApplianceSettings settings) {
    return network
        .address()
        .map(own -> new Listener(own, network.interfaceName(), settings.ports()));
  }

  URI url() {
    return Appliance.url(address, ports.http());
  }

  HttpSettings http() {
    HttpSettings http =
        HttpSettings.on(address, ports.http())
            .with(HttpSettings.Limits.USUAL.withBody(NodeRoutes.MAX_REPORT_BYTES));
    return interfaceName.map(http::onlyOn).orElse(http);
  }

  TftpSettings tftp(TftpOptions options) {
    TftpSettings.Limits limits =
        TftpSettings.Limits.USUAL
            .withBlockSize(options.blockSize())
            .withWindowSize(options.windowSize());
    TftpSettings tftp = TftpSettings.on(address, ports.tftp()).with(limits);
    TftpSettings ported = options.singlePort() ? tftp.onOnePort() : tftp;
    return interfaceName.map(ported::onlyOn).orElse(ported);
  }

  /** What is not the cluster's is asked of the resolvers, for machines of the rack only. */
  DnsSettings dns(ApplianceSettings settings, List<InetSocketAddress> resolvers) {
    DnsSettings dns = DnsSettings.on(address, ports.dns());
    return interfaceName
        .map(dns::onlyOn)
        .orElse(dns)
        .forwarding(
            resolvers,
            settings.networks().stream()
                .map(n -> new Subnet(n.subnet().address(), n.subnet().prefixLength()))
                .toList());
  }

  SntpSettings sntp() {
    SntpSettings sntp = SntpSettings.on(address, ports.ntp());
    return interfaceName.map(sntp::onlyOn).orElse(sntp);
  }

  SyslogSettings syslog() {
    SyslogSettings syslog = SyslogSettings.on(address, ports.syslog());
    return interfaceName.map(syslog::onlyOn).orElse(syslog);
  }
}
