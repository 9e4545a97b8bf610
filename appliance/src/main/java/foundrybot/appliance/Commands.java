// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.bootserver.http.HttpAnswer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Carries out each command once, however often its answer is lost and it is sent again: who sends
 * it gives it an id. The id is durable before anything is done, so that holds also over a restart.
 */
final class Commands {
  /** The header field that has the id. */
  static final String HEADER = "Command-Id";

  /** The kind of the fact that a command is begun: {@code ID WHAT}. */
  static final String BEGUN = AuditEntry.BEGUN;

  /** Kinds of facts that {@link #apply} takes. */
  static final Set<String> KINDS = Set.of(BEGUN);

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{16,64}");

  /** Commands that are remembered, the latest: some for every machine of the largest rack. */
  private static final int MAX_REMEMBERED = 16_384;

  /** Longer answers, in bytes, are lists of many machines. */
  private static final int LONG = 1024;

  /** Long answers that are kept, the latest. */
  private static final int MAX_LONG = 64;

  private final FlightRecorder recorder;
  private final Map<String, String> begun = latest(MAX_REMEMBERED);
  // Of each command that is remembered, unless its answer is long.
  private final Map<String, CompletableFuture<HttpAnswer>> answers = latest(MAX_REMEMBERED);
  private final Map<String, CompletableFuture<HttpAnswer>> longAnswers = latest(MAX_LONG);

  Commands(FlightRecorder recorder) {
    this.recorder = recorder;
  }

  private static <T> Map<String, T> latest(int most) {
    return Collections.synchronizedMap(
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
            return size() > most;
          }
        });
  }

  /** Takes one durable fact of an appliance before this one. */
  void apply(Fact fact) {
    String[] words = fact.detail().split(" ", 2);
    if (words.length == 2) {
      begun.put(words[0], words[1]);
    }
  }

  /**
   * Carries a command out, or gives the answer that it had.
   *
   * @param id from the request; without one it is carried out in any case
   * @param what it is, with all that makes it another one, in at most 400 characters
   */
  synchronized CompletionStage<HttpAnswer> once(
      Optional<String> id, String what, Supplier<CompletionStage<HttpAnswer>> command) {
    if (id.isEmpty()) {
      return command.get();
    }
    String key = id.get();
    if (!ID.matcher(key).matches()) {
      return refused(422, "unreadable (expected: 16 to 64 letters, digits and hyphens)");
    }
    String before = begun.get(key);
    if (before == null) {
      begun.put(key, what);
      CompletableFuture<Void> noted = recorder.record(BEGUN, key + " " + what);
      CompletableFuture<HttpAnswer> answer =
          noted
              .handle((_, problem) -> problem == null ? command.get() : forgotten(key))
              .thenCompose(done -> done);
      if (!noted.isCompletedExceptionally()) {
        answers.put(key, answer);
        var _ = answer.thenAccept(said -> shelve(key, said));
      }
      return answer;
    }
    if (!before.equals(what)) {
      return refused(422, "used before, for another command (expected: a new one for each)");
    }
    return Optional.<CompletionStage<HttpAnswer>>ofNullable(answers.get(key))
        .or(() -> Optional.ofNullable(longAnswers.get(key)))
        .orElseGet(
            () ->
                refused(
                    409,
                    "begun before, and not repeated; its answer is kept no more, since the"
                        + " appliance was started again or "
                        + MAX_LONG
                        + " commands with answers as long came after it; 'bootserver audit' has"
                        + " its outcome, if it came to one, and 'bootserver status' what is now"));
  }

  /** A long answer is kept among few. */
  private synchronized void shelve(String key, HttpAnswer said) {
    if (said instanceof HttpAnswer.Body body && body.bytes().length > LONG) {
      CompletableFuture<HttpAnswer> answer = answers.remove(key);
      if (answer != null) {
        longAnswers.put(key, answer);
      }
    }
  }

  /** Nothing was done, so that the same command may come once more. */
  private CompletionStage<HttpAnswer> forgotten(String key) {
    begun.remove(key);
    answers.remove(key);
    return refused(
        503, "not noted, so nothing was done; is the disk full? Send it again when it is not");
  }

  private static CompletionStage<HttpAnswer> refused(int status, String why) {
    return CompletableFuture.completedStage(
        Answers.text(status, HEADER + ": " + why + "\n", "api: command id"));
  }
}
