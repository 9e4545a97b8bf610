// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import foundrybot.bootserver.EventLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A closed loop of transfers: as soon as one has ended, the next begins. */
final class TftpLoad {
  /** Transfers that are under way at the end may finish; a loop without an end may not. */
  private static final double GRACE = 30;

  private static final int MOST_FAILURES = 100;
  private static final long SEED = 88_172_645L;

  private final Order.Tftp order;
  private final EventLoop loop;
  private final TftpFetch.Plan plan;
  private final Samples times = new Samples();
  private final CompletableFuture<LoadResult> result = new CompletableFuture<>();
  private final long begin = System.nanoTime();
  private int running;
  private int started;
  private long done;
  private long failed;
  private String trouble = "";

  private TftpLoad(Order.Tftp order, EventLoops loops) {
    this.order = order;
    this.loop = loops.group().next();
    this.plan =
        new TftpFetch.Plan(
            loops,
            order.target().at(order.target().ports().tftp()),
            reference(order.reference()),
            order,
            new SplittableRandom(SEED));
  }

  /** The file that what comes is compared with, outside the heap, where packets are. */
  static ByteBuf reference(String file) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of(file));
      // Nobody knows when the last packet is compared, so its end is the collector's business.
      return Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": no reference to compare with", e);
    }
  }

  /** Runs it to its end. */
  static LoadResult run(Order.Tftp order, EventLoops loops) {
    TftpLoad load = new TftpLoad(order, loops);
    load.loop.execute(
        () -> {
          for (int i = 0; i < order.inFlight(); i++) {
            load.next();
          }
        });
    var _ =
        load.loop.schedule(
            load::finish, (long) ((order.seconds() + GRACE) * 1000), TimeUnit.MILLISECONDS);
    return load.result.join();
  }

  private double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }

  private void next() {
    running++;
    long start = System.nanoTime();
    TftpFetch.start(
        plan,
        order.file(),
        order.target().client(started++),
        problem -> {
          running--;
          if (problem.isEmpty()) {
            done++;
            times.add(System.nanoTime() - start);
          } else {
            failed++;
            trouble = trouble.isEmpty() ? problem : trouble;
          }
          if (seconds() < order.seconds() && failed < MOST_FAILURES) {
            // Not at once: a server that refuses everything would be a recursion without end.
            loop.execute(this::next);
          } else if (running == 0) {
            finish();
          }
        });
  }

  private void finish() {
    result.complete(
        LoadResult.of(done, failed + running, plan.bytes(), seconds(), times, trouble)
            .with(
                Map.of(
                    "repeated", (double) plan.repeated(),
                    "timeouts", (double) plan.timeouts(),
                    "window", (double) plan.window())));
  }
}
