// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.http.Feed;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Feeds that are asked as the HTTP server asks them. */
@Timeout(30)
class MarksTest {
  private final Map<String, String> known = new ConcurrentHashMap<>(Map.of("rack", "a-1"));
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicBoolean mayHear = new AtomicBoolean(true);
  private final Marks marks =
      new Marks(
          thing -> {
            looks.incrementAndGet();
            return known.getOrDefault(thing, "none");
          });

  @AfterEach
  void stop() {
    marks.close();
  }

  private static final class Reader {
    final StringBuilder text = new StringBuilder();
    final Semaphore ready = new Semaphore(0);
    final Feed feed;
    String end = "";

    Reader(Live.Opened opened) {
      feed = assertInstanceOf(Live.Opened.Listening.class, opened).feed();
      feed.begin(ready::release);
    }

    String read() {
      while (end.isEmpty()) {
        switch (feed.next()) {
          case Feed.Next.Bytes(byte[] bytes) -> text.append(new String(bytes, UTF_8));
          case Feed.Next.End(String reason) -> end = reason;
          case Feed.Next.Nothing _ -> {
            return text.toString();
          }
        }
      }
      return text.toString();
    }

    void readUntil(String part) throws InterruptedException {
      while (!read().contains(part)) {
        assertTrue(ready.tryAcquire(10, TimeUnit.SECONDS), "no " + part + " in " + text);
      }
    }
  }

  private Reader reader(String thing, String have) {
    return new Reader(marks.open(thing, have, mayHear::get));
  }

  private void becomes(String thing, String mark) {
    known.put(thing, mark);
    marks.heard();
  }

  @Test
  void whoHasTheNewestMarkIsToldNothingUntilThereIsAnother() throws Exception {
    Reader reader = reader("rack", "a-1");
    assertEquals("retry: 2000\nevent: alive\ndata: -\n\n", reader.read());
    becomes("rack", "a-2");
    reader.readUntil("id: a-2\nevent: changed\ndata: a-2\n\n");
  }

  @Test
  void whoComesAgainIsToldAtOnceThatSomethingChangedMeanwhile() {
    assertTrue(reader("rack", "a-0").read().contains("data: a-1\n"));
    assertTrue(reader("rack", "").read().contains("data: a-1\n"));
  }

  @Test
  void eachHearsOfWhatItWatchesAlone() throws Exception {
    known.put("w1", "n-1");
    Reader rack = reader("rack", "a-1");
    Reader node = reader("w1", "n-1");
    becomes("w1", "n-2");
    node.readUntil("data: n-2\n");
    assertFalse(rack.read().contains("changed"), rack.text.toString());
  }

  @Test
  void aSlowReaderIsToldTheNewestMarkAndNothingGathersForIt() throws Exception {
    Reader slow = reader("rack", "a-1");
    Reader quick = reader("rack", "a-1");
    for (int i = 2; i < 6; i++) {
      becomes("rack", "a-" + i);
      quick.readUntil("data: a-" + i + "\n");
    }
    String told = slow.read();
    assertTrue(told.endsWith("id: a-5\nevent: changed\ndata: a-5\n\n"), told);
    assertEquals(1, told.split("changed", -1).length - 1, told);
  }

  @Test
  void manyListenersShareOneLook() throws Exception {
    Reader first = reader("rack", "a-1");
    for (int i = 0; i < 20; i++) {
      assertFalse(reader("rack", "a-1").read().contains("changed"));
    }
    int before = looks.get();
    becomes("rack", "a-2");
    first.readUntil("data: a-2\n");
    int now = looks.get() - before;
    assertTrue(now >= 1 && now < 10, "looks for 21 listeners: " + now);
  }

  @Test
  void whoMayHearNoMoreIsEndedWithoutAnotherEvent() throws Exception {
    Reader reader = reader("rack", "a-1");
    reader.read();
    mayHear.set(false);
    reader.readUntil("event: dropped\n");
    reader.read();
    assertEquals("not-allowed", reader.end);
    reader.feed.ended();
    assertEquals(0, marks.listening());
    assertEquals(1, marks.counters().get("ended.not-allowed"));
  }

  @Test
  void thereAreOnlySoManyListenersAndWhoLeavesMakesRoom() {
    Reader first = reader("rack", "a-1");
    for (int i = 1; i < Marks.MOST_LISTENERS; i++) {
      reader("rack", "a-1").read();
    }
    assertInstanceOf(Live.Opened.Full.class, marks.open("rack", "a-1", () -> true));
    first.feed.ended();
    reader("rack", "a-1").read();
    assertEquals(1, marks.counters().get("refused.listeners"));
  }

  @Test
  void aThingThatCannotBeLookedAtEndsNobody() throws Exception {
    AtomicBoolean broken = new AtomicBoolean();
    try (Marks fragile =
        new Marks(
            _ -> {
              if (broken.getAndSet(false)) {
                throw new IllegalStateException("a look that fails, for a test");
              }
              return known.getOrDefault("rack", "");
            })) {
      Reader reader = new Reader(fragile.open("rack", "a-1", () -> true));
      reader.read();
      broken.set(true);
      known.put("rack", "a-2");
      fragile.heard();
      reader.readUntil("data: a-2\n");
    }
  }
}
