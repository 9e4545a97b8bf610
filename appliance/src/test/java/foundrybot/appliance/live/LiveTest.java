// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.store.Journal;
import foundrybot.appliance.store.Keeping;
import foundrybot.appliance.store.Store;
import foundrybot.bootserver.http.Feed;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real journal on the disk, and feeds that are asked as the HTTP server asks them. */
@Timeout(30)
class LiveTest {
  private static final String MAC = "52:54:00:aa:00:01";
  private static final String OTHER = "52:54:00:aa:00:02";
  private static final Wish ALL = wish(OptionalLong.empty());

  private final List<Live.Node> nodes = new CopyOnWriteArrayList<>();
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicBoolean mayHear = new AtomicBoolean(true);
  private final List<AutoCloseable> open = new ArrayList<>();
  private Store store;
  private Journal journal;
  private Live live;

  @BeforeEach
  void start(@TempDir Path folder) {
    store = Store.open(folder);
    live =
        new Live(
            () -> {
              looks.incrementAndGet();
              return List.copyOf(nodes);
            },
            fact -> !fact.kind().equals("hidden"),
            LiveTest::json,
            store);
    journal = Journal.placing(store, live::heard, _ -> {});
    open.addAll(List.of(store, journal, live));
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private static byte[] json(Fact fact) {
    if (fact.kind().equals("broken")) {
      throw new IllegalStateException("a fact that cannot be told");
    }
    return ("{\"n\":" + fact.detail() + "}").getBytes(UTF_8);
  }

  private static Wish wish(OptionalLong after) {
    return new Wish(true, true, Optional.empty(), after);
  }

  /** Reads a feed to the end, or as far as it goes. */
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

    String readUntil(String part) throws InterruptedException {
      while (!read().contains(part)) {
        assertTrue(ready.tryAcquire(10, TimeUnit.SECONDS), "no " + part + " in " + text);
      }
      return text.toString();
    }

    long lastId() {
      String all = text.toString();
      int from = all.lastIndexOf("id: ") + 4;
      return Long.parseLong(all.substring(from, all.indexOf('\n', from)));
    }
  }

  private Reader listen(Wish wish) {
    return new Reader(live.open(wish, mayHear::get));
  }

  private void tell(String mac, String kind, int number) {
    journal
        .append(new Fact(Instant.EPOCH, mac, kind, String.valueOf(number)))
        .orTimeout(10, TimeUnit.SECONDS)
        .join();
  }

  private static Live.Node node(String name, String mac, String json) {
    return new Live.Node(name, mac, json, () -> json.getBytes(UTF_8));
  }

  @Test
  void aListenerHearsFactsInTheirOrderWithIdsThatGrow() {
    tell(MAC, "before", 1);
    Reader reader = listen(ALL);
    assertTrue(reader.read().startsWith("retry: 2000\nid: "), reader.text.toString());
    assertFalse(reader.text.toString().contains("event: fact"));
    long opening = reader.lastId();
    tell(MAC, "a", 2);
    tell(OTHER, "hidden", 3);
    tell(OTHER, "b", 4);
    String text = reader.read();
    assertTrue(text.contains("event: fact\ndata: {\"n\":2}\n\n"), text);
    assertFalse(text.contains("{\"n\":3}"), text);
    assertTrue(text.indexOf("{\"n\":2}") < text.indexOf("{\"n\":4}"), text);
    assertTrue(reader.lastId() > opening);
  }

  @Test
  void whoComesAgainGoesOnWhereItWasAlsoAfterARestartOfTheListening() {
    Reader first = listen(ALL);
    tell(MAC, "a", 1);
    first.read();
    first.feed.ended();
    for (int i = 2; i < 50; i++) {
      tell(MAC, "a", i);
    }
    Reader again = listen(wish(OptionalLong.of(first.lastId())));
    tell(MAC, "a", 50);
    String text = again.read();
    List<String> heard =
        text.lines().filter(line -> line.startsWith("data: ")).map(l -> l.substring(6)).toList();
    List<String> expected = new ArrayList<>();
    for (int i = 2; i <= 50; i++) {
      expected.add("{\"n\":" + i + "}");
    }
    assertEquals(expected, heard);
    assertFalse(text.contains("event: gap"), text);
  }

  @Test
  void whoWasAwayForTooLongIsToldOfAGapAndThenTheNewest() {
    Reader first = listen(ALL);
    first.read();
    first.feed.ended();
    for (int i = 0; i < Live.MOST_MISSED + 10; i++) {
      journal.note(new Fact(Instant.EPOCH, MAC, "a", String.valueOf(i)));
    }
    journal.settled().join();
    String text = listen(wish(OptionalLong.of(first.lastId()))).read();
    assertTrue(text.contains("event: gap\n"), text.substring(0, 200));
    assertFalse(text.contains("{\"n\":9}"));
    assertTrue(text.contains("{\"n\":10}"));
    assertTrue(text.contains("{\"n\":" + (Live.MOST_MISSED + 9) + "}"));
  }

