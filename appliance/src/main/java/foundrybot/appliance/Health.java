// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.http.HttpAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Whether the appliance lives ({@code /healthz}: else restart it) and is ready ({@code /readyz}:
 * else machines are not served as they ought to be). Anybody may ask, so the answers say no more
 * than which part it is.
 */
final class Health {
  /** A loop or a disk that is slower than that is as good as none. */
  private static final long PATIENCE_MS = 2_000;

  /** Beneath it the journal may be the next that finds no room. */
  private static final long LEAST_FREE = 64L << 20;

  private static final String OK = "ok";

  private final Map<String, EventLoops> loops = new ConcurrentHashMap<>();
  private final Supplier<CompletableFuture<Void>> written;
  private final Path data;
  private final Executor blocking;
  private volatile boolean started;

  /**
   * Nothing is started yet.
   *
   * @param written completes when the journal is durable as far as it goes
   */
  Health(Supplier<CompletableFuture<Void>> written, Path data, Executor blocking) {
    this.written = written;
    this.data = data;
    this.blocking = blocking;
  }

  /** Threads that must answer. */
  void loops(String name, EventLoops group) {
    loops.put(name, group);
  }

  /** Everything is started. */
  void started() {
    started = true;
  }

  /** The answer to {@code /healthz}. */
  CompletionStage<HttpAnswer> live() {
    return answer("health", loopsAnswer());
  }

  private List<CompletableFuture<Map.Entry<String, String>>> loopsAnswer() {
    List<CompletableFuture<Map.Entry<String, String>>> parts = new ArrayList<>();
    loops.forEach(
        (name, group) -> parts.add(part(name + " threads", turn(group), "no answer within 2 s")));
    return parts;
  }

  /** Completes when each loop has had its turn; where one hangs, never. */
  private static CompletableFuture<Void> turn(EventLoops group) {
    List<CompletableFuture<Void>> each = new ArrayList<>();
    group.group().forEach(loop -> each.add(CompletableFuture.runAsync(() -> {}, loop)));
    return CompletableFuture.allOf(each.toArray(CompletableFuture[]::new));
  }

  /** The answer to {@code /readyz}: a port that cannot be had stops the start. */
  CompletionStage<HttpAnswer> ready() {
    List<CompletableFuture<Map.Entry<String, String>>> parts = new ArrayList<>(loopsAnswer());
    parts.add(part("journal", written.get(), "not written within 2 s"));
    parts.add(
        CompletableFuture.supplyAsync(() -> Map.entry("disk", disk()), blocking)
            .completeOnTimeout(
                Map.entry("disk", "no answer within 2 s"), PATIENCE_MS, TimeUnit.MILLISECONDS));
    parts.add(said("start", started ? OK : "not everything is started yet"));
    return answer("readiness", parts);
  }

  private static CompletableFuture<Map.Entry<String, String>> said(String part, String how) {
    return CompletableFuture.completedFuture(Map.entry(part, how));
  }

  private static CompletableFuture<Map.Entry<String, String>> part(
      String name, CompletableFuture<Void> done, String late) {
    return done.<Optional<String>>thenApply(_ -> Optional.empty())
        .completeOnTimeout(Optional.of(late), PATIENCE_MS, TimeUnit.MILLISECONDS)
        .exceptionally(_ -> Optional.of("failed"))
        .thenApply(fault -> Map.entry(name, fault.orElse(OK)));
  }

  private String disk() {
    try {
      long free = Files.getFileStore(data).getUsableSpace();
      if (free < LEAST_FREE) {
        return "%d MB free (expected: at least %d MB)".formatted(free >> 20, LEAST_FREE >> 20);
      }
      return Files.isWritable(data) ? OK : "the data folder is not writable";
    } catch (IOException e) {
      return "cannot be read";
    }
  }

  private static CompletionStage<HttpAnswer> answer(
      String what, List<CompletableFuture<Map.Entry<String, String>>> parts) {
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .thenApply(
            _ -> {
              Map<String, String> said = new TreeMap<>();
              parts.forEach(part -> said.put(part.join().getKey(), part.join().getValue()));
              boolean good = said.values().stream().allMatch(OK::equals);
              StringBuilder text = new StringBuilder(good ? "ok\n" : "not ok\n");
              said.forEach((part, how) -> text.append(part).append(": ").append(how).append('\n'));
              return HttpAnswer.Body.text(good ? 200 : 503, text.toString(), what)
                  .with(Map.of("Cache-Control", "no-store"));
            });
  }
}
