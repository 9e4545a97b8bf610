// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcFault.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Follows what a BMC does later (DSP0266, 12.2): 202, and where to look.
 *
 * <p>The task itself is looked at rather than its monitor, because some BMCs delete a finished task
 * with the first look at its monitor.
 */
final class Tasks {
  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
  private static final Duration LATER_LOOKS = Duration.ofSeconds(5);

  /** A job that was just made may not be found yet. */
  private static final Duration APPEARS = Duration.ofSeconds(30);

  /** How long a job may be about to start before it is taken to wait for the next boot. */
  private static final Duration STARTS = Duration.ofSeconds(30);

  /** How long a change is waited for; whether it was made is read from the resource anyway. */
  private static final Duration CHANGES = Duration.ofSeconds(60);

  /** Where a task is. */
  enum Stage {
    RUNNING,
    /** It begins with the machine's next boot, most likely. */
    SCHEDULED,
    DONE,
    FAILED
  }

  private final RedfishHttp http;

  Tasks(RedfishHttp http) {
    this.http = http;
  }

  /** The answer that counts: the one given, or what its task ended with. */
  Answer end(Answer answer) {
    if (answer.status() != 202) {
      return answer;
    }
    Optional<String> uri = where(answer);
    return uri.isPresent() ? follow(uri.get(), answer) : answer;
  }

  private static Optional<String> where(Answer answer) {
    Props body = answer.body();
    boolean task = body.has("TaskState") || body.textOrEmpty("@odata.type").contains("Task.");
    String location = answer.reply().header("Location");
    return (task ? body.text("@odata.id") : Optional.<String>empty())
        .or(() -> location.isEmpty() ? Optional.empty() : Optional.of(location))
        .or(() -> body.text("TaskMonitor"))
        .or(() -> body.text("@odata.id"));
  }

  private Answer follow(String uri, Answer accepted) {
    Instant start = http.now();
    boolean seen = false;
    Duration wait = waitFor(accepted, FIRST_LOOK);
    while (true) {
      if (wait.compareTo(http.left()) >= 0) {
        throw http.faults()
            .fault(
                Kind.UNKNOWN_OUTCOME,
                accepted.ask().toString(),
                accepted.status() + ", and its task " + uri + " does not end",
                "look at the BMC's job queue, or restart the BMC");
      }
      http.pause(wait, "GET " + uri);
      Answer look = http.exchange(Ask.get(uri));
      Duration age = Duration.between(start, http.now());
      if (look.status() == 404 || look.status() == 410) {
        if (seen || age.compareTo(APPEARS) > 0) {
          // Ended and deleted, as far as can be seen; what it did is read from the resource.
          return accepted;
        }
      } else if (!look.ok()) {
        throw http.faults().of(look);
      } else {
        seen = true;
        switch (stage(look)) {
          case DONE -> {
            return accepted;
          }
          case FAILED -> throw failed(accepted, look);
          case SCHEDULED -> {
            if (age.compareTo(STARTS) > 0) {
              return accepted;
            }
          }
          case RUNNING -> {}
        }
      }
      if (accepted.ask().repeatable() && age.compareTo(CHANGES) > 0) {
        return accepted;
      }
      wait = waitFor(look, age.compareTo(LATER_LOOKS) > 0 ? LATER_LOOKS : FIRST_LOOK);
    }
  }

  private Duration waitFor(Answer answer, Duration otherwise) {
    return RetryAfter.of(answer.reply(), http.now()).orElse(otherwise);
  }

  private RedfishException failed(Answer accepted, Answer look) {
    return http.faults()
        .fault(
            Kind.REFUSED,
            accepted.ask().toString(),
            "202, and then its task: " + state(look.body()) + look.summary().substring(3),
            "see the message, and the BMC's job queue");
  }

  private static String state(Props body) {
    return body.text("TaskState").or(() -> body.text("JobState")).orElse("");
  }

  /** What its body says; a monitor says by 202 that it is not over (DSP0266, 12.2). */
  static Stage stage(Answer look) {
    Stage told = told(look);
    return look.status() == 202 && told != Stage.SCHEDULED ? Stage.RUNNING : told;
  }

  private static Stage told(Answer look) {
    String state = state(look.body()).toLowerCase(Locale.ROOT);
    return switch (state) {
      case "" -> Stage.DONE;
      case "running", "stopping", "cancelling", "service", "downloading" -> Stage.RUNNING;
      case "new",
          "starting",
          "pending",
          "suspended",
          "scheduled",
          "continue",
          "waiting",
          "waiting for effect",
          "going to effect" ->
          Stage.SCHEDULED;
      case "completed", "completedok", "completed ok", "mounted" -> {
        String status = look.body().textOrEmpty("TaskStatus").toLowerCase(Locale.ROOT);
        yield status.equals("critical") ? Stage.FAILED : Stage.DONE;
      }
      default ->
          state.contains("exception")
                  || state.contains("killed")
                  || state.contains("cancel")
                  || state.contains("fail")
                  || state.contains("error")
                  || state.contains("interrupted")
                  || state.contains("invalid")
              ? Stage.FAILED
              : Stage.RUNNING;
    };
  }
}
