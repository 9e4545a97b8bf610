// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.store.Store;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnflushedTest {
  private static final String TEXT = "52:54:00:aa:00:01";
  private static final Mac MAC = Mac.parse(TEXT).orElseThrow();
  private static final Instant START = Instant.parse("2000-01-01T00:00:00Z");
  private static final List<Fact> FACTS =
      List.of(
          fact(0, "power.wanted", "deployment"),
          fact(1, "power.asked", "on"),
          fact(2, "power.told", "on"),
          fact(3, "dhcp.offer", "arch=0"),
          fact(4, "tftp.rrq", "undionly.kpxe"),
          fact(5, "token.minted", "hash-1 salt-1"));

  @TempDir Path folder;

  private NodeState state = NodeState.planned(START);

  private static Fact fact(int second, String kind, String detail) {
    return new Fact(START.plusSeconds(second), TEXT, kind, detail);
  }

  private static NodeState after(List<Fact> facts) {
    NodeState state = NodeState.planned(START);
    for (Fact fact : facts) {
      state = state.after(fact);
    }
    return state;
  }

  private void write(Store store, Unflushed unflushed, List<Fact> more) {
    unflushed.begins(more, _ -> state);
    unflushed.add(store.append(more), more);
    for (Fact fact : more) {
      state = state.after(fact);
    }
  }

  private Unflushed written(Path data, boolean told, boolean flushed) {
    state = NodeState.planned(START);
    Unflushed unflushed = new Unflushed(data.resolve("state"));
    try (Store store = Store.open(data)) {
      write(store, unflushed, FACTS.subList(0, 3));
      unflushed.areTold();
      unflushed.flush();
      unflushed.forget();
      write(store, unflushed, FACTS.subList(3, 5));
      unflushed.areTold();
      write(store, unflushed, FACTS.subList(5, 6));
      if (told) {
        unflushed.areTold();
      }
      if (flushed) {
        unflushed.flush();
      }
    }
    return unflushed;
  }

  @Test
  void whatWasFlushedStaysAndTheStateIsThatOfWhatIsLeft() {
    Set<Integer> lost = new HashSet<>();
    for (int seed = 0; seed < 40; seed++) {
      Path data = folder.resolve("seed-" + seed);
      Unflushed.Left left = written(data, true, false).cut(new Random(seed * 7919L));
      try (Store store = Store.open(data)) {
        List<Fact> there = store.history(TEXT, 100);
        assertEquals(FACTS.subList(0, FACTS.size() - left.lost()), there);
        assertEquals(Map.of(MAC, after(there)), left.states());
        assertEquals(List.of(), left.unheard());
      }
      lost.add(left.lost());
    }
    assertTrue(lost.containsAll(Set.of(1, 2, 3)), lost::toString);
  }

  @Test
  void ofWhatWasFlushedLastNothingIsLostThoughNobodyWasTold() {
    Path data = folder.resolve("flushed");
    Unflushed.Left left = written(data, false, true).cut(new Random(1));
    assertEquals(0, left.lost());
    assertEquals(FACTS.subList(5, 6), left.unheard(), "the simulation hears of it now");
    assertEquals(Map.of(MAC, after(FACTS)), left.states());
  }

  @Test
  void whatIsWrittenAfterACutIsCutFromThere() {
    Path data = folder.resolve("twice");
    Unflushed unflushed = written(data, true, false);
    Unflushed.Left first = unflushed.cut(new Random(3));
    List<Fact> more = List.of(fact(9, "dhcp.offer", "arch=7"));
    try (Store store = Store.open(data)) {
      write(store, unflushed, more);
      unflushed.areTold();
    }
    Unflushed.Left second = unflushed.cut(new Random(4));
    try (Store store = Store.open(data)) {
      assertEquals(
          FACTS.size() - first.lost() + 1 - second.lost(), store.history(TEXT, 100).size());
    }
  }
}
