// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.DecidingFacts;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.MeshKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.operator.AuditEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrunedJournalTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final Keeping TEN_DAYS = new Keeping(Duration.ofDays(10), 1 << 30);
  private static final List<String> KINDS =
      Stream.concat(DecidingFacts.kinds().stream().sorted(), Stream.of("http.request")).toList();

  /** What facts say, as some of it decides which marks they leave. */
  private static final List<String> DETAILS =
      List.of(
          "arch=7 program=FIRMWARE",
          "server=192.0.2.1 address=192.0.2.9",
          "one.efi, 5 blocks",
          "two.efi, 6 blocks",
          "w1: no boot program for architecture 31",
          "GET mirror file that is not there 404 0 bytes",
          "time: the node's clock is 4000 s behind");

  /** A node of the plan, as all but the last machine. */
  private static final int MACHINES = 4;

  @TempDir private Path data = Path.of("");
  private final List<Fact> told = new ArrayList<>();
  private final Random random = new Random(3);

  private static String mac(int machine) {
    return "52:54:00:aa:00:0" + machine;
  }

  private static boolean isKnown(String mac) {
    return !mac.equals(mac(MACHINES - 1));
  }

  private static Instant day(int day) {
    return AT.plus(Duration.ofDays(day));
  }

  private Fact any(Instant at) {
    String kind = KINDS.get(random.nextInt(KINDS.size()));
    String detail =
        random.nextBoolean()
            ? "token-" + random.nextInt(6) + " salt"
            : DETAILS.get(random.nextInt(DETAILS.size()));
    return new Fact(at, mac(random.nextInt(MACHINES)), kind, detail);
  }

  /** A day of a rack, about 60 bytes a fact. */
  private void append(Store store, int day, int facts) {
    List<Fact> group = new ArrayList<>();
    for (int i = 0; i < facts; i++) {
      group.add(any(day(day).plusSeconds(i)));
    }
    store.append(group);
    told.addAll(group);
  }

  private static List<Fact> all(Store store) {
    List<Fact> all = new ArrayList<>();
    store.replay(Set.copyOf(KINDS), all::add);
    return all;
  }

  private static Map<String, NodeState> states(List<Fact> facts) {
    Map<String, NodeState> states = new TreeMap<>();
    for (Fact fact : facts) {
      if (isKnown(fact.mac()) && DecidingFacts.kinds().contains(fact.kind())) {
        states.put(fact.mac(), states.getOrDefault(fact.mac(), NodeState.planned(AT)).after(fact));
      }
    }
    return states;
  }

  /** What is read in any way is one and the same, and nothing that must be there is missing. */
  private void assertHolds(Store store, Instant oldest) {
    List<Fact> kept = all(store);
    assertEquals(states(told), states(kept));
    assertEquals(
        told.stream().filter(fact -> !fact.at().isBefore(oldest)).toList(),
        kept.stream().filter(fact -> !fact.at().isBefore(oldest)).toList());
    assertEquals(kept, store.newest(_ -> true, Integer.MAX_VALUE, Integer.MAX_VALUE));
    for (int machine = 0; machine < MACHINES; machine++) {
      String mac = mac(machine);
      assertEquals(
          kept.stream().filter(fact -> fact.mac().equals(mac)).toList(),
          store.history(mac, Integer.MAX_VALUE));
    }
  }

  private Optional<Store.Pruned> prune(Store store, Keeping keeping, int day) {
    return store.prune(keeping, PrunedJournalTest::isKnown, day(day));
  }

  /** Also of a machine that is in no plan any more, and of the appliance as a whole. */
  @Test
  void theLastOfEachKindOfTheMeshIsKept() {
    try (Store store = Store.open(data)) {
      for (String mac : List.of(mac(0), mac(MACHINES - 1), "")) {
        for (String kind : MeshKind.texts()) {
          store.append(
              List.of(
                  new Fact(day(0), mac, kind, "first " + "x".repeat(400)),
                  new Fact(day(0), mac, kind, "last")));
        }
      }
      assertTrue(store.prune(TEN_DAYS, PrunedJournalTest::isKnown, day(100)).isPresent());
      List<Fact> left = new ArrayList<>();
      store.replay(MeshKind.texts(), left::add);
      assertEquals(3 * MeshKind.texts().size(), left.size());
      assertTrue(left.stream().allMatch(fact -> fact.detail().equals("last")), left::toString);
    }
  }

  /** Or its keys would be good again if it came back into the plan. */
  @Test
  void thatAMachineWasReleasedIsKeptWithItsKeysAlsoWhenItIsInNoPlanAnyMore() {
    String gone = mac(MACHINES - 1);
    try (Store store = Store.open(data)) {
      store.append(
          List.of(
              new Fact(day(0), gone, MeshKind.KEYS.text(), "x".repeat(400)),
              new Fact(day(0), gone, "node.released", "by admin"),
              new Fact(day(0), gone, "noise", "x".repeat(400))));
      assertTrue(store.prune(TEN_DAYS, PrunedJournalTest::isKnown, day(100)).isPresent());
      List<String> left = store.history(gone, Integer.MAX_VALUE).stream().map(Fact::kind).toList();
      assertEquals(List.of(MeshKind.KEYS.text(), "node.released"), left);
    }
  }

  /** A flood of evidence may push out evidence, and never what operators did. */
  @Test
  void whatOperatorsDidStaysForItsTimeHoweverLargeTheJournal() {
    Set<String> kinds = Set.of(AuditEntry.ASKED, AuditEntry.BEGUN);
    try (Store store = Store.open(data)) {
      store.append(
          List.of(
              new Fact(day(0), mac(0), AuditEntry.ASKED, "local socket 00000001 reinstall n"),
              new Fact(day(5), "", AuditEntry.BEGUN, "0123456789abcdef local reinstall"),
              new Fact(day(5), mac(0), AuditEntry.ASKED, "local socket 00000002 reinstall n")));
      for (int day = 5; day < 12; day++) {
        append(store, day, 200);
      }
      assertTrue(prune(store, new Keeping(Duration.ofDays(10), 10_000), 12).isPresent());
      List<Fact> kept = new ArrayList<>();
      store.replay(kinds, kept::add);
      assertEquals(List.of(day(5), day(5)), kept.stream().map(Fact::at).toList());
    }
  }

  @Test
  void everyNodeStandsWhereItStoodAndYoungEvidenceIsWhole() {
    int day = 0;
    for (int round = 0; round < 12; round++) {
      try (Store store = Store.open(data)) {
        for (int i = 0; i < 5; i++) {
          append(store, day++, 200);
        }
        Optional<Store.Pruned> pruned = prune(store, TEN_DAYS, day);
        assertEquals(round >= 2, pruned.isPresent());
        assertHolds(store, day(day - 10));
        append(store, day, 50);
        assertHolds(store, day(day - 10));
      }
      try (Store store = Store.open(data)) {
        assertHolds(store, day(day - 10));
      }
    }
    try (Store store = Store.open(data)) {
      int kept = all(store).size();
      assertTrue(kept < told.size() / 2, kept + " of " + told.size());
    }
  }

  @Test
  void ofAStrangerOnlyWhatIsYoungIsKept() {
    try (Store store = Store.open(data)) {
      append(store, 0, 500);
      append(store, 20, 500);
      Store.Pruned pruned = prune(store, TEN_DAYS, 21).orElseThrow();
      assertEquals(1000 - all(store).size(), pruned.dropped());
      assertTrue(pruned.after() < pruned.before(), pruned::toString);
      List<Fact> ofStranger = store.history(mac(MACHINES - 1), 1000);
      assertFalse(ofStranger.isEmpty());
      // That it was released is kept of every machine, or its place would be good again.
      assertEquals(
          List.of(),
          ofStranger.stream()
              .filter(fact -> fact.at().isBefore(day(19)))
              .filter(fact -> !fact.kind().equals("node.released"))
              .toList());
    }
  }

  @Test
  void anEnrolledMachineThatRestartsForYearsCostsAFewRecords() {
    try (Store store = Store.open(data)) {
      List<String> way =
          List.of("dhcp.offer", "tftp.rrq", "kernel.requested", "report.installed", "enrolled");
      way.forEach(kind -> store.append(List.of(new Fact(AT, mac(0), kind, ""))));
      List<Fact> restarts = new ArrayList<>();
      for (int day = 1; day < 3000; day++) {
        restarts.add(new Fact(day(day), mac(0), "dhcp.offer", ""));
        restarts.add(new Fact(day(day), mac(0), "tftp.rrq", "snponly.efi"));
      }
      store.append(restarts);
      var _ = prune(store, TEN_DAYS, 4000).orElseThrow();
      List<Fact> kept = store.history(mac(0), 10_000);
      assertEquals(way.size() + 1, kept.size(), kept::toString);
      assertEquals(restarts.getLast(), kept.getLast());
    }
  }

  @Test
  void tooMuchEvidenceGoesOldestFirst() {
    try (Store store = Store.open(data)) {
      for (int day = 0; day < 9; day++) {
        append(store, day, 1000);
      }
      long limit = 300_000;
      Store.Pruned pruned = prune(store, new Keeping(Duration.ofDays(10), limit), 9).orElseThrow();
      assertTrue(pruned.before() > 2 * limit, pruned::toString);
      assertTrue(pruned.after() <= limit && pruned.after() > limit / 2, pruned::toString);
      assertHolds(store, pruned.oldest());
      assertTrue(pruned.oldest().isAfter(day(4)), pruned::toString);
    }
  }

  @Test
  void whereNothingIsOldNothingIsWritten() throws IOException {
    try (Store store = Store.open(data)) {
      append(store, 0, 100);
      assertEquals(Optional.empty(), prune(store, TEN_DAYS, 1));
      assertEquals(Optional.empty(), prune(store, TEN_DAYS, 1));
      assertHolds(store, AT);
    }
  }

  private Map<String, byte[]> files() throws IOException {
    try (Stream<Path> there = Files.list(data.resolve("state"))) {
      Map<String, byte[]> files = new HashMap<>();
      for (Path file : there.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
      return files;
    }
  }

  private void put(Map<String, byte[]> files) throws IOException {
    for (String name : files().keySet()) {
      Files.delete(data.resolve("state").resolve(name));
    }
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(data.resolve("state").resolve(file.getKey()), file.getValue());
    }
  }

  @Test
  void aKillAtAnyStepLeavesTheOldJournalOrTheNewOne() throws IOException {
    try (Store store = Store.open(data)) {
      append(store, 0, 100);
      append(store, 20, 100);
      var _ = prune(store, TEN_DAYS, 22).orElseThrow();
      append(store, 30, 300);
    }
    try (Store store = Store.open(data)) {
      append(store, 44, 100);
    }
    Map<String, byte[]> before = files();
    try (Store store = Store.open(data)) {
      var _ = prune(store, TEN_DAYS, 45).orElseThrow();
    }
    Map<String, byte[]> after = files();
    String made =
        after.keySet().stream()
            .filter(name -> name.contains("-") && !before.containsKey(name))
            .collect(Collectors.joining());
    List<String> replaced =
        before.keySet().stream().filter(name -> !after.containsKey(name)).sorted().toList();
    assertEquals(2, replaced.size(), replaced::toString);
    byte[] content = after.getOrDefault(made, new byte[0]);

    for (int size = 0; size <= content.length; size += 1 + content.length / 7) {
      Map<String, byte[]> killed = new HashMap<>(before);
      killed.put("pruned.part", Arrays.copyOf(content, size));
      assertOpens(killed, day(20), before.size());
    }
    for (int deleted = 0; deleted < 4; deleted++) {
      Map<String, byte[]> killed = new HashMap<>(before);
      killed.putAll(after);
      for (int i = 0; i < replaced.size(); i++) {
        if ((deleted >> i & 1) == 1) {
          killed.remove(replaced.get(i));
        }
      }
      assertOpens(killed, day(35), after.size());
    }
  }

  private void assertOpens(Map<String, byte[]> killed, Instant oldest, int files)
      throws IOException {
    put(killed);
    try (Store store = Store.open(data)) {
      assertHolds(store, oldest);
      List<Fact> all = all(store);
      assertTrue(all.size() <= told.size(), "facts: " + all.size());
    }
    assertTrue(files().size() <= files + 1, files().keySet()::toString);
    assertFalse(files().containsKey("pruned.part"));
  }
}
