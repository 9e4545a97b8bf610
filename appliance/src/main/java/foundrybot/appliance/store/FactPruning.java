// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.DecidingFacts;
import foundrybot.appliance.operator.AuditEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Which facts of some files are kept, and the one smaller file that is made of these. */
final class FactPruning {
  private static final long HOUR = Duration.ofHours(1).toSeconds();

  /** Less than one in so many to be dropped is not worth writing a file. */
  private static final int WORTH = 10;

  private final List<Path> files;
  private final Keeping keeping;
  private final BitSet deciding;
  private final long oldestHour;
  private int facts;
  private long bytes;
  private long keptBytes;

  /** Reads the files and decides; what is appended to them meanwhile may be left out. */
  FactPruning(Collection<Path> files, Keeping keeping, Predicate<String> known, Instant now)
      throws IOException {
    this.files = List.copyOf(files);
    this.keeping = keeping;
    DecidingFacts decided = new DecidingFacts(known);
    BitSet ofOperators = new BitSet();
    long youngest = hour(now.minus(keeping.evidence()));
    each(
        (place, _, entry) -> {
          decided.see(place, entry.fact());
          // Only operators make these, so no flood of others may crowd them out.
          boolean kept = AuditEntry.ofOperator(entry.fact()) && hour(entry.fact().at()) >= youngest;
          ofOperators.set(place, kept);
        });
    this.deciding = decided.places();
    deciding.or(ofOperators);
    NavigableMap<Long, Long> evidence = new TreeMap<>();
    each(
        (place, size, entry) -> {
          facts = place + 1;
          bytes += size;
          if (deciding.get(place)) {
            keptBytes += size;
          } else {
            evidence.merge(hour(entry.fact().at()), (long) size, Long::sum);
          }
        });
    long oldest = youngest;
    for (Map.Entry<Long, Long> hour : evidence.descendingMap().entrySet()) {
      if (hour.getKey() < oldest) {
        break;
      }
      if (keptBytes + hour.getValue() > keeping.bytes()) {
        oldest = hour.getKey() + 1;
        break;
      }
      keptBytes += hour.getValue();
    }
    this.oldestHour = oldest;
  }

  private static long hour(Instant at) {
    return Math.floorDiv(at.getEpochSecond(), HOUR);
  }

  /** Gets each record with its place among all, and the bytes that it takes in a file. */
  private interface Visitor {
    void record(int place, int size, FactEntry entry) throws IOException;
  }

  private void each(Visitor visitor) throws IOException {
    int[] place = {0};
    for (Path file : files) {
      LogFile.scan(
          file,
          (payload, _) -> {
            int size = LogFile.sizeOf(payload);
            visitor.record(place[0]++, size, FactEntry.of(payload));
          });
    }
  }

  /** Whether there is enough to drop. */
  boolean isWorthIt() {
    long dropped = bytes - keptBytes;
    return dropped > 0 && (dropped * WORTH >= bytes || bytes > keeping.bytes());
  }

  int facts() {
    return facts;
  }

  long bytes() {
    return bytes;
  }

  /** Evidence of before that is dropped. */
  Instant oldest() {
    return Instant.ofEpochSecond(oldestHour * HOUR);
  }

  /**
   * The facts that were kept.
   *
   * @param newest position of the newest of each machine
   * @param last position of the last of all
   */
  record Kept(int facts, long bytes, Map<String, Long> newest, long last) {}

  /**
   * Writes what is kept into an empty file, durably, with links that hold there.
   *
   * @param begin the position that its first record gets
   */
  Kept write(LogFile out, long begin) throws IOException {
    Map<String, Long> newest = new HashMap<>();
    int[] count = {0};
    long[] last = {FactEntry.NONE};
    each(
        (place, _, entry) -> {
          if (!deciding.get(place) && hour(entry.fact().at()) < oldestHour) {
            return;
          }
          long position = begin + out.end();
          Long before = newest.put(entry.fact().mac(), position);
          long link = before == null ? FactEntry.NONE : before;
          out.add(new FactEntry(last[0], link, entry.fact())::putInto);
          last[0] = position;
          count[0]++;
        });
    out.write();
    out.force();
    return new Kept(count[0], out.end(), Map.copyOf(newest), last[0]);
  }
}
