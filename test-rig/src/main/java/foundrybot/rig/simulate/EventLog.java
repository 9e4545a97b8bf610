// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.appliance.lifecycle.Fact;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All that happened, in its order: the facts of the journal, and what machines, BMCs and the
 * network did. Only the end of it is kept, and a digest of all, by which two runs are compared.
 */
final class EventLog {
  private static final int KEPT = 40;

  private final MessageDigest digest;
  private final Deque<String> last = new ArrayDeque<>();
  private final Consumer<String> reader;
  private Optional<Consumer<Fact>> facts = Optional.empty();
  private long events;

  /**
   * Empty.
   *
   * @param reader gets each line
   */
  EventLog(Consumer<String> reader) {
    this.reader = reader;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Who is told of each fact as it becomes durable. */
  void listen(Consumer<Fact> listener) {
    facts = Optional.of(listener);
  }

  void fact(Fact fact) {
    add(fact.at(), "journal", fact.mac() + " " + fact.kind() + " " + fact.detail());
    facts.ifPresent(listener -> listener.accept(fact));
  }

  void note(VirtualTime time, String who, String what) {
    add(time.instant(), who, what);
  }

  private void add(Instant at, String who, String what) {
    String line = at + " " + who + " " + what;
    digest.update(line.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '\n');
    events++;
    last.add(line);
    if (last.size() > KEPT) {
      last.remove();
    }
    reader.accept(line);
  }

  long events() {
    return events;
  }

  /** The newest lines, oldest first. */
  List<String> last() {
    return List.copyOf(last);
  }

  /** SHA-256 of all lines until now. */
  String digest() {
    try {
      return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
    }
  }
}
