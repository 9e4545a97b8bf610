// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static java.util.stream.Collectors.joining;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.TpmRule;
import foundrybot.answerfiles.WebhookSettings;
import foundrybot.appliance.Audit.Attempt;
import foundrybot.appliance.LogIns.LogIn;
import foundrybot.appliance.LogIns.Way;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Identity;
import foundrybot.appliance.logs.NodeLogs;
import foundrybot.appliance.mesh.CertificateDesk;
import foundrybot.appliance.mesh.MeshDesk;
import foundrybot.appliance.mesh.Verdict;
import foundrybot.appliance.notify.Couriers;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.operator.Operator;
import foundrybot.appliance.operator.Scope;
import foundrybot.appliance.power.Begun;
import foundrybot.appliance.store.Store;
import foundrybot.appliance.store.StoreException;
import foundrybot.appliance.tpm.EkHash;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import foundrybot.images.BuildException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask; each route needs a log-in, and a scope that covers that of {@link ApiRoute}.
 */
final class ApiRoutes {
  /** One line of {@code bootserver events}. */
  record Event(String at, String mac, String kind, String detail) {}

  /** One line of {@code bootserver logs}. */
  record Logged(String at, String from, String text) {}

  private static final int MAX_EVENTS = 5_000;

  /** Lines of a log for who asks for no number. */
  private static final int USUAL_LINES = 100;

  /** How far back strangers are looked for among the facts of all machines. */
  private static final int MAX_LOOKED_AT = 200_000;

  private static final Pattern UUID_OR_NONE =
      Pattern.compile("([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})?");

  private static final int MAX_BODY = 64 * 1024;

  /** Parameters that are {@code yes} or not there. */
  private static final List<String> FLAGS = List.of("by-hand", "force", "quick", "keep-on");

  /** What a command says of itself: nothing that reads as another line of the audit log. */
  private static final Pattern TOLD = Pattern.compile("[a-zA-Z0-9 ./:?-]{1,120}");

  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");

  private static final Pattern KEEP = Pattern.compile("[1-9][0-9]{0,3}");

  private static final Pattern ROLE = Pattern.compile("[a-z0-9-]{1,63}");

  /**
   * Who asks, and from where.
   *
   * @param from an address, or {@code socket}
   * @param still whether it would be let in again
   */
  private record Caller(Operator operator, String from, BooleanSupplier still) {}

  private final Fleet fleet;
  private final Store store;
  private final FlightRecorder recorder;
  private final Supplier<FleetStatus> status;
  private final StreamRoutes stream;
  private final MetricsPage metrics;
  private final DeployRoutes deploy;
  private final PowerRoutes power;
  private final BootMedia media;
  private final TokenDesk desk;
  private final Arming arming;
  private final Holds holds;
  private final Releases releases;
  private final Couriers couriers;
  private final Commands commands;
  private final MeshDesk mesh;
  private final Optional<CertificateDesk> certificates;
  private final NodeLogs logs;
  private final Reports reports;
  private final HardwareReports hardware;
  private final Audit audit;
  private final OperatorTokens operators;
  private final LogIns logIns;
  private final OperatorLimits limits;
  private final InstantSource clock;
  private final Executor blocking;

  ApiRoutes(
      Fleet fleet,
      Store store,
      FlightRecorder recorder,
      Supplier<FleetStatus> status,
      StreamRoutes stream,
      MetricsPage metrics,
      DeployRoutes deploy,
      PowerRoutes power,
      Holds holds,
      Releases releases,
      Couriers couriers,
      Commands commands,
      BootMedia media,
      TokenDesk desk,
      MeshDesk mesh,
      Optional<CertificateDesk> certificates,
      NodeLogs logs,
      Reports reports,
      HardwareReports hardware,
      Audit audit,
      OperatorTokens operators,
      LogIns logIns,
      OperatorLimits limits,
      InstantSource clock,
      Executor blocking) {
    this.fleet = fleet;
    this.store = store;
    this.recorder = recorder;
    this.status = status;
    this.stream = stream;
    this.metrics = metrics;
    this.deploy = deploy;
    this.power = power;
    this.media = media;
    this.desk = desk;
    this.holds = holds;
    this.releases = releases;
    this.couriers = couriers;
    this.commands = commands;
    this.arming = new Arming(fleet, recorder, desk, clock);
    this.mesh = mesh;
    this.certificates = certificates;
    this.logs = logs;
    this.reports = reports;
    this.hardware = hardware;
    this.audit = audit;
    this.operators = operators;
    this.logIns = logIns;
    this.limits = limits;
    this.clock = clock;
    this.blocking = blocking;
  }

