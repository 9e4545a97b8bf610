// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import foundrybot.bootserver.Counters;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts TCP connections, in all and for each address; one too many is closed. */
final class Connections {
  private final DnsSettings.Limits limits;
  private final Counters counters;
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AtomicInteger total = new AtomicInteger();
  private final Map<InetAddress, Integer> perPeer = new ConcurrentHashMap<>();

  Connections(DnsSettings.Limits limits, Counters counters) {
    this.limits = limits;
    this.counters = counters;
  }

  boolean admits(Channel client) {
    if (!(client.remoteAddress() instanceof InetSocketAddress peer)) {
      // Gone before it was looked at.
      var _ = client.close();
      return false;
    }
    int all = total.incrementAndGet();
    int own = perPeer.merge(peer.getAddress(), 1, Integer::sum);
    var _ = client.closeFuture().addListener(_ -> leave(peer.getAddress()));
    if (all > limits.connections() || own > limits.connectionsPerPeer()) {
      counters.count("refused.connections");
      var _ = client.close();
      return false;
    }
    open.add(client);
    return true;
  }

  private void leave(InetAddress peer) {
    total.decrementAndGet();
    perPeer.computeIfPresent(peer, (_, number) -> number > 1 ? number - 1 : null);
  }

  void close() {
    open.close().awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
