// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.Audit.Attempt;
import foundrybot.appliance.Fleet.Bearer;
import foundrybot.appliance.lifecycle.Mark;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.http.HttpAnswer;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What a token is bound to besides its node: to the window of its run, and to the addresses of its
 * machine. Whoever brings it, for whatever it is brought, must pass both.
 */
final class TokenBinding {
  private static final String CLOSED =
      "nothing was heard of this run for too long; 'bootserver arm' lets it be heard again,"
          + " 'bootserver deploy' begins anew\n";

  private final TokenDesk tokens;
  private final FlightRecorder recorder;
  private final Audit audit;

  TokenBinding(TokenDesk tokens, FlightRecorder recorder, Audit audit) {
    this.tokens = tokens;
    this.recorder = recorder;
    this.audit = audit;
  }

  static HttpAnswer closed(MacAddress mac) {
    return Answers.text(410, CLOSED, "node: its window is closed").of(mac);
  }

  /**
   * Why who came is not listened to.
   *
   * @param item that is wanted, if it is one that may be had once
   * @param what was wanted, in the program's own words
   * @return completes at once where nothing speaks against it
   */
  CompletionStage<Optional<HttpAnswer>> refusal(
      Bearer bearer, InetAddress from, String item, String what) {
    if (!tokens.isHeard(bearer.node(), bearer.state(), bearer.token())) {
      return CompletableFuture.completedStage(Optional.of(late(bearer, from, what)));
    }
    boolean secondUse =
        bearer.token().holder(item).filter(at -> !at.equals(from.getHostAddress())).isPresent();
    // That quarantines the node, wherever it comes from.
    if (secondUse || strangeAddress(bearer, from).isEmpty()) {
      return CompletableFuture.completedStage(Optional.empty());
    }
    // What its DHCP has said may still be on its way to the journal.
    return recorder
        .settled()
        .thenApply(
            _ -> strangeAddress(bearer, from).map(why -> elsewhere(bearer, from, what, why)));
  }

  private Optional<String> strangeAddress(Bearer bearer, InetAddress from) {
    return tokens.strangeAddress(bearer.node(), bearer.token(), from);
  }

  private HttpAnswer late(Bearer bearer, InetAddress from, String what) {
    Mac node = bearer.node().mac();
    MacAddress mac = Answers.mac(node);
    audit.refused(Attempt.WINDOW_CLOSED, Optional.of(node), from, what);
    recorder.noteClaimed(mac, Mark.TOO_LATE, what + " from " + from.getHostAddress());
    return closed(mac);
  }

  private HttpAnswer elsewhere(Bearer bearer, InetAddress from, String what, String why) {
    Mac node = bearer.node().mac();
    MacAddress mac = Answers.mac(node);
    audit.refused(Attempt.ELSEWHERE, Optional.of(node), from, what + ": " + why);
    recorder.noteClaimed(mac, Mark.OTHER_ADDRESS, why);
    return Answers.text(403, why + "\n", "node: from another address").of(mac);
  }
}
