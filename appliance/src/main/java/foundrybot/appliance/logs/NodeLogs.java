// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import foundrybot.answerfiles.Mac;
import foundrybot.bootserver.Counters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the machines of the rack file have logged lately: some hundred kilobytes of each, in files.
 * A log is evidence for people; nothing is decided by it, and nobody waits for the disk to say
 * something.
 */
public final class NodeLogs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeLogs.class);

  /** The most lines that can be asked for. */
  public static final int MOST_LINES = 5_000;

  /**
   * Lines that are kept in memory of each node, for whoever looks at all nodes at once: so many of
   * its console, and so many others, as either would crowd out the other.
   */
  public static final int AT_HAND = 8;

  private static final int MOST_WAITING = 8_192;
  private static final Duration KEPT = Duration.ofDays(90);

  private record Waiting(Mac mac, LogLine line) {}

  private final LogFiles files;
  private final InstantSource clock;
  private final BlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Semaphore wake = new Semaphore(0);
  // Only machines of the rack file: bounded by it.
  private final Map<Speaker, Allowance> allowances = new ConcurrentHashMap<>();
  private final KeyBlocks keys = new KeyBlocks();
  private final Map<Mac, List<LogLine>> atHand = new ConcurrentHashMap<>();
  private final Counters counters = new Counters();

  /** Absent where each line is written as it comes. */
  private final Optional<Thread> writer;

  private boolean failing;

  private NodeLogs(LogFiles files, InstantSource clock, boolean driven) {
    this.files = files;
    this.clock = clock;
    this.writer =
        driven
            ? Optional.empty()
            : Optional.of(Thread.ofVirtual().name("node-logs").start(this::write));
  }

  /**
   * Opens the folder, or makes it.
   *
   * @throws IOException if it cannot be had
   */
  public static NodeLogs open(Path folder, InstantSource clock) throws IOException {
    return new NodeLogs(LogFiles.in(folder, clock.instant().minus(KEPT)), clock, false);
  }

  /**
   * The same without a thread of its own: whoever brings a line waits until it is written.
   *
   * @throws IOException if it cannot be had
   */
  public static NodeLogs driven(Path folder, InstantSource clock) throws IOException {
    return new NodeLogs(LogFiles.in(folder, clock.instant().minus(KEPT)), clock, true);
  }

  /**
   * Takes a line of a machine of the rack file, unless it has said too much; returns at once.
   *
   * @param from where it came from, without spaces; its console has an allowance of its own
   * @param text printable, in one line
   * @return whether it was taken
   */
  public boolean add(Mac mac, String from, String text) {
    if (text.isBlank()) {
      counters.count("empty");
      return false;
    }
    Instant now = clock.instant();
    Speaker speaker = new Speaker(mac, from.equals(LogLine.CONSOLE));
    // Also of a line that is dropped: with it a key may begin.
    boolean hidden = keys.hides(speaker, text);
    Allowance allowance = allowances.computeIfAbsent(speaker, _ -> new Allowance());
    if (!allowance.admits(text.getBytes(UTF_8).length + 64, now.toEpochMilli())) {
      counters.count("dropped-machine-too-loud");
      return false;
    }
    String masked = hidden ? Secrets.MASK : Secrets.masked(text);
    boolean taken = waiting.offer(new Waiting(mac, new LogLine(now, from, masked)));
    if (taken) {
      told();
    } else {
      counters.count("dropped-disk-too-slow");
    }
    return taken;
  }

  private void told() {
    if (writer.isPresent()) {
      wake.release();
    } else {
      flush();
    }
  }

  private void write() {
    try {
      while (true) {
        wake.acquire();
        wake.drainPermits();
        flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Writes what waits. */
  private synchronized void flush() {
    List<Waiting> taken = new ArrayList<>();
    waiting.drainTo(taken);
    Map<Mac, List<LogLine>> byNode = new LinkedHashMap<>();
    taken.forEach(one -> byNode.computeIfAbsent(one.mac(), _ -> new ArrayList<>()).add(one.line()));
    byNode.forEach(this::write);
  }

  private void write(Mac mac, List<LogLine> lines) {
    List<LogLine> all = new ArrayList<>(lastOf(mac));
    Instant last = all.isEmpty() ? Instant.EPOCH : all.getLast().at();
    List<LogLine> stamped = new ArrayList<>();
    for (LogLine line : lines) {
      Instant next = last.plus(1, ChronoUnit.MICROS);
      Instant at = line.at().truncatedTo(ChronoUnit.MICROS);
      last = at.isBefore(next) ? next : at;
      stamped.add(new LogLine(last, line.from(), line.text()));
    }
    all.addAll(stamped);
    atHand.put(mac, newest(all));
    try {
      files.append(mac, stamped);
      failing = false;
    } catch (IOException e) {
      counters.count("not-written");
      if (!failing) {
        LOG.warn("logs of nodes cannot be written, is the disk full? reason={}", e.toString());
      }
      failing = true;
    }
  }

  /** Those in memory; of a node that has said nothing since the start those of its files. */
  private List<LogLine> lastOf(Mac mac) {
    return atHand.computeIfAbsent(mac, _ -> newest(read(mac, MOST_LINES)));
  }

  private static List<LogLine> newest(List<LogLine> all) {
    long console = all.stream().filter(LogLine::isConsole).count() - AT_HAND;
    long others = all.stream().filter(line -> !line.isConsole()).count() - AT_HAND;
    List<LogLine> kept = new ArrayList<>();
    for (LogLine line : all) {
      if ((line.isConsole() ? console-- : others--) <= 0) {
        kept.add(line);
      }
    }
    return List.copyOf(kept);
  }

  private List<LogLine> read(Mac mac, int most) {
    try {
      return files.tail(mac, most);
    } catch (IOException e) {
      LOG.warn("log of {} cannot be read reason={}", mac, e.toString());
      return List.of();
    }
  }

  /**
   * The last lines of a node, the oldest of them first, with all that was taken before; reads
   * files.
   *
   * @param lines 1 or more
   */
  public synchronized List<LogLine> tail(Mac mac, int lines) {
    flush();
    return read(mac, Math.min(lines, MOST_LINES));
  }

  /** Those that came after that moment, at most as many, the oldest of them first. */
  public List<LogLine> after(Mac mac, Instant moment, int lines) {
    List<LogLine> later =
        tail(mac, MOST_LINES).stream().filter(line -> line.at().isAfter(moment)).toList();
    return later.subList(Math.max(0, later.size() - lines), later.size());
  }

  /**
   * The last {@link #AT_HAND} lines at most of its console, and of the others; reads a file only
   * once for each node.
   */
  public List<LogLine> atHand(Mac mac) {
    return lastOf(mac);
  }

  /** What was not written, and why; each reason and its number. */
  public Map<String, Long> counters() {
    return counters.snapshot();
  }

  /** Writes what still waits. */
  @Override
  public void close() {
    writer.ifPresent(Thread::interrupt);
    flush();
  }
}
