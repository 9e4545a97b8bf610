// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import foundrybot.bootserver.EventLoops;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** A closed loop of GETs on a number of connections. */
final class HttpLoad {
  private static final int MOST_FAILURES = 100;
  private static final double GRACE = 20;

  private final Order.Http order;
  private final EventLoops loops;
  private final EventLoop loop;
  private final Optional<SslContext> tls;
  private final Samples times = new Samples();
  private final CompletableFuture<LoadResult> result = new CompletableFuture<>();
  private final long begin = System.nanoTime();
  private int running;
  private int requests;
  private long done;
  private long failed;
  private long bytes;
  private String trouble = "";

  private HttpLoad(Order.Http order, EventLoops loops) {
    this.order = order;
    this.loops = loops;
    this.loop = loops.group().next();
    this.tls = order.tls() ? Optional.of(anyCertificate()) : Optional.empty();
  }

  private static SslContext anyCertificate() {
    try {
      // A load on a server that the bench itself has started: whose it is need not be proven.
      return SslContextBuilder.forClient()
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .sessionCacheSize(1)
          .sessionTimeout(1)
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException("no TLS for the load", e);
    }
  }

  /** Runs it to its end. */
  static LoadResult run(Order.Http order, EventLoops loops) {
    HttpLoad load = new HttpLoad(order, loops);
    load.loop.execute(
        () -> {
          for (int i = 0; i < order.connections(); i++) {
            load.open();
          }
        });
    var _ =
        load.loop.schedule(
            load::finish, (long) ((order.seconds() + GRACE) * 1000), TimeUnit.MILLISECONDS);
    return load.result.join();
  }

  /** The body of one GET. */
  static LoadResult fetch(Order.Fetch order, EventLoops loops) {
    CompletableFuture<LoadResult> result = new CompletableFuture<>();
    HttpFetch.open(
        loops,
        order.target().at(order.target().ports().http()),
        order.target().client(0),
        Optional.empty(),
        new HttpFetch.Owner() {
          @Override
          public void connected(HttpFetch fetch) {
            fetch.get(order.path(), true, true);
          }

          @Override
          public void answered(HttpFetch fetch, HttpFetch.Answer answer) {
            fetch.close();
            boolean good = answer.status() == 200;
            LoadResult one =
                LoadResult.of(
                    good ? 1 : 0,
                    good ? 0 : 1,
                    answer.bytes(),
                    0,
                    new Samples(),
                    good ? "" : "status " + answer.status());
            result.complete(one.withBody(answer.body()));
          }

          @Override
          public void failed(HttpFetch fetch, String problem) {
            result.complete(LoadResult.of(0, 1, 0, 0, new Samples(), problem));
          }
        });
    return result.orTimeout(30, TimeUnit.SECONDS).join();
  }

  private double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }

  private void open() {
    running++;
    HttpFetch.open(
        loops,
        order.target().at(order.tls() ? order.target().ports().https() : httpPort()),
        order.target().client(requests),
        tls,
        new Client());
  }

  private int httpPort() {
    return order.target().ports().http();
  }

  private String path() {
    int node = requests++ % Math.max(1, order.nodes());
    return order.path().contains("{mac}")
        ? order.path().replace("{mac}", PxePacket.mac(node, '-'))
        : order.path();
  }

  private void finish() {
    result.complete(LoadResult.of(done, failed + running, bytes, seconds(), times, trouble));
  }

  /** What one connection does. */
  private final class Client implements HttpFetch.Owner {
    // Where each request opens a connection, that is a part of its time.
    private long begun = System.nanoTime();

    @Override
    public void connected(HttpFetch fetch) {
      fetch.get(path(), false, !order.keepAlive());
    }

    @Override
    public void answered(HttpFetch fetch, HttpFetch.Answer answer) {
      long now = System.nanoTime();
      if (answer.status() == 200 && (order.bytes() < 0 || order.bytes() == answer.bytes())) {
        done++;
        bytes += answer.bytes();
        times.add(now - begun);
      } else {
        count("status " + answer.status() + ", " + answer.bytes() + " bytes");
      }
      if (goesOn() && order.keepAlive() && !fetch.isClosing()) {
        begun = now;
        fetch.get(path(), false, false);
        return;
      }
      fetch.close();
      end();
    }

    @Override
    public void failed(HttpFetch fetch, String problem) {
      count(problem);
      end();
    }

    private void count(String problem) {
      failed++;
      trouble = trouble.isEmpty() ? problem : trouble;
    }

    private boolean goesOn() {
      return seconds() < order.seconds() && failed < MOST_FAILURES;
    }

    private void end() {
      running--;
      if (goesOn()) {
        loop.execute(HttpLoad.this::open);
      } else if (running == 0) {
        finish();
      }
    }
  }
}
