// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts connections, in all and for each address; one too many is answered 503 and closed. */
final class Admission {
  private static final byte[] FULL =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private static final long LINGER_MS = 1000;

  private final HttpSettings.Limits limits;
  private final boolean silent;
  private final AtomicInteger total = new AtomicInteger();
  private final Map<InetAddress, Integer> perPeer = new ConcurrentHashMap<>();

  /**
   * For one server.
   *
   * @param silent whether a refusal is only the end: before a TLS handshake there are no words
   */
  Admission(HttpSettings.Limits limits, boolean silent) {
    this.limits = limits;
    this.silent = silent;
  }

  boolean refuses(Channel client, Recorder recorder) {
    if (!(client.remoteAddress() instanceof InetSocketAddress peer)) {
      // Gone before it was looked at.
      var _ = client.close();
      return true;
    }
    int all = total.incrementAndGet();
    int own = perPeer.merge(peer.getAddress(), 1, Integer::sum);
    var _ = client.closeFuture().addListener(_ -> leave(peer.getAddress()));
    boolean full = all > limits.connections();
    if (!full && own <= limits.connectionsPerPeer()) {
      return false;
    }
    recorder.tell(
        full ? "refused.connections" : "refused.connections-of-peer",
        "http.refused",
        Optional.empty(),
        peer,
        full ? "too many connections" : "too many connections of this address");
    refuse(client, all);
    return true;
  }

  /**
   * Answers and ends our side, then drops what the client still sends, for a short while: closed
   * with unread bytes the connection is reset and the client may never see the 503 (RFC 9112
   * section 9.6). In a flood, twice the limit, there is no such courtesy.
   */
  private void refuse(Channel client, int all) {
    if (silent) {
      var _ = client.close();
      return;
    }
    ChannelFuture written = client.writeAndFlush(Unpooled.wrappedBuffer(FULL));
    if (all > 2 * limits.connections() || !(client instanceof DuplexChannel duplex)) {
      var _ = written.addListener(ChannelFutureListener.CLOSE);
      return;
    }
    client.pipeline().addLast(new Discard());
    var _ =
        written.addListener(
            _ -> {
              var _ = duplex.shutdownOutput();
            });
    Runnable end =
        () -> {
          var _ = client.close();
        };
    var _ = client.eventLoop().schedule(end, LINGER_MS, TimeUnit.MILLISECONDS);
  }

  private static final class Discard extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        var _ = ctx.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable fault) {
      var _ = ctx.close();
    }
  }

  private void leave(InetAddress peer) {
    total.decrementAndGet();
    perPeer.computeIfPresent(peer, (_, number) -> number > 1 ? number - 1 : null);
  }
}