  @Test
  void whatAListenerIsNeverToHearIsNoGap() {
    Reader first = listen(ALL);
    tell(MAC, "a", 0);
    first.read();
    first.feed.ended();
    for (int i = 1; i < Live.MOST_MISSED + 10; i++) {
      journal.note(new Fact(Instant.EPOCH, MAC, "hidden", String.valueOf(i)));
      journal.note(new Fact(Instant.EPOCH, OTHER, "a", String.valueOf(i)));
    }
    tell(MAC, "a", 5000);
    journal.note(new Fact(Instant.EPOCH, MAC, "hidden", "5001"));
    journal.settled().join();
    Optional<String> mac = Optional.of(MAC);
    Reader again = listen(new Wish(false, true, mac, OptionalLong.of(first.lastId())));
    String text = again.read();
    assertFalse(text.contains("event: gap"), text);
    assertTrue(text.contains("{\"n\":5000}"), text);
    tell(MAC, "a", 5002);
    assertTrue(again.read().endsWith("{\"n\":5002}\n\n"), again.text.toString());
    assertEquals("", again.end);
  }

  @Test
  void whoIsCutOffInAGapComesBackToItsBeginning() {
    Reader first = listen(ALL);
    first.read();
    first.feed.ended();
    for (int i = 0; i < Live.MOST_MISSED + 10; i++) {
      journal.note(new Fact(Instant.EPOCH, MAC, "a", String.valueOf(i)));
    }
    journal.settled().join();
    String gap = listen(wish(OptionalLong.of(first.lastId()))).read();
    int from = gap.indexOf("id: ") + 4;
    long opening = Long.parseLong(gap.substring(from, gap.indexOf('\n', from)));
    String again = listen(wish(OptionalLong.of(opening))).read();
    assertFalse(again.contains("event: gap"), "what the gap left is there");
    assertTrue(again.contains("{\"n\":10}"), again.substring(0, 200));
    assertTrue(again.contains("{\"n\":" + (Live.MOST_MISSED + 9) + "}"));
  }

  @Test
  void aFactThatCannotBeToldHoldsUpNeitherTheJournalNorTheNext() {
    Reader reader = listen(ALL);
    Reader gone = listen(ALL);
    gone.feed.begin(
        () -> {
          throw new IllegalStateException("the loop of this connection is shut down");
        });
    Reader last = listen(ALL);
    tell(MAC, "broken", 1);
    tell(MAC, "a", 2);
    assertTrue(reader.read().contains("{\"n\":2}"), reader.text.toString());
    assertTrue(last.ready.tryAcquire(), "woken though the one before could not be");
  }

  @Test
  void anIdOfAnotherJournalOrBeforeAPruningIsAGapAndNoFault() {
    tell(MAC, "a", 1);
    String text = listen(wish(OptionalLong.of(1L << 40))).read();
    assertTrue(text.contains("event: gap\n"), text);
    for (int i = 0; i < 200; i++) {
      tell(OTHER, "old", i);
    }
    assertTrue(
        store
            .prune(
                new Keeping(Duration.ofDays(1), 1 << 20),
                _ -> true,
                Instant.EPOCH.plus(Duration.ofDays(100)))
            .isPresent());
    tell(MAC, "a", 777);
    String pruned = listen(wish(OptionalLong.of(10))).read();
    assertTrue(pruned.contains("event: gap\n"), pruned);
    assertTrue(pruned.contains("{\"n\":777}"), pruned);
  }

  @Test
  void aListenerThatTakesNothingIsDroppedWithAReasonAndHoldsNobodyUp() {
    Reader slow = listen(ALL);
    slow.read();
    Reader quick = listen(ALL);
    for (int i = 0; i <= Live.RING; i++) {
      journal.note(new Fact(Instant.EPOCH, MAC, "a", String.valueOf(i)));
      if (i % 1000 == 0) {
        journal.settled().join();
        quick.read();
      }
    }
    journal.settled().join();
    assertTrue(quick.read().contains("{\"n\":" + Live.RING + "}"));
    assertEquals("", quick.end);
    assertTrue(slow.read().contains("event: dropped\ndata: {\"why\":\"too slow"));
    assertEquals("too-slow", slow.end);
    slow.feed.ended();
    assertEquals(1, live.counters().get("ended.too-slow"));
    assertEquals(1, live.listening());
  }

