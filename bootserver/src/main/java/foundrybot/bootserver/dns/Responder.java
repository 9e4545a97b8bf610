// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.WireObserver;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * From a message to its answer, for UDP and TCP alike: the zone decides, then whether the client is
 * one of ours, then the resolvers.
 */
final class Responder {
  /**
   * Whoever sends from outside may have forged the address that the answer goes to: by UDP it is at
   * most this many times as long as the question, and says by TC that there is more by TCP.
   */
  static final int AMPLIFICATION = 4;

  private static final DnsResponseCode BADVERS = DnsResponseCode.BADVERS_OR_BADSIG;

  private final DnsSettings settings;
  private final Supplier<Zone> zone;
  private final Forwarder forwarder;
  private final WireObserver observer;
  private final Counters counters;

  Responder(
      DnsSettings settings,
      Supplier<Zone> zone,
      Forwarder forwarder,
      WireObserver observer,
      Counters counters) {
    this.settings = settings;
    this.zone = zone;
    this.forwarder = forwarder;
    this.observer = observer;
    this.counters = counters;
  }

  /**
   * Answers one message.
   *
   * @param then called once, at once or later on another thread: empty if nothing is to be said
   */
  void answer(
      byte[] message, InetSocketAddress client, boolean tcp, Consumer<Optional<byte[]>> then) {
    switch (Query.decode(message)) {
      case Query.Decoded.Dropped(String reason) -> {
        malformed(client, reason);
        then.accept(Optional.empty());
      }
      case Query.Decoded.Refused(int id, int flags, DnsResponseCode code, String reason) -> {
        malformed(client, reason);
        then.accept(Optional.of(ReplyWriter.header(id, flags, code)));
      }
      case Query.Decoded.Asked(Query query) -> asked(query, message.length, client, tcp, then);
    }
  }

  private void asked(
      Query query,
      int length,
      InetSocketAddress client,
      boolean tcp,
      Consumer<Optional<byte[]>> then) {
    counters.count(tcp ? "queries.tcp" : "queries.udp");
    boolean local = settings.isLocal(client.getAddress());
    int ours = settings.limits().datagram();
    int stranger = Math.min(Query.SMALLEST, AMPLIFICATION * length);
    int limit = tcp ? ReplyWriter.LARGEST : local ? query.limit(ours) : stranger;
    int available = local && !settings.resolvers().isEmpty() ? Flags.RA : 0;
    if (query.edns().filter(edns -> edns.version() != 0).isPresent()) {
      counters.count("refused.edns-version");
      then.accept(Optional.of(ReplyWriter.empty(query, BADVERS, available, ours)));
      return;
    }
    switch (zone.get().answer(query.question())) {
      case Decision.Answer answer -> {
        counters.count(counter(answer));
        byte[] reply = ReplyWriter.answer(query, answer, Flags.AA | available, limit, ours);
        then.accept(Optional.of(reply));
      }
      case Decision.Refuse(DnsResponseCode code, String reason) ->
          refuse(query, client, code, available, reason, then);
      case Decision.NotOurs _ -> {
        Optional<String> why = whyNotForward(query, local);
        if (why.isPresent()) {
          refuse(query, client, DnsResponseCode.REFUSED, available, why.get(), then);
        } else {
          forward(query, client, limit, then);
        }
      }
    }
  }

  private Optional<String> whyNotForward(Query query, boolean local) {
    if (!local) {
      return Optional.of("not-local");
    }
    if (settings.resolvers().isEmpty()) {
      return Optional.of("no-resolvers");
    }
    return query.recursionDesired() ? Optional.empty() : Optional.of("no-recursion");
  }

  private void forward(
      Query query, InetSocketAddress client, int limit, Consumer<Optional<byte[]>> then) {
    int ours = settings.limits().datagram();
    forwarder.ask(
        query,
        client.getAddress(),
        found -> {
          if (found.isEmpty()) {
            tell("dns.failed", client, query.question() + ": no resolver answered");
          }
          then.accept(
              Optional.of(
                  found
                      .map(f -> f.answer().to(query, f.age(), limit, ours))
                      .orElseGet(
                          () ->
                              ReplyWriter.empty(query, DnsResponseCode.SERVFAIL, Flags.RA, ours))));
        });
  }

  private void refuse(
      Query query,
      InetSocketAddress client,
      DnsResponseCode code,
      int flags,
      String reason,
      Consumer<Optional<byte[]>> then) {
    counters.count("refused." + reason);
    tell("dns.refused", client, query.question() + ": " + reason);
    int ours = settings.limits().datagram();
    then.accept(Optional.of(ReplyWriter.empty(query, code, flags, ours)));
  }

  private static String counter(Decision.Answer answer) {
    if (!answer.code().equals(DnsResponseCode.NOERROR)) {
      return "answered.no-name";
    }
    return answer.answers().isEmpty() ? "answered.no-data" : "answered";
  }

  private void malformed(InetSocketAddress client, String reason) {
    counters.count("malformed." + reason);
    tell("dns.malformed", client, reason);
  }

  private void tell(String kind, InetSocketAddress client, String detail) {
    observer.observed(
        new WireEvent(WireEvent.Protocol.DNS, kind, Optional.empty(), client, detail));
  }
}
