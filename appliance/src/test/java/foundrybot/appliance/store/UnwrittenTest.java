// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnwrittenTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00.123456789Z");

  @TempDir private Path data;

  @Test
  void theFirstRefusalIsKnownAtTheNextStartUntilItIsOver() throws IOException {
    Unwritten unwritten = Unwritten.of(data);
    assertEquals(Optional.empty(), unwritten.since());
    Path file = data.resolve("state.outage");
    long size = Files.size(file);
    Object place = Files.getAttribute(file, "unix:ino");
    assertTrue(unwritten.began(AT));
    assertTrue(Unwritten.of(data).began(AT.plusSeconds(60)));
    assertEquals(Optional.of(AT), Unwritten.of(data).since());
    assertEquals(size, Files.size(file), "it needs no more room than before");
    assertEquals(place, Files.getAttribute(file, "unix:ino"));
    assertTrue(unwritten.over());
    assertEquals(Optional.empty(), Unwritten.of(data).since());
  }

  @Test
  void aFileThatIsMissingOrDamagedIsNoOutage() throws IOException {
    Unwritten unwritten = Unwritten.of(data);
    Files.writeString(data.resolve("state.outage"), "since then");
    assertEquals(Optional.empty(), Unwritten.of(data).since());
    Files.delete(data.resolve("state.outage"));
    assertFalse(unwritten.began(AT), "to make one takes room");
    assertEquals(Optional.empty(), unwritten.since());
  }

  @Test
  void whatTheStoreRefusesToManyIsOneLineAMinute() {
    StoreException refusal = new StoreException("no room");
    Refusals refusals = new Refusals();
    assertEquals(Optional.of("no room"), refusals.next(refusal, AT));
    for (int i = 0; i < 1000; i++) {
      assertEquals(Optional.empty(), refusals.next(refusal, AT.plusSeconds(i % 60)));
    }
    assertEquals(
        Optional.of("no room (and 1000 more since " + AT + ")"),
        refusals.next(refusal, AT.plusSeconds(60)));
    assertEquals(
        Optional.of(refusal),
        Refusals.behind(new ExecutionException(new CompletionException(refusal))));
    assertEquals(Optional.empty(), Refusals.behind(new IllegalStateException("else")));
  }
}