  @Test
  void nodesAreToldAllAtFirstThenThoseThatChangeAlsoByTimeAlone() throws Exception {
    nodes.add(node("w1", MAC, "{\"s\":\"dhcp\"}"));
    nodes.add(node("w2", OTHER, "{\"s\":\"planned\"}"));
    Reader reader = listen(ALL);
    String first = reader.read();
    assertTrue(first.contains("event: status\ndata: {\"s\":\"dhcp\"}\n\n"), first);
    assertTrue(first.contains("{\"s\":\"planned\"}"), first);
    nodes.set(0, node("w1", MAC, "{\"s\":\"stuck\"}"));
    String then = reader.readUntil("{\"s\":\"stuck\"}");
    assertEquals(first.indexOf("planned"), then.lastIndexOf("planned"), "w2 is not told again");
    nodes.remove(1);
    reader.readUntil("event: removed\ndata: {\"name\":\"w2\"}\n\n");
  }

  @Test
  void aNodeWhoseStateIsTheSameIsNeitherToldAgainNorWritten() throws Exception {
    AtomicInteger written = new AtomicInteger();
    for (int left = 9; left > 5; left--) {
      String json = "{\"left\":" + left + "}";
      Live.Node counting =
          new Live.Node(
              "w1",
              MAC,
              "installing",
              () -> {
                written.incrementAndGet();
                return json.getBytes(UTF_8);
              });
      nodes.clear();
      nodes.add(counting);
      listen(ALL).readUntil("{\"left\":9}");
    }
    nodes.add(node("w2", OTHER, "{\"s\":2}"));
    String text = listen(ALL).readUntil("{\"s\":2}");
    assertTrue(text.contains("{\"left\":9}"), text);
    assertEquals(1, written.get());
  }

  @Test
  void whileOnlyFactsAreWantedNoNodeIsLookedAt() {
    nodes.add(node("w1", MAC, "{\"s\":1}"));
    Reader facts = listen(new Wish(false, true, Optional.empty(), OptionalLong.empty()));
    tell(MAC, "a", 1);
    assertTrue(facts.read().contains("{\"n\":1}"));
    assertEquals(0, looks.get());
    assertTrue(listen(ALL).read().contains("{\"s\":1}"), "who comes later hears all");
  }

  @Test
  void ofAThousandNodesASlowListenerHearsEachOnceAsItIsAtLast() throws Exception {
    for (int i = 0; i < 1000; i++) {
      nodes.add(node("n" + i, MAC, "{\"first\":" + i + ",\"pad\":\"" + "x".repeat(500) + "\"}"));
    }
    Reader reader = listen(ALL);
    nodes.set(999, node("n999", MAC, "{\"second\":999}"));
    Reader other = listen(ALL);
    other.readUntil("{\"second\":999}");
    String text = reader.read();
    assertEquals(1000, text.split("event: status", -1).length - 1);
    assertTrue(text.contains("{\"second\":999}"));
    assertFalse(text.contains("{\"first\":999,"));
  }

  @Test
  void oneNodeAloneIsToldToWhoAsksForIt() {
    nodes.add(node("w1", MAC, "{\"s\":1}"));
    nodes.add(node("w2", OTHER, "{\"s\":2}"));
    Reader reader = listen(new Wish(true, true, Optional.of(OTHER), OptionalLong.empty()));
    tell(MAC, "a", 10);
    tell(OTHER, "a", 20);
    String text = reader.read();
    assertTrue(text.contains("{\"s\":2}") && text.contains("{\"n\":20}"), text);
    assertFalse(text.contains("{\"s\":1}") || text.contains("{\"n\":10}"), text);
  }

  @Test
  void whoMayNotHearAnyMoreIsEnded() throws Exception {
    Reader reader = listen(ALL);
    reader.read();
    mayHear.set(false);
    Thread.sleep(1100);
    tell(MAC, "secret", 1);
    assertTrue(reader.read().contains("the log-in is good no more"));
    assertFalse(reader.text.toString().contains("{\"n\":1}"));
    assertEquals("not-allowed", reader.end);
  }

  @Test
  void thereAreOnlySoManyListenersAndWhoGoesMakesRoom() {
    List<Reader> readers = new ArrayList<>();
    for (int i = 0; i < Live.MOST_LISTENERS; i++) {
      readers.add(listen(ALL));
    }
    assertInstanceOf(Live.Opened.Full.class, live.open(ALL, mayHear::get));
    readers.getFirst().feed.ended();
    readers.getFirst().feed.ended();
    listen(ALL);
    assertInstanceOf(Live.Opened.Full.class, live.open(ALL, mayHear::get));
    assertEquals(2, live.counters().get("refused.listeners"));
  }
}
