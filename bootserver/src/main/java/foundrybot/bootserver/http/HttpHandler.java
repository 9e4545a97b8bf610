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
}
