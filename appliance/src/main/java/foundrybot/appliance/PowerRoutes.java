// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.power.BmcDesk;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import foundrybot.redfish.PowerAction;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What an operator has the appliance tell or ask one BMC. */
final class PowerRoutes {
  private final BmcDesk desk;

  PowerRoutes(BmcDesk desk) {
    this.desk = desk;
  }

  /** Which action the query wants; empty where it is none. */
  static Optional<PowerAction> action(HttpRequestView request) {
    String wanted = request.parameter("do").orElse("");
    return Arrays.stream(PowerAction.values())
        .filter(action -> action.name().toLowerCase(Locale.ROOT).equals(wanted))
        .findFirst();
  }

  /** Answered when the BMC has confirmed it; with 202 if it has not in less than a minute. */
  CompletionStage<HttpAnswer> power(Node node, HttpRequestView request) {
    return action(request)
        .map(action -> answer(desk.power(node, action), "api: power"))
        .orElseGet(
            () ->
                CompletableFuture.completedStage(
                    Answers.text(
                        422,
                        "do: unreadable (expected: on, off, shutdown, cycle or reset)\n",
                        "api: no power action")));
  }

  /** Answered when the BMC has said what it has to say, and else as above. */
  CompletionStage<HttpAnswer> ask(Node node) {
    return answer(desk.ask(node), "api: BMC asked");
  }

  /**
   * A command line is about to switch a machine by itself; completes with why it must not.
   *
   * @param most after which it is taken for ended
   */
  CompletionStage<Optional<String>> begins(Node node, String what, Duration most) {
    return desk.begins(node, what, most);
  }

  /** It has ended. */
  void ended(Node node, String what) {
    desk.ended(node, what);
  }

  private static CompletionStage<HttpAnswer> answer(
      CompletableFuture<BmcDesk.Said> said, String label) {
    return said.thenApply(one -> answer(one, label));
  }

  static HttpAnswer answer(BmcDesk.Said said, String label) {
    int refused = said.goesOn() ? 202 : 422;
    return Answers.text(said.done() ? 200 : refused, said.text() + "\n", label);
  }
}
