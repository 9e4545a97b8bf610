// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Questions by UDP: at most one datagram goes back for each that came. */
final class Datagrams extends SimpleChannelInboundHandler<DatagramPacket> {
  private static final Logger LOG = LoggerFactory.getLogger(Datagrams.class);

  private final Responder responder;

  Datagrams(Responder responder) {
    this.responder = responder;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    InetSocketAddress client = packet.sender();
    if (client.getPort() == 0) {
      return;
    }
    responder.answer(
        ByteBufUtil.getBytes(packet.content()),
        client,
        false,
        reply ->
            reply.ifPresent(
                bytes -> {
                  var _ =
                      ctx.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(bytes), client));
                }));
  }

  /** Such as an ICMP error for an earlier answer: nothing is wrong with the socket. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.error("dns question failed", cause);
    }
  }
}
