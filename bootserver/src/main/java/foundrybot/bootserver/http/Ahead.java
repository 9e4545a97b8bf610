// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What a client sent before it was answered (pipelining, RFC 9112 section 9.3.2). */
final class Ahead {
  /**
   * Requests that may wait; apt sends ten. Over plain TCP the server stops reading long before; one
   * TLS record can bring hundreds at once.
   */
  static final int MAX_REQUESTS = 128;

  private final Queue<HttpObject> waiting = new ArrayDeque<>();
  private int requests;

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Whether it is not too much. */
  boolean add(HttpObject object) {
    waiting.add(object);
    requests += object instanceof HttpRequest ? 1 : 0;
    return requests <= MAX_REQUESTS;
  }

  /** The next one, if there is one. */
  @Nullable HttpObject poll() {
    HttpObject next = waiting.poll();
    requests -= next instanceof HttpRequest ? 1 : 0;
    return next;
  }

  void discard() {
    for (HttpObject object; (object = waiting.poll()) != null; ) {
      ReferenceCountUtil.release(object);
    }
    requests = 0;
  }
}
