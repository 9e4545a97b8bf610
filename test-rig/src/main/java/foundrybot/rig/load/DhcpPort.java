// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import foundrybot.bootserver.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The two sockets of many machines behind one relay: to the server's port, and to the boot
 * server's. What is sent within one turn of the loop leaves in one system call.
 */
final class DhcpPort implements AutoCloseable {
  private static final int LARGEST = 2048;
  private static final int BATCH = 64;
  private static final int BUFFER = 8 << 20;

  private final EventLoop loop;
  private final Channel server;
  private final Channel boot;
  private final int relay;
  private boolean flushing;

  private DhcpPort(EventLoop loop, Channel server, Channel boot, int relay) {
    this.loop = loop;
    this.server = server;
    this.boot = boot;
    this.relay = relay;
  }

  /** Opens both sockets; answers are handed over on the loop. */
  static DhcpPort open(Target target, EventLoops loops, Consumer<PxePacket.Answer> answers) {
    EventLoop loop = loops.group().next();
    Channel server =
        open(target.ofRelay(target.relayPort()), target.at(target.ports().dhcp()), loops, answers);
    Channel boot = open(target.ofRelay(0), target.at(target.ports().proxyDhcp()), loops, answers);
    int relay = ByteBuffer.wrap(InetAddress.ofLiteral(target.relay()).getAddress()).getInt();
    return new DhcpPort(loop, server, boot, relay);
  }

  private static Channel open(
      InetSocketAddress own,
      InetSocketAddress to,
      EventLoops loops,
      Consumer<PxePacket.Answer> answers) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops.group())
            .channel(loops.datagramChannel())
            .option(ChannelOption.SO_RCVBUF, BUFFER)
            .option(ChannelOption.SO_SNDBUF, BUFFER)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LARGEST * BATCH))
            .handler(new Handler(answers));
    if (loops.isEpoll()) {
      bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, LARGEST);
    }
    return bootstrap.connect(to, own).syncUninterruptibly().channel();
  }

  void discover(int xid, int node) {
    ByteBuf packet = server.alloc().directBuffer(512);
    PxePacket.discover(packet, xid, node, relay);
    write(server, packet);
  }

  void request(int xid, int node, PxePacket.Answer offer) {
    ByteBuf packet = server.alloc().directBuffer(512);
    PxePacket.request(packet, xid, node, relay, offer.address(), offer.server());
    write(server, packet);
  }

  void bootRequest(int xid, int node) {
    ByteBuf packet = boot.alloc().directBuffer(512);
    PxePacket.bootRequest(packet, xid, node, relay);
    write(boot, packet);
  }

  private void write(Channel channel, ByteBuf packet) {
    var _ = channel.write(packet, channel.voidPromise());
    if (!flushing) {
      flushing = true;
      loop.execute(
          () -> {
            flushing = false;
            server.flush();
            boot.flush();
          });
    }
  }

  @Override
  public void close() {
    EventLoops.close(server);
    EventLoops.close(boot);
  }

  private static final class Handler extends SimpleChannelInboundHandler<DatagramPacket> {
    private final Consumer<PxePacket.Answer> answers;

    Handler(Consumer<PxePacket.Answer> answers) {
      this.answers = answers;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      PxePacket.parse(packet.content()).ifPresent(answers);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // A refused port shows as an exchange that gets no answer.
    }
  }
}
