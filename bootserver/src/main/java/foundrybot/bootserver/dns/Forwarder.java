// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.EventLoops;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Asks the site's resolvers, one after the other, beginning with the one that answered last. All of
 * its state belongs to one event loop.
 *
 * <p>Clients with the same question share one exchange: it is cheaper, and many exchanges for one
 * name would make an answer easy to forge (RFC 5452 section 5).
 */
final class Forwarder {
  private static final int IDS = 1 << 16;

  private final DnsSettings settings;
  private final EventLoops loops;
  private final EventLoop loop;
  private final AnswerCache cache;
  private final RandomGenerator random;
  private final Counters counters;
  private final Map<AnswerCache.Key, Forward> forwards = new HashMap<>();
  private final Map<InetAddress, Integer> perPeer = new HashMap<>();
  private int pending;
  private int lastGood;

  Forwarder(
      DnsSettings settings,
      EventLoops loops,
      Clock clock,
      RandomGenerator random,
      Counters counters) {
    this.settings = settings;
    this.loops = loops;
    this.loop = loops.group().next();
    this.cache = new AnswerCache(settings.limits(), clock);
    this.random = random;
    this.counters = counters;
  }

  private record Waiter(InetAddress client, Consumer<Optional<AnswerCache.Found>> then) {}

  /** What is to be told to whom when the question at hand is settled. */
  private static final class Forward {
    private final AnswerCache.Key key;
    private final Octets asked;
    private final List<Waiter> waiters = new ArrayList<>();
    private int resolver;
    private int resolversLeft;

    Forward(AnswerCache.Key key, Octets asked, int resolver, int resolversLeft) {
      this.key = key;
      this.asked = asked;
      this.resolver = resolver;
      this.resolversLeft = resolversLeft;
    }
  }

  /**
   * Finds an answer; any thread may ask.
   *
   * @param then called once, on the forwarder's loop: empty if no resolver had an answer
   */
  void ask(Query query, InetAddress client, Consumer<Optional<AnswerCache.Found>> then) {
    loop.execute(() -> onLoop(query, new Waiter(client, then)));
  }

  private void onLoop(Query query, Waiter waiter) {
    AnswerCache.Key key = AnswerCache.Key.of(query);
    Optional<AnswerCache.Found> found = cache.find(key);
    if (found.isPresent()) {
      counters.count("forward.cached");
      waiter.then().accept(found);
      return;
    }
    if (pending >= settings.limits().pending()
        || perPeer.getOrDefault(waiter.client(), 0) >= settings.limits().pendingPerPeer()) {
      counters.count("forward.too-many");
      waiter.then().accept(Optional.empty());
      return;
    }
    pending++;
    perPeer.merge(waiter.client(), 1, Integer::sum);
    Forward forward = forwards.get(key);
    if (forward != null) {
      counters.count("forward.shared");
      forward.waiters.add(waiter);
      return;
    }
    counters.count("forward.asked");
    int rounds = settings.limits().rounds() * settings.resolvers().size();
    Forward begun = new Forward(key, query.asked(), lastGood, rounds);
    begun.waiters.add(waiter);
    forwards.put(key, begun);
    next(begun, true, false);
  }

  private void next(Forward forward, boolean edns, boolean tcp) {
    InetSocketAddress resolver = settings.resolvers().get(forward.resolver);
    Exchange.Ask ask =
        new Exchange.Ask(
            forward.key,
            forward.asked,
            random.nextInt(IDS),
            tcp,
            edns,
            settings.limits().datagram());
    Duration patience = settings.limits().patience();
    Exchange.begin(
        resolver, ask, patience, loops, loop, counters, answer -> ended(forward, ask, answer));
  }

  private void ended(Forward forward, Exchange.Ask ask, Optional<Relayed> answer) {
    if (answer.isPresent()) {
      Relayed relayed = answer.get();
      boolean oldResolver =
          relayed.code().equals(DnsResponseCode.FORMERR)
              || relayed.code().equals(DnsResponseCode.NOTIMP);
      if (relayed.isTruncated() && !ask.tcp()) {
        counters.count("forward.by-tcp");
        next(forward, ask.edns(), true);
        return;
      }
      if (oldResolver && ask.edns()) {
        // RFC 6891 section 7: it may not know OPT records.
        counters.count("forward.without-edns");
        next(forward, false, ask.tcp());
        return;
      }
      if (relayed.isFinal() && !relayed.isTruncated()) {
        lastGood = forward.resolver;
        cache.keep(forward.key, relayed);
        counters.count("forward.answered");
        settle(forward, Optional.of(new AnswerCache.Found(relayed, Duration.ZERO)));
        return;
      }
      counters.count("forward.refused");
    }
    forward.resolversLeft--;
    forward.resolver = (forward.resolver + 1) % settings.resolvers().size();
    if (forward.resolversLeft > 0) {
      next(forward, true, false);
    } else {
      counters.count("forward.failed");
      settle(forward, Optional.empty());
    }
  }

  private void settle(Forward forward, Optional<AnswerCache.Found> found) {
    forwards.remove(forward.key);
    for (Waiter waiter : forward.waiters) {
      pending--;
      perPeer.computeIfPresent(waiter.client(), (_, number) -> number > 1 ? number - 1 : null);
      waiter.then().accept(found);
    }
  }
}
