// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Fact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final String MAC = "52:54:00:aa:00:01";

  @TempDir private Path data = Path.of("");

  private static Fact fact(String kind, String detail) {
    return new Fact(AT, MAC, kind, detail);
  }

  @Test
  void aFileInPlaceOfTheDataFolderIsRefusedWithTheCure() throws Exception {
    Path file = Files.writeString(data.resolve("a-file"), "");
    StoreException refused = assertThrows(StoreException.class, () -> Store.open(file));
    assertEquals(file + ": a file (expected: a folder); give another --data", refused.getMessage());
  }

  @Test
  void whatWasAppendedIsReadBackInItsOrderAfterAReopening() {
    try (Store store = Store.open(data)) {
      store.append(List.of(fact("a", "1"), fact("b", "2")));
      store.append(List.of(fact("a", "3")));
    }
    try (Store store = Store.open(data)) {
      List<Fact> seen = new ArrayList<>();
      store.replay(Set.of("a"), seen::add);
      assertEquals(List.of(fact("a", "1"), fact("a", "3")), seen);
      assertEquals(List.of(fact("b", "2"), fact("a", "3")), store.history(MAC, 2));
    }
  }

  @Test
  void aLeaseReplacesTheOneBeforeOnItsAddress() {
    try (Store store = Store.open(data)) {
      store.save(List.of(new Store.LeaseRow("10.0.0.9", MAC, AT, "BOUND")));
      store.save(List.of(new Store.LeaseRow("10.0.0.9", MAC, AT.plusSeconds(9), "RELEASED")));
      assertEquals(
          List.of(new Store.LeaseRow("10.0.0.9", MAC, AT.plusSeconds(9), "RELEASED")),
          store.leases());
    }
  }

  @Test
  void aFactIsDurableAndHeardBeforeItIsAcknowledged() {
    List<Fact> heard = new ArrayList<>();
    try (Store store = Store.open(data);
        Journal journal = new Journal(store, heard::add, _ -> {})) {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        all.add(journal.append(fact("a", String.valueOf(i))));
      }
      all.getLast().join();
      assertEquals(500, heard.size());
      assertEquals(500, store.history(MAC, 1000).size());
      assertEquals("499", heard.getLast().detail());
    }
  }

  @Test
  void aClosedJournalRefusesInsteadOfForgetting() {
    try (Store store = Store.open(data)) {
      Journal journal = new Journal(store, _ -> {}, _ -> {});
      journal.close();
      assertThrows(Exception.class, () -> journal.append(fact("a", "1")).join());
    }
  }

  @Test
  void aFaultInTheListenerIsToldAndLeavesNobodyWaiting() {
    List<String> told = new CopyOnWriteArrayList<>();
    try (Store store = Store.open(data);
        Journal journal =
            new Journal(
                store,
                _ -> {
                  throw new IllegalStateException("broken listener");
                },
                problem -> told.add(String.valueOf(problem.getMessage())))) {
      CompletableFuture<Void> first = journal.append(fact("a", "1"));

      assertThrows(CompletionException.class, first::join);
      assertThrows(CompletionException.class, () -> journal.append(fact("a", "2")).join());
      assertThrows(CompletionException.class, () -> journal.settled().join(), "not ready");
    }
    assertEquals(1, told.size());
    assertTrue(told.getFirst().contains("broken listener"), told.getFirst());
  }

  @Test
  void aFolderThatCannotBeMadeIsOneClearError() throws Exception {
    Path file = Files.writeString(data.resolve("file"), "");
    StoreException problem =
        assertThrows(StoreException.class, () -> Store.open(file.resolve("x")));
    assertTrue(String.valueOf(problem.getMessage()).contains("data folder"));
  }
}
