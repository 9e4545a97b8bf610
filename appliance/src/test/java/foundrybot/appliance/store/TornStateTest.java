// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.store.Store.LeaseRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a kill, a lost power and a bad disk leave behind. */
class TornStateTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00.000001Z");

  @TempDir private Path data = Path.of("");

  private static String mac(int machine) {
    return "52:54:00:aa:00:0" + machine;
  }

  private static Fact fact(int number) {
    return new Fact(AT.plusMillis(number), mac(number % 3), "kind", "number " + number + " ä");
  }

  private static LeaseRow lease(int number) {
    return new LeaseRow("10.0.0." + number, mac(number % 3), AT.plusSeconds(number), "BOUND");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("state"))) {
      return files.sorted().toList();
    }
  }

  private Path facts() throws IOException {
    return files().stream().filter(f -> f.toString().endsWith(".facts")).toList().getLast();
  }

  private List<Fact> all() {
    List<Fact> all = new ArrayList<>();
    try (Store store = Store.open(data)) {
      store.replay(Set.of("kind"), all::add);
      assertEquals(all, store.newest(_ -> true, Integer.MAX_VALUE, Integer.MAX_VALUE));
      for (int machine = 0; machine < 3; machine++) {
        String mac = mac(machine);
        assertEquals(
            all.stream().filter(fact -> fact.mac().equals(mac)).toList(),
            store.history(mac, Integer.MAX_VALUE));
      }
    }
    return all;
  }

  private void append(int number) {
    try (Store store = Store.open(data)) {
      store.append(List.of(fact(number)));
    }
  }

  @Test
  void aRecordThatIsTornAtAnyByteIsCutOffAndWhatComesNextIsReadBack() throws IOException {
    append(0);
    append(1);
    byte[] two = Files.readAllBytes(facts());
    append(2);
    byte[] three = Files.readAllBytes(facts());
    for (int size = two.length; size < three.length; size++) {
      Files.write(facts(), Arrays.copyOf(three, size));
      assertEquals(List.of(fact(0), fact(1)), all(), "cut at " + size);
      append(3);
      assertEquals(List.of(fact(0), fact(1), fact(3)), all(), "appended at " + size);
    }
  }

  @Test
  void zerosAndNoiseAfterTheLastRecordAreNoRecords() throws IOException {
    append(0);
    byte[] good = Files.readAllBytes(facts());
    byte[] noise = new byte[5000];
    for (int i = 0; i < 100; i++) {
      byte[] bad = Arrays.copyOf(good, good.length + noise.length);
      if (i > 0) {
        new SplittableRandom(i).nextBytes(noise);
        System.arraycopy(noise, 0, bad, good.length, noise.length);
      }
      Files.write(facts(), bad);
      assertEquals(List.of(fact(0)), all(), "seed " + i);
    }
  }

  @Test
  void aBitThatTurnedIsNeverReadAsAFact() throws IOException {
    append(0);
    byte[] one = Files.readAllBytes(facts());
    append(1);
    byte[] two = Files.readAllBytes(facts());
    for (int at = one.length; at < two.length; at++) {
      byte[] bad = two.clone();
      bad[at] ^= (byte) (1 << at % 8);
      Files.write(facts(), bad);
      assertEquals(List.of(fact(0)), all(), "byte " + at);
    }
  }

  @Test
  void manyFilesAreReadAsOne() throws IOException {
    int facts = 300_000;
    try (Store store = Store.open(data)) {
      for (int i = 0; i < facts; i += 1000) {
        List<Fact> group = new ArrayList<>();
        for (int k = i; k < i + 1000; k++) {
          group.add(fact(k));
        }
        store.append(group);
      }
      assertEquals(
          List.of(fact(facts - 6), fact(facts - 3)), store.history(mac((facts - 3) % 3), 2));
    }
    assertTrue(files().stream().filter(f -> f.toString().endsWith(".facts")).count() > 1);
    List<Fact> all = all();
    assertEquals(facts, all.size());
    for (int i = 0; i < facts; i++) {
      assertEquals(fact(i), all.get(i));
    }

    Path first = files().getFirst();
    byte[] bytes = Files.readAllBytes(first);
    bytes[bytes.length / 2] ^= 1;
    Files.write(first, bytes);
    StoreException damaged = assertThrows(StoreException.class, () -> Store.open(data));
    assertTrue(
        String.valueOf(damaged.getMessage()).contains(first.getFileName() + " is damaged at byte "),
        damaged.getMessage());
  }

  @Test
  void leasesAreTheLastWordOnEachAddressAlsoAfterTheFileWasWrittenAnew() throws IOException {
    Path file = data.resolve("state").resolve("leases");
    long most = 0;
    for (int round = 0; round < 3; round++) {
      try (Store store = Store.open(data)) {
        for (int i = 0; i < 200; i++) {
          List<LeaseRow> group = new ArrayList<>();
          for (int k = 0; k < 200; k++) {
            group.add(
                new LeaseRow(
                    lease(k).address(), mac(k % 3), AT.plusSeconds(1000L * round + i), "BOUND"));
          }
          store.save(group);
          most = Math.max(most, Files.size(file));
        }
        store.save(List.of(lease(7)));
      }
      Files.write(file, new byte[] {0, 0, 0, 9, 1, 2}, StandardOpenOption.APPEND);
      try (Store store = Store.open(data)) {
        List<LeaseRow> kept = store.leases();
        assertEquals(200, kept.size());
        assertTrue(kept.contains(lease(7)), kept::toString);
        assertEquals(
            199, kept.stream().filter(r -> r.expires().isAfter(AT.plusSeconds(100))).count());
      }
    }
    assertTrue(most < 2 << 20, "the file grew to " + most);
  }

  @Test
  void aSecondOneIsRefusedWhileTheFirstIsOpen() {
    try (Store _ = Store.open(data)) {
      StoreException refused = assertThrows(StoreException.class, () -> Store.open(data));
      assertEquals(
          data.resolve("state.lock")
              + ": in use by another appliance; stop that one or give another --data",
          refused.getMessage());
    }
    Store.open(data).close();
  }
}
