// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.live.Live;
import foundrybot.appliance.live.Wish;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** {@code GET /api/v1/stream}: server-sent events. */
final class StreamRoutes {
  private static final Set<String> EVENTS = Set.of("status", "fact");
  private static final Pattern PLACE = Pattern.compile("\\d{1,18}|-1");

  private final Fleet fleet;
  private final Live live;
  private final Executor blocking;

  StreamRoutes(Fleet fleet, Live live, Executor blocking) {
    this.fleet = fleet;
    this.live = live;
    this.blocking = blocking;
  }

  /** Nodes as the stream tells of them; that less time is left is no change. */
  static List<Live.Node> nodes(Supplier<FleetStatus> status) {
    return status.get().nodes().stream()
        .map(
            node ->
                new Live.Node(
                    node.name(), node.mac(), node.withoutCountdown(), () -> Answers.bytes(node)))
        .toList();
  }

  /**
   * Whether the stream tells a fact: those of the machines of the rack file, and what operators do.
   * What strangers send is left out, and so is every request of nobody's, since a listener that
   * asks for something at each event would go on for ever.
   */
  static boolean isTold(Fleet fleet, Fact fact) {
    return fact.mac().isEmpty()
        ? AuditEntry.KINDS.contains(fact.kind())
        : Mac.parse(fact.mac()).flatMap(fleet::node).isPresent();
  }

  /** A fact as the stream tells it. */
  static byte[] json(Fact fact) {
    return Answers.bytes(ApiRoutes.event(fact));
  }

  /**
   * Answers with a stream, or says why not.
   *
   * @param mayHear whether the log-in is still good
   */
  CompletionStage<HttpAnswer> open(HttpRequestView request, BooleanSupplier mayHear) {
    Set<String> events =
        request
            .parameter("events")
            .map(text -> Set.copyOf(List.of(text.split(",", 3))))
            .orElse(EVENTS);
    if (!EVENTS.containsAll(events)) {
      return done("events: unknown (expected: status, fact, or both with a comma)\n");
    }
    Optional<String> name = request.parameter("node");
    Optional<Node> node = name.flatMap(fleet::nodeNamed);
    if (name.isPresent() && node.isEmpty()) {
      return done("node: not in the rack file (expected: a name that 'bootserver status' shows)\n");
    }
    Optional<String> last =
        request.header("last-event-id").or(() -> request.parameter("last-event-id"));
    if (last.filter(text -> !PLACE.matcher(text).matches()).isPresent()) {
      return done("Last-Event-ID: unreadable (expected: the id of an event of this stream)\n");
    }
    Wish wish =
        new Wish(
            events.contains("status"),
            events.contains("fact"),
            node.map(n -> n.mac().toString()),
            last.map(text -> OptionalLong.of(Long.parseLong(text))).orElse(OptionalLong.empty()));
    return CompletableFuture.supplyAsync(() -> answer(live.open(wish, mayHear)), blocking);
  }

  private static HttpAnswer answer(Live.Opened opened) {
    return switch (opened) {
      case Live.Opened.Listening(var feed) ->
          HttpAnswer.Stream.of(
              "text/event-stream",
              Map.of("Cache-Control", "no-store", "X-Accel-Buffering", "no"),
              feed,
              "api: stream");
      case Live.Opened.Full() ->
          HttpAnswer.Body.text(
                  503,
                  "stream: "
                      + Live.MOST_LISTENERS
                      + " listeners already (expected: fewer); come again later\n",
                  "api: too many listeners")
              .with(Map.of("Retry-After", "10"));
    };
  }

  private static CompletionStage<HttpAnswer> done(String fault) {
    return CompletableFuture.completedStage(Answers.text(422, fault, "api: no such stream"));
  }
}