  /**
   * Answers an operator.
   *
   * @param path what follows {@code /api/}
   * @param way how the request came
   */
  CompletionStage<HttpAnswer> handle(HttpRequestView request, List<String> path, Way way) {
    return switch (logIns.of(request, way)) {
      case LogIn.In(Operator operator) ->
          spent(operator, request, way)
              .map(spent -> done(tooMuch(spent)))
              .orElseGet(
                  () ->
                      handle(
                          request,
                          path,
                          new Caller(
                              operator,
                              from(request, way),
                              () -> logIns.look(request, way).equals(new LogIn.In(operator)))));
      case LogIn.Out out -> done(refused(out, from(request, way)));
    };
  }

  /** Whoever comes by the socket file could as well stop the appliance. */
  private Optional<OperatorLimits.Spent> spent(
      Operator operator, HttpRequestView request, Way way) {
    return way instanceof Way.Socket
        ? Optional.empty()
        : limits.spend(operator, from(request, way), OperatorLimits.Kind.of(request));
  }

  private static HttpAnswer tooMuch(OperatorLimits.Spent spent) {
    return HttpAnswer.Body.text(429, spent.text() + "\n", "api: beyond the operator's budget")
        .with(Map.of("Retry-After", spent.seconds()));
  }

  /** By the socket file, from a user of this machine; there is nothing else. */
  CompletionStage<HttpAnswer> ofUser(HttpRequestView request, int user) {
    List<String> path = ApiRoute.path(request.path());
    return path.getFirst().equals("api")
        ? handle(request, path.subList(1, path.size()), new Way.Socket(user))
        : done(Answers.notFound("api: no such path"));
  }

  /**
   * For an operator whom the page has let in, and whose budget it has asked.
   *
   * @param path what follows {@code /api/}
   */
  CompletionStage<HttpAnswer> as(
      Operator operator, String from, HttpRequestView request, List<String> path) {
    return handle(request, path, new Caller(operator, from, () -> isStill(operator)));
  }

  private boolean isStill(Operator operator) {
    String scope = operator.scope().toString();
    return operator.equals(Operator.LOCAL)
        || operators.list().stream()
            .anyMatch(one -> one.name().equals(operator.name()) && one.scope().equals(scope));
  }

  private static String from(HttpRequestView request, Way way) {
    return way instanceof Way.Socket ? "socket" : request.peer().getAddress().getHostAddress();
  }

  private HttpAnswer refused(LogIn.Out out, String from) {
    audit.refused(out.why(), Optional.empty(), AuditEntry.NOBODY, from, "");
    return HttpAnswer.Body.text(out.status(), out.text(), "api: not the operator")
        .with(
            switch (out.status()) {
              case 401 -> Map.of("WWW-Authenticate", "Bearer");
              case 429 -> Map.of("Retry-After", LogIns.RETRY_AFTER);
              default -> Map.of();
            });
  }

  private CompletionStage<HttpAnswer> handle(
      HttpRequestView request, List<String> path, Caller caller) {
    Optional<ApiRoute.Found> found = ApiRoute.of(request.method(), path);
    if (found.isEmpty()) {
      return done(Answers.notFound("api: no such path"));
    }
    ApiRoute route = found.get().route();
    if (!caller.operator().scope().covers(route.scope())) {
      audit.refused(
          Attempt.SCOPE, Optional.empty(), caller.operator().name(), caller.from(), route.word());
      return done(
          Answers.text(
              403,
              "scope: "
                  + caller.operator().scope()
                  + " (expected: "
                  + route.scope()
                  + "); ask who administers the appliance\n",
              "api: beyond the scope"));
    }
    Optional<Node> node =
        route.ofNode() ? fleet.nodeNamed(found.get().subject()) : Optional.empty();
    if (route.ofNode() && node.isEmpty()) {
      return done(
          Answers.text(
              404,
              "node: not in the rack file (expected: a name that 'bootserver status' shows)\n",
              "api: no such node"));
    }
    if (route == ApiRoute.COMMAND_BEGUN || route == ApiRoute.COMMAND_ENDED) {
      return told(route, found.get().subject(), request, caller);
    }
    if (route == ApiRoute.STREAM) {
      return stream.open(request, caller.still());
    }
    return route.changes()
        ? change(route, found.get().subject(), node, request, caller)
        : look(route, node, request);
  }

