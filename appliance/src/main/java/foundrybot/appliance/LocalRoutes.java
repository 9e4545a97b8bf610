// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpHandler;
import foundrybot.bootserver.http.HttpRequestView;
import java.util.concurrent.CompletionStage;

/**
 * What a user of this machine can ask by the socket file: the operators' routes, and nothing else.
 *
 * @param user whom the kernel names
 */
record LocalRoutes(ApiRoutes api, int user) implements HttpHandler {
  @Override
  public CompletionStage<HttpAnswer> handle(HttpRequestView request) {
    return Routes.orUnwritable(api.ofUser(request, user));
  }

  @Override
  public int bodyLimit(HttpRequestView request) {
    return api.bodyLimit(request, new LogIns.Way.Socket(user));
  }
}
