// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** One listener: what it has heard already, as places in what all share. */
final class Listener implements Audience.Member {
  /** How often it is asked whether it may hear at all. */
  private static final long ASKING_NANOS = Duration.ofSeconds(1).toNanos();

  private static final byte[] GAP =
      Frames.event(
          "gap",
          Live.json("{\"why\":\"facts are left out here; GET /api/v1/events has what there is\"}"));
  private static final byte[] TOO_SLOW =
      Frames.event("dropped", Live.json("{\"why\":\"too slow: come again with Last-Event-ID\"}"));
  private static final byte[] NOT_ALLOWED =
      Frames.event("dropped", Live.json("{\"why\":\"the log-in is good no more\"}"));

  private final Live live;
  private final Wish wish;
  private final BooleanSupplier mayHear;
  private final Deque<Placed> missed = new ArrayDeque<>();
  private long factHeard;
  private long statusHeard;
  private ByteArrayOutputStream piece = new ByteArrayOutputStream();
  private byte[] rest = new byte[0];
  private long askedAt = System.nanoTime();
  private Optional<String> over = Optional.empty();
  private volatile Runnable ready = () -> {};

  Listener(Live live, Wish wish, BooleanSupplier mayHear) {
    this.live = live;
    this.wish = wish;
    this.mayHear = mayHear;
  }

  /** Before the client is told anything. */
  void missed(Live.Missed before) {
    factHeard = before.place();
    // Who is cut off once more before it has heard all of this must not go on after it.
    long known =
        before.whole() && wish.after().isPresent()
            ? wish.after().getAsLong()
            : before.facts().isEmpty() ? factHeard : before.facts().getFirst().order() - 1;
    missed.add(new Placed(known, "", Frames.opening(known)));
    if (!before.whole()) {
      missed.add(new Placed(known, "", GAP));
    }
    missed.addAll(before.facts());
  }

  boolean wantsStatus() {
    return wish.status();
  }

  @Override
  public void wake() {
    ready.run();
  }

  @Override
  public void begin(Runnable ready) {
    this.ready = ready;
  }

  @Override
  public Next next() {
    if (rest.length == 0) {
      if (over.isPresent()) {
        return new Next.End(over.get());
      }
      if (isShutOut()) {
        over = Optional.of("not-allowed");
        piece.writeBytes(NOT_ALLOWED);
      } else {
        over = live.fill(this);
      }
      rest = piece.toByteArray();
      piece = new ByteArrayOutputStream();
    }
    if (rest.length == 0) {
      return over.<Next>map(Next.End::new).orElseGet(Next.Nothing::new);
    }
    byte[] now = rest.length > MOST_BYTES ? Arrays.copyOf(rest, MOST_BYTES) : rest;
    rest = Arrays.copyOfRange(rest, now.length, rest.length);
    return new Next.Bytes(now);
  }

  private boolean isShutOut() {
    if (System.nanoTime() - askedAt < ASKING_NANOS) {
      return false;
    }
    askedAt = System.nanoTime();
    return !mayHear.getAsBoolean();
  }

  /** With the shared ones held still; tells why this was the last piece. */
  Optional<String> fillFrom(Ring ring, Board board) {
    while (!missed.isEmpty() && hasRoom()) {
      piece.writeBytes(missed.removeFirst().frame());
    }
    if (!missed.isEmpty()) {
      return Optional.empty();
    }
    if (wish.facts() && ring.hasLost(factHeard)) {
      piece.writeBytes(TOO_SLOW);
      return Optional.of("too-slow");
    }
    if (wish.facts()) {
      for (Placed fact : ring.after(factHeard)) {
        if (!hasRoom()) {
          return Optional.empty();
        }
        factHeard = fact.order();
        write(fact);
      }
    }
    if (wish.status()) {
      for (Placed node : board.after(statusHeard)) {
        if (!hasRoom()) {
          return Optional.empty();
        }
        statusHeard = node.order();
        write(node);
      }
    }
    return Optional.empty();
  }

  private void write(Placed one) {
    if (wish.isOf(one.mac())) {
      piece.writeBytes(one.frame());
    }
  }

  private boolean hasRoom() {
    return piece.size() < MOST_BYTES / 2;
  }

  @Override
  public byte[] pulse() {
    return Frames.PULSE;
  }

  @Override
  public void ended() {
    live.left(this, over.orElse("client-gone"));
  }
}