  private CompletionStage<HttpAnswer> look(
      ApiRoute route, Optional<Node> node, HttpRequestView request) {
    return switch (route) {
      case STATUS -> answer(() -> Answers.json(status.get(), "api: status"));
      case EVENTS ->
          eventsOfAll(
              request.parameter("of").filter("strangers"::equals).isPresent(), limit(request));
      case NODE_EVENTS -> events(node.orElseThrow(), limit(request));
      case NODE_LOG -> log(node.orElseThrow(), request);
      case ERASURE -> answer(() -> hardware.erased(node.orElseThrow()));
      case INVENTORY -> answer(() -> hardware.inspected(node.orElseThrow()));
      case AUDIT -> auditLog(request);
      case REPORT -> answer(reports::answer);
      // A disk that hangs is what they are for, so that they must not wait for it.
      case METRICS -> CompletableFuture.supplyAsync(metrics::answer, blocking);
      case WEBHOOKS -> answer(() -> Answers.json(couriers.list(), "api: webhooks"));
      case DESCRIPTION -> answer(() -> Answers.json(ApiDescription.whole(), "api: description"));
      case BUNDLE -> bundle(node.orElseThrow());
      case TPM -> answer(() -> tpm(node.orElseThrow()));
      case OPERATORS -> answer(() -> Answers.json(operators.list(), "api: operators"));
      default -> throw new IllegalStateException(route + " is a change");
    };
  }

  /** What a command of the operator's does by itself is only written down. */
  private CompletionStage<HttpAnswer> told(
      ApiRoute route, String subject, HttpRequestView request, Caller caller) {
    Optional<Mac> mac = Mac.parse(subject);
    Optional<String> what = request.parameter("what").filter(TOLD.asMatchPredicate());
    Optional<String> id = request.parameter("id").filter(ID.asMatchPredicate());
    Optional<String> result = request.parameter("result").filter(TOLD.asMatchPredicate());
    boolean ended = route == ApiRoute.COMMAND_ENDED;
    if (mac.isEmpty() || what.isEmpty() || (ended && (id.isEmpty() || result.isEmpty()))) {
      return done(
          Answers.text(
              422,
              "command: unreadable (expected: a MAC, what, and at its end id and result)\n",
              "api: no command"));
    }
    if (!ended) {
      return begins(mac.get(), what.get(), keep(request), caller);
    }
    fleet.node(mac.get()).ifPresent(node -> power.ended(node, what.get()));
    return audit
        .answered(caller.operator(), caller.from(), mac.get(), id.get(), what.get(), result.get())
        .thenApply(_ -> Answers.text(200, "noted\n", "api: command ended"));
  }

  /** For how long a command has a BMC for itself, at most. */
  private static Optional<Duration> keep(HttpRequestView request) {
    return request
        .parameter("keep")
        .filter(KEEP.asMatchPredicate())
        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
  }

  /** One that switches a machine is not begun beside another one that does. */
  private CompletionStage<HttpAnswer> begins(
      Mac mac, String what, Optional<Duration> keep, Caller caller) {
    Optional<Node> node = fleet.node(mac).filter(_ -> keep.isPresent());
    return audit
        .asked(caller.operator(), caller.from(), Optional.of(mac), what, Optional.empty())
        .thenCompose(
            change ->
                node.map(one -> power.begins(one, what, keep.orElseThrow()))
                    .orElseGet(() -> CompletableFuture.completedStage(Optional.empty()))
                    .thenCompose(
                        busy ->
                            busy.map(why -> busy(change, why))
                                .orElseGet(
                                    () ->
                                        done(
                                            Answers.text(
                                                200, change.id() + "\n", "api: command begun")))));
  }

  private CompletionStage<HttpAnswer> busy(Audit.Change change, String why) {
    return audit
        .answered(change, "refused: its BMC is busy")
        .thenApply(_ -> Answers.text(422, why + "\n", "api: BMC busy"));
  }

