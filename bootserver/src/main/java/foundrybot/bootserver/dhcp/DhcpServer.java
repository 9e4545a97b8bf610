// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.BindException;
import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.WireObserver;
import io.netty.channel.EventLoop;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DHCP on all its networks: ProxyDHCP (PXE 2.1 section 2.2) or a DHCP server (RFC 2131), and the
 * PXE boot server port in both cases.
 *
 * <p>All its sockets live on one event loop, which is the one thread of its {@link DhcpService}.
 */
public final class DhcpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DhcpServer.class);

  private final DhcpService service;
  private final AddressProber prober;
  private final List<DhcpSockets> sockets = new ArrayList<>();

  private DhcpServer(DhcpService service, AddressProber prober) {
    this.service = service;
    this.prober = prober;
  }

  /**
   * Reads the leases, opens the ports, and answers from then on. In proxy mode reservations and
   * leases are not used.
   *
   * @throws BindException if a port cannot be had; one line with cause and cure
   */
  public static DhcpServer start(
      DhcpSettings settings,
      EventLoops loops,
      BootPolicy policy,
      Reservations reservations,
      LeaseStore leases,
      WireObserver observer,
      Clock clock) {
    return start(
        settings, loops, policy, reservations, leases, new KernelProber(), observer, clock);
  }

  /** With a prober of its own, which is closed with the server. */
  static DhcpServer start(
      DhcpSettings settings,
      EventLoops loops,
      BootPolicy policy,
      Reservations reservations,
      LeaseStore leases,
      AddressProber prober,
      WireObserver observer,
      Clock clock) {
    Map<DhcpNetwork.Presence, String> devices = DhcpSockets.devices(settings, loops);
    EventLoop loop = loops.group().next();
    DhcpService service =
        new DhcpService(
            settings, devices, loopOf(loop), policy, reservations, leases, prober, observer, clock);
    DhcpServer server = new DhcpServer(service, prober);
    try {
      DhcpSettings.Ports ports = settings.ports();
      server.sockets.add(
          DhcpSockets.open(
              settings.networks(), devices, ports.server(), loops, loop, service::onServerPort));
      server.sockets.add(
          DhcpSockets.open(
              settings.networks(), devices, ports.proxy(), loops, loop, service::onProxyPort));
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    LOG.info(
        "dhcp serving mode={} networks={} interfaces={} ports={},{}",
        service.givesAddresses() ? "server" : "proxy",
        settings.networks(),
        devices.isEmpty() ? "all" : devices.values(),
        settings.ports().server(),
        settings.ports().proxy());
    return server;
  }

  private static DhcpService.Loop loopOf(EventLoop loop) {
    return new DhcpService.Loop() {
      @Override
      public void execute(Runnable task) {
        loop.execute(task);
      }

      @Override
      public void after(Duration delay, Runnable task) {
        var _ = loop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
      }
    };
  }

  /** How often each thing happened since the start, by name; the set of names is bounded. */
  public Map<String, Long> counters() {
    return service.counters();
  }

  /** Closes the ports and waits for it. */
  @Override
  public void close() {
    sockets.forEach(DhcpSockets::close);
    prober.close();
  }
}
