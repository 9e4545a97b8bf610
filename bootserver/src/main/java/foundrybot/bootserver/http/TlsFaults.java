// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Sits behind the TLS of a connection and tells, once, why there is none. */
final class TlsFaults extends ChannelInboundHandlerAdapter {
  private final Recorder recorder;
  private boolean told;
  private boolean begun;
  private boolean shaken;
  private boolean heard;

  TlsFaults(Recorder recorder) {
    this.recorder = recorder;
  }

  /** Sits before the TLS: who only opens and closes a port says nothing about certificates. */
  ChannelHandler watch() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        begun = true;
        ctx.fireChannelRead(message);
        ctx.pipeline().remove(this);
      }
    };
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      shaken = handshake.isSuccess();
      if (!shaken && handshake.cause() instanceof ClosedChannelException && begun) {
        tell(ctx, "gone in the middle of the handshake; " + Tls.CURE);
      } else if (!shaken) {
        tell(ctx, handshake.cause());
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    heard = true;
    ctx.fireChannelRead(message);
  }

  /** In TLS 1.3 the server is done before the client has judged its certificate. */
  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (shaken && !heard) {
      tell(ctx, "gone after the handshake without a request; " + Tls.CURE);
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    boolean decoding = cause instanceof DecoderException;
    if (tell(ctx, decoding && cause.getCause() != null ? cause.getCause() : cause)) {
      var _ = ctx.close();
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }

  private boolean tell(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof SSLException fault)) {
      return false;
    }
    tell(ctx, Tls.reason(fault));
    return true;
  }

  private void tell(ChannelHandlerContext ctx, String reason) {
    if (!told && ctx.channel().remoteAddress() instanceof InetSocketAddress peer) {
      recorder.tell("refused.tls", "http.refused", Optional.empty(), peer, reason);
    }
    told = true;
  }
}
