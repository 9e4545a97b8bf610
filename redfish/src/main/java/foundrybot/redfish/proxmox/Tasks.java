// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Follows what is done later: an answer that names a task ({@code UPID:node:...}) says only that it
 * has begun, and the task's end says how it went.
 */
final class Tasks {
  private static final Pattern UPID =
      Pattern.compile("UPID:([A-Za-z0-9][A-Za-z0-9-]{0,62}):[^/?#\\s]{1,400}");
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Api api;

  Tasks(Api api) {
    this.api = api;
  }

  /**
   * Asks for it, and waits until it has ended.
   *
   * @return what the task ended with: {@code OK}, or a number of warnings
   * @throws Trouble if it ended with anything else, or not in time
   */
  String run(Call call, Instant deadline) {
    String upid = api.ask(call).text();
    Matcher matcher = UPID.matcher(upid);
    if (!matcher.matches()) {
      // Done at once: some calls answer so, depending on the version.
      return "OK";
    }
    String path = "/nodes/" + matcher.group(1) + "/tasks/" + upid;
    while (true) {
      Data status = look(call, path);
      if (status.text("status").equals("stopped")) {
        return ended(call, status.text("exitstatus"));
      }
      Duration left = Duration.between(api.now(), deadline);
      if (left.isNegative() || left.isZero()) {
        throw api.fault(
            Kind.UNKNOWN_OUTCOME,
            call.toString(),
            "its task does not end: " + upid,
            "see the node's task list");
      }
      api.pause(left.compareTo(LOOK) < 0 ? left : LOOK, call.toString());
    }
  }

  private Data look(Call call, String path) {
    try {
      return api.get(path + "/status");
    } catch (Trouble e) {
      if (!e.isSilence()) {
        throw e;
      }
      throw api.fault(
          Kind.UNKNOWN_OUTCOME,
          call.toString(),
          "a task, and then no word of it: " + e.getMessage(),
          "look at the machine before asking again");
    }
  }

  private String ended(Call call, String exit) {
    if (exit.equals("OK") || exit.startsWith("WARNINGS")) {
      return exit;
    }
    Refusal refusal = Refusal.of(exit);
    throw api.fault(
        refusal.kind(), call.toString(), "a task that ended: " + exit, refusal.advice());
  }

  /** A sentence for the operator where a task has ended with warnings. */
  static Optional<String> warning(String exit) {
    return exit.startsWith("WARNINGS")
        ? Optional.of("its task ended with " + exit + ": see the node's task list")
        : Optional.empty();
  }
}
