// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Collects a request's body up to its limit and answers {@code Expect: 100-continue}; a larger one
 * gets 413 and the end of the connection.
 */
final class Body extends HttpObjectAggregator {
  /** Says that an answer was sent and that the connection is to end. */
  static final Object REFUSED = new Object();

  private final Recorder recorder;

  Body(int limit, Recorder recorder) {
    super(limit, true);
    this.recorder = recorder;
  }

  /** What is answered instead of {@code 100 Continue}, if anything; it ends the connection. */
  @Override
  protected @Nullable Object newContinueResponse(
      HttpMessage start, int maxContentLength, ChannelPipeline pipeline) {
    Object response = super.newContinueResponse(start, maxContentLength, pipeline);
    if (response instanceof FullHttpResponse refusal
        && refusal.status().codeClass() == HttpStatusClass.CLIENT_ERROR) {
      boolean large = refusal.status().equals(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
      recorder.tell(
          large ? "refused.body" : "refused.expectation",
          "http.refused",
          Optional.empty(),
          (InetSocketAddress) pipeline.channel().remoteAddress(),
          large
              ? "body larger than " + maxContentLength + " bytes"
              : "an expectation other than 100-continue");
      refusal.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    return response;
  }

  @Override
  protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage message) {
    recorder.tell(
        "refused.body",
        "http.refused",
        Optional.empty(),
        (InetSocketAddress) ctx.channel().remoteAddress(),
        "body larger than " + maxContentLength() + " bytes");
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_LENGTH, 0)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    var _ = ctx.writeAndFlush(response).addListener(_ -> ctx.fireUserEventTriggered(REFUSED));
  }
}