  /** Written down before it is done, and with its outcome before the operator is told. */
  private CompletionStage<HttpAnswer> change(
      ApiRoute route, String subject, Optional<Node> node, HttpRequestView request, Caller caller) {
    String what = said(route, subject, node, request);
    // All that makes it another command; what people wrote is in it as a hash alone.
    String command =
        caller.operator().name()
            + " "
            + route.path()
            + " "
            + Tokens.hash(subject + "\n" + new TreeMap<>(request.query()) + "\n" + request.text());
    return commands.once(
        request.header(Commands.HEADER),
        command,
        () -> carriedOut(route, subject, node, request, caller, what));
  }

  private CompletionStage<HttpAnswer> carriedOut(
      ApiRoute route,
      String subject,
      Optional<Node> node,
      HttpRequestView request,
      Caller caller,
      String what) {
    return audit
        .asked(
            caller.operator(),
            caller.from(),
            node.map(Node::mac),
            what,
            request.header(Commands.HEADER))
        .thenCompose(
            change ->
                done(route, subject, node, request, change)
                    .handle((answer, problem) -> noted(route, change, answer, problem))
                    .thenCompose(noted -> noted));
  }

  private CompletionStage<HttpAnswer> done(
      ApiRoute route,
      String subject,
      Optional<Node> node,
      HttpRequestView request,
      Audit.Change change) {
    return switch (route) {
      case DEPLOY -> deploy.deploy(request, begun -> noted(change, begun));
      case GUEST ->
          done(
              Mac.parse(subject)
                  .map(this::invite)
                  .orElseGet(() -> Answers.text(400, "guest: not a MAC\n", "api: no MAC")));
      case REINSTALL -> deploy.reinstall(node.orElseThrow(), request);
      case RESCUE -> deploy.rescue(node.orElseThrow(), request);
      case RESCUE_END -> deploy.endRescue(node.orElseThrow(), request);
      case ERASE -> deploy.erase(node.orElseThrow(), request);
      case INSPECT -> deploy.inspect(node.orElseThrow(), request);
      case RELEASE -> releases.release(node.orElseThrow(), change.who().name(), request);
      case HOLD -> holds.hold(node.orElseThrow(), change.who().name(), request.text());
      case RESUME -> holds.resume(node.orElseThrow(), change.who().name());
      case RESUME_ALL -> holds.resumeAll(change.who().name());
      case POWER -> power.power(node.orElseThrow(), request);
      case ASK_BMC -> power.ask(node.orElseThrow());
      case ARM -> arming.arm(node.orElseThrow(), request);
      case IDENTITY -> identity(node.orElseThrow(), request.text());
      case MEDIUM -> medium(node.orElseThrow());
      case ACCEPT_IDENTITY -> acceptIdentity(node.orElseThrow());
      case ROTATE_ALL -> rotate(fleet.rack().nodes());
      case ROTATE -> rotate(List.of(node.orElseThrow()));
      case REVOKE -> revoke(node.orElseThrow());
      case TPM_FORGET -> forgetTpm(node.orElseThrow());
      case WEBHOOK_TEST -> ping(subject);
      case OPERATOR_ADD -> addOperator(subject, request);
      case OPERATOR_REMOVE -> removeOperator(subject);
      default -> throw new IllegalStateException(route + " changes nothing");
    };
  }

  /** What is asked for, as far as it is of ours: no name and no text that somebody made up. */
  private String said(
      ApiRoute route, String subject, Optional<Node> node, HttpRequestView request) {
    StringJoiner said = new StringJoiner(" ");
    if (route.path().startsWith("operators/")) {
      said.add("operator").add(route.word());
      said.add(OperatorTokens.NAME.matcher(subject).matches() ? subject : "of no valid name");
      request.parameter("scope").flatMap(Scope::named).ifPresent(s -> said.add("scope " + s));
      return said.toString();
    }
    said.add(route == ApiRoute.WEBHOOK_TEST ? "webhook test" : route.word());
    if (route == ApiRoute.WEBHOOK_TEST) {
      fleet.rack().webhooks().stream()
          .map(WebhookSettings::name)
          .filter(subject::equals)
          .forEach(said::add);
    }
    if (route == ApiRoute.POWER) {
      PowerRoutes.action(request).ifPresent(a -> said.add(a.name().toLowerCase(Locale.ROOT)));
    }
    node.map(Node::name).ifPresent(said::add);
    if (route == ApiRoute.DEPLOY) {
      request.text().lines().filter(name -> fleet.nodeNamed(name).isPresent()).forEach(said::add);
    }
    if (route == ApiRoute.ARM) {
      Arming.time(request).ifPresent(time -> said.add("for " + time.toSeconds() + " s"));
    }
    for (String flag : FLAGS) {
      request.parameter(flag).filter("yes"::equals).ifPresent(_ -> said.add(flag));
    }
    request.parameter("role").filter(ROLE.asMatchPredicate()).ifPresent(r -> said.add("role " + r));
    return said.toString();
  }

