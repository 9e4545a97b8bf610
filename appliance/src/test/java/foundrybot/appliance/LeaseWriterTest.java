// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.store.Store;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.Lease;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseWriterTest {
  private static final Instant UNTIL = Instant.parse("2026-01-01T01:00:00Z");

  @TempDir private Path data = Path.of("");
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Store> open = new ArrayList<>();

  @BeforeEach
  void open() {
    open.add(Store.open(data));
  }

  @AfterEach
  void close() {
    open.forEach(Store::close);
  }

  private LeaseWriter writer() {
    return new LeaseWriter(open.getFirst(), tasks::add);
  }

  private static Lease lease(int number, Lease.State state) {
    return new Lease(
        Inet4Address.ofLiteral("10.77.0." + number),
        MacAddress.parse("52:54:00:aa:00:01").orElseThrow(),
        state,
        UNTIL);
  }

  @Test
  void whatComesWhileOneIsWrittenIsWrittenTogetherAndInOrder() {
    LeaseWriter writer = writer();
    List<CompletableFuture<Void>> saves = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      saves.add(
          writer
              .save(lease(1 + i % 50, i < 50 ? Lease.State.RELEASED : Lease.State.BOUND))
              .toCompletableFuture());
    }
    assertFalse(saves.getFirst().isDone(), "acknowledged before it was written");
    assertEquals(1, tasks.size());
    tasks.remove().run();

    saves.forEach(CompletableFuture::join);
    assertEquals(50, writer.load().size());
    assertTrue(writer.load().stream().allMatch(lease -> lease.state() == Lease.State.BOUND));
    var _ = writer.save(lease(60, Lease.State.BOUND));
    assertEquals(1, tasks.size(), "the next one is not written any more");
  }

  @Test
  void whereNothingCanBeWrittenNobodyIsLeftWaiting() {
    LeaseWriter closed =
        new LeaseWriter(
            open.getFirst(),
            _ -> {
              throw new RejectedExecutionException("closed");
            });
    for (int i = 0; i < 2; i++) {
      CompletableFuture<Void> save = closed.save(lease(1, Lease.State.BOUND)).toCompletableFuture();
      assertThrows(CompletionException.class, save::join);
    }

    LeaseWriter writer = writer();
    CompletableFuture<Void> save = writer.save(lease(1, Lease.State.BOUND)).toCompletableFuture();
    open.getFirst().close();
    tasks.remove().run();
    assertThrows(CompletionException.class, save::join);
  }
}
