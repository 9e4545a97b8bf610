// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A request whose body is on its way, up to a limit. */
final class Incoming {
  private static final InetSocketAddress THIS_MACHINE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final byte[] NO_BODY = new byte[0];

  private final HttpRequestView head;
  private final boolean keepAlive;
  private final int limit;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  Incoming(HttpRequestView head, boolean keepAlive, int limit) {
    this.head = head;
    this.keepAlive = keepAlive;
    this.limit = limit;
  }

  boolean keepAlive() {
    return keepAlive;
  }

  int limit() {
    return limit;
  }

  /** Whether it still fits. */
  boolean append(ByteBuf part) {
    if (part.readableBytes() > limit - body.size()) {
      return false;
    }
    byte[] bytes = new byte[part.readableBytes()];
    part.readBytes(bytes);
    body.writeBytes(bytes);
    return true;
  }

  HttpRequestView whole() {
    return head.with(body.toByteArray());
  }

  static boolean hasBody(HttpRequest request) {
    return HttpUtil.isTransferEncodingChunked(request)
        || HttpUtil.getContentLength(request, 0L) > 0;
  }

  /** A request without its body. */
  static HttpRequestView view(Channel channel, HttpRequest request, Target.Plain target) {
    return new HttpRequestView(
        request.method().name(),
        target.path(),
        target.query(),
        headers(request.headers()),
        peer(channel),
        NO_BODY);
  }

  /** The client; one that came by a socket file is this machine, without a port. */
  static InetSocketAddress peer(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress address ? address : THIS_MACHINE;
  }

  private static Map<String, String> headers(HttpHeaders headers) {
    Map<String, String> byName = new HashMap<>();
    for (Map.Entry<String, String> field : headers) {
      byName.merge(
          field.getKey().toLowerCase(Locale.ROOT), field.getValue(), (a, b) -> a + ", " + b);
    }
    return Collections.unmodifiableMap(byName);
  }
}