  private CompletionStage<HttpAnswer> ping(String name) {
    return CompletableFuture.supplyAsync(
        () ->
            couriers
                .test(name)
                .map(
                    ping ->
                        Answers.text(
                            ping.accepted() ? 200 : 422,
                            name + ": " + ping.said() + "\n",
                            "api: webhook test"))
                .orElseGet(
                    () ->
                        Answers.text(
                            422,
                            "webhook: not in the rack file (expected: a name that 'bootserver"
                                + " webhooks' shows)\n",
                            "api: no such webhook")),
        blocking);
  }

  private CompletionStage<Void> noted(Audit.Change change, List<Begun> begun) {
    CompletableFuture<?>[] each =
        begun.stream()
            .map(
                one ->
                    audit.answered(
                        change,
                        fleet.nodeNamed(one.name()).map(n -> n.mac().toString()).orElse(""),
                        one.answer() + ": " + one.said()))
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(each);
  }

  private CompletionStage<HttpAnswer> noted(
      ApiRoute route, Audit.Change change, @Nullable HttpAnswer answer, @Nullable Throwable why) {
    if (answer == null) {
      Throwable problem = why == null ? new IllegalStateException("no answer") : why;
      return audit
          .answered(change, "failed: internal error")
          .handle((_, _) -> problem)
          .thenCompose(CompletableFuture::failedStage);
    }
    boolean accepted = answer instanceof HttpAnswer.Body body && body.status() < 300;
    // Each node of a deployment has a line of its own by then.
    return accepted && route == ApiRoute.DEPLOY
        ? done(answer)
        : audit.answered(change, outcome(answer)).thenApply(_ -> answer);
  }

  /** What went well may have a token in it; why something did not is meant to be read. */
  private static String outcome(HttpAnswer answer) {
    return switch (answer) {
      case HttpAnswer.Body body when body.status() < 300 -> "done";
      case HttpAnswer.Body body ->
          body.status() + " " + new String(body.bytes(), StandardCharsets.UTF_8).strip();
      case HttpAnswer.File _, HttpAnswer.Stream _ -> "done";
    };
  }

  private CompletionStage<HttpAnswer> auditLog(HttpRequestView request) {
    Optional<String> name = request.parameter("node");
    Optional<Node> node = name.flatMap(fleet::nodeNamed);
    if (name.isPresent() && node.isEmpty()) {
      return done(
          Answers.text(
              422,
              "node: not in the rack file (expected: a name that 'bootserver status' shows)\n",
              "api: no such node"));
    }
    Instant since;
    try {
      since = request.parameter("since").map(Instant::parse).orElse(Instant.EPOCH);
    } catch (DateTimeParseException e) {
      return done(
          Answers.text(
              422, "since: no instant (expected: as 2026-01-31T12:00:00Z)\n", "api: no instant"));
    }
    return answer(() -> Answers.json(Audit.read(store, since, node), "api: audit"));
  }

  private HttpAnswer invite(Mac mac) {
    fleet.invite(mac);
    return Answers.text(200, "ok\n", "api: guest");
  }

  private CompletionStage<HttpAnswer> eventsOfAll(boolean strangersOnly, int most) {
    return answer(
        () ->
            Answers.json(
                store
                    .newest(fact -> !strangersOnly || !isPlanned(fact.mac()), most, MAX_LOOKED_AT)
                    .stream()
                    .map(ApiRoutes::event)
                    .toList(),
                "api: events of all"));
  }

  /** How many events are asked for; all that there may be where that is no number of these. */
  private static int limit(HttpRequestView request) {
    return request
        .parameter("limit")
        .filter(text -> text.matches("[1-9][0-9]{0,3}"))
        .map(Integer::parseInt)
        .filter(number -> number <= MAX_EVENTS)
        .orElse(MAX_EVENTS);
  }

