// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.util.concurrent.CompletionStage;

/**
 * Answers requests. Called on an event loop, so it must not wait; the stage may be completed by any
 * thread. An exception, or a stage that fails, is answered 500 and logged once.
 */
@FunctionalInterface
public interface HttpHandler {
  CompletionStage<HttpAnswer> handle(HttpRequestView request);

  /**
   * How many bytes of body this request may bring, decided before any of them is taken; the
   * server's own limit holds beside it. With 0 the request is handled as if it had none, and its
   * connection ends with the answer.
   *
   * @param request without its body
   */
  default int bodyLimit(HttpRequestView request) {
    return Integer.MAX_VALUE;
  }
}