  private boolean isPlanned(String mac) {
    return Mac.parse(mac).flatMap(fleet::node).isPresent();
  }

  /** Bytes of body; none for who is not the operator. */
  int bodyLimit(HttpRequestView request, Way way) {
    return logIns.look(request, way) instanceof LogIn.In ? MAX_BODY : 0;
  }

  private CompletionStage<HttpAnswer> events(Node node, int most) {
    return answer(
        () -> {
          List<Event> events =
              store.history(node.mac().toString(), most).stream().map(ApiRoutes::event).toList();
          return Answers.json(events, "api: events");
        });
  }

  /**
   * The last {@code lines} of its log, or those of them that came after the instant {@code after}.
   */
  private CompletionStage<HttpAnswer> log(Node node, HttpRequestView request) {
    int lines;
    Instant after;
    try {
      lines = request.parameter("lines").map(Integer::parseInt).orElse(USUAL_LINES);
      after = request.parameter("after").map(Instant::parse).orElse(Instant.EPOCH);
    } catch (NumberFormatException | DateTimeParseException e) {
      lines = 0;
      after = Instant.EPOCH;
    }
    if (lines < 1 || lines > NodeLogs.MOST_LINES) {
      return done(
          Answers.text(
              422,
              "log: unreadable (expected: lines=1.."
                  + NodeLogs.MOST_LINES
                  + ", after=2026-01-31T12:00:00Z)\n",
              "api: no such log"));
    }
    int most = lines;
    Instant moment = after;
    return CompletableFuture.supplyAsync(
        () ->
            Answers.json(
                logs.after(node.mac(), moment, most).stream()
                    .map(line -> new Logged(line.at().toString(), line.from(), line.text()))
                    .toList(),
                "api: log"),
        blocking);
  }

  static Event event(Fact fact) {
    return new Event(fact.at().toString(), fact.mac(), fact.kind(), fact.shown());
  }

  /** What the operator's command has read from the node's BMC: a UUID, then MACs, a line each. */
  private CompletionStage<HttpAnswer> identity(Node node, String body) {
    List<String> lines = body.lines().toList();
    String uuid = lines.isEmpty() ? "" : lines.getFirst().strip();
    List<String> macs = lines.isEmpty() ? List.of() : lines.subList(1, lines.size());
    if (!UUID_OR_NONE.matcher(uuid).matches()) {
      return done(unreadable("1", "a UUID, or an empty line"));
    }
    for (int i = 0; i < macs.size(); i++) {
      if (Mac.parse(macs.get(i)).isEmpty()) {
        return done(unreadable(String.valueOf(i + 2), "the MAC of a card"));
      }
    }
    return recorder
        .record(
            node.mac(),
            FactKind.BMC_IDENTITY.text(),
            Identity.reported(node.mac().toString(), uuid, macs))
        .thenApply(_ -> Answers.text(200, verdict(node), "api: identity"));
  }

  private static HttpAnswer unreadable(String line, String expected) {
    return Answers.text(
        422,
        "identity: line " + line + " is none (expected: " + expected + "); nothing was noted\n",
        "api: identity unreadable");
  }

  private String verdict(Node node) {
    return fleet
        .state(node.mac())
        .mismatch()
        .map(mismatch -> mismatch.why() + "; " + mismatch.tryNext(node.name()))
        .orElse("");
  }

  private CompletionStage<HttpAnswer> acceptIdentity(Node node) {
    return fleet
        .state(node.mac())
        .identity()
        .acceptance()
        .<CompletionStage<HttpAnswer>>map(
            text ->
                recorder
                    .record(node.mac(), FactKind.IDENTITY_ACCEPTED.text(), text)
                    .thenApply(_ -> Answers.text(200, text, "api: identity accepted")))
        .orElseGet(() -> done(Answers.text(200, "", "api: nothing to accept")));
  }

  /** Where the node's boot medium can be fetched; who has the URL has the token. */
  private CompletionStage<HttpAnswer> medium(Node node) {
    if (!desk.isOpen(node, fleet.state(node.mac()))) {
      String why =
          ": its run is not open (expected: bootserver deploy --by-hand "
              + node.name()
              + " or bootserver arm before)\n";
      return done(Answers.text(422, node.name() + why, "api: no medium"));
    }
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return Answers.text(200, media.medium(node).toString(), "api: medium");
          } catch (BuildException e) {
            return Answers.text(422, e.getMessage() + "\n", "api: no medium");
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answers.text(503, "the appliance ends\n", "api: no medium");
          }
        },
        blocking);
  }

  /**
   * By which TPM a node is known.
   *
   * @param use what the rack file asks: required, use or off
   * @param ek the hash of its endorsement key; empty before it has proved any
   * @param allowed the hashes that the rack file lets it have; empty: any
   */
  record TpmOfNode(String node, String use, String ek, List<String> allowed) {}

  private HttpAnswer tpm(Node node) {
    TpmRule rule = fleet.rack().tpmOf(node);
    return Answers.json(
        new TpmOfNode(
            node.name(),
            rule.use().text(),
            mesh.pinned(node).map(EkHash::toString).orElse(""),
            rule.eks().stream().sorted().toList()),
        "api: tpm");
  }

  private CompletionStage<HttpAnswer> forgetTpm(Node node) {
    return mesh.forget(node)
        .thenApply(
            before ->
                Answers.text(200, before.map(ek -> ek + "\n").orElse(""), "api: tpm forgotten"));
  }

  /** What the node would be given now. */
  private CompletionStage<HttpAnswer> bundle(Node node) {
    return mesh.bundle(node)
        .thenApply(
            verdict ->
                switch (verdict) {
                  case Verdict.Given(byte[] bytes, long _) ->
                      HttpAnswer.Body.of(200, "application/octet-stream", bytes, "api: bundle");
                  case Verdict.Challenge _, Verdict.Current _ ->
                      HttpAnswer.Body.none("api: bundle");
                  case Verdict.Refused(Verdict.Reason _, String why) ->
                      Answers.text(422, why + "\n", "api: no bundle");
                });
  }

  /** Those that have sent no keys are named, a line each; they make new ones anyway. */
  private CompletionStage<HttpAnswer> rotate(List<Node> nodes) {
    return mesh.rotate(nodes)
        .thenApply(
            without ->
                Answers.text(
                    200,
                    without.stream().map(node -> node.name() + "\n").collect(joining()),
                    "api: rotate"));
  }

  private CompletionStage<HttpAnswer> revoke(Node node) {
    return certificates
        .map(
            desk ->
                desk.revoke(node)
                    .thenApply(count -> Answers.text(200, count + "\n", "api: revoke")))
        .orElseGet(
            () ->
                done(
                    Answers.text(
                        409, "this appliance signs no certificates of nodes\n", "api: no CA")));
  }

  private CompletionStage<HttpAnswer> addOperator(String name, HttpRequestView request) {
    Optional<Scope> scope = request.parameter("scope").flatMap(Scope::named);
    if (scope.isEmpty()) {
      return done(
          Answers.text(
              422, "scope: none (expected: read, operate or admin)\n", "api: no such scope"));
    }
    return answer(
        () ->
            switch (written(() -> operators.add(name, scope.get(), clock.instant()))) {
              case OperatorTokens.Added.Token(String text) ->
                  Answers.text(200, text + "\n", "api: operator added");
              case OperatorTokens.Added.Refused(String why) ->
                  Answers.text(422, why + "\n", "api: operator not added");
            });
  }

  private CompletionStage<HttpAnswer> removeOperator(String name) {
    return answer(
        () ->
            written(() -> operators.remove(name))
                ? Answers.text(200, "removed\n", "api: operator removed")
                : Answers.text(
                    422,
                    "operator: no such one (expected: a name that 'bootserver operator list'"
                        + " shows)\n",
                    "api: no such operator"));
  }

  private interface Written<T> {
    T value() throws IOException;
  }

  private static <T> T written(Written<T> change) {
    try {
      return change.value();
    } catch (IOException e) {
      throw new StoreException(
          "operators: cannot be written (" + e.getMessage() + "); is the disk full or read-only?",
          e);
    }
  }

  /** Off the event loop, and with all that was told before the question. */
  private CompletionStage<HttpAnswer> answer(Supplier<HttpAnswer> made) {
    return recorder.settled().handleAsync((_, _) -> made.get(), blocking);
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedStage(answer);
  }
}
