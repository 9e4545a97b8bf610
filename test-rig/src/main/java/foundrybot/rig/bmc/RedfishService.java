// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.Credentials;
import foundrybot.rig.bmc.Personality.Etag;
import foundrybot.rig.bmc.Personality.Slash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** Redfish (DSP0266) as one BMC speaks it: what is asked, by whom, and what goes wrong with it. */
final class RedfishService {
  private static final String HTML =
      "<!DOCTYPE html><html><head><title>Management</title></head>"
          + "<body><h1>Please enable JavaScript</h1></body></html>";

  private final Personality personality;
  private final Optional<Credentials> user;
  private final Dice dice;
  private final Timing timing;
  private final InstantSource clock;
  private final Sessions sessions;
  private final Tasks tasks;
  private final BmcTree tree;
  private final Writes writes;
  private final Oddities oddities;
  private final Map<String, Map<String, Object>> stale = new HashMap<>();
  private Instant staleUntil = Instant.MIN;
  private int requests;
  private int refusedLogins;

  RedfishService(RedfishEmulator.Setup setup, Dice dice) {
    this.personality = setup.personality();
    // With a wrong password nobody is known.
    this.user =
        dice.has(Fault.WRONG_PASSWORD) ? Optional.empty() : Optional.of(setup.credentials());
    this.dice = dice;
    this.timing = setup.timing();
    this.clock = setup.clock();
    this.sessions =
        new Sessions(
            dice.has(Fault.SESSIONS_FULL) ? 0 : personality.mostSessions(),
            Duration.ofSeconds(personality.sessionTimeoutS()),
            clock);
    this.tasks = new Tasks(clock, timing.task(), personality.monitorEndsTask());
    this.tree =
        new BmcTree(
            personality,
            setup.machines(),
            sessions,
            tasks,
            clock,
            setup
                .network()
                .<MediaPlayer>map(network -> new FetchingPlayer(network, dice, timing))
                .orElse(MediaPlayer.TELLING),
            dice.has(Fault.IGNORES_SHUTDOWN));
    this.writes = new Writes(personality, tree);
    this.oddities = new Oddities(personality.oddities(), clock);
  }

  /** What came of it all so far. */
  synchronized RedfishEmulator.Account account() {
    return new RedfishEmulator.Account(
        requests,
        refusedLogins,
        sessions.opened(),
        sessions.ids().size(),
        dice.played(),
        tree.nodes().stream().mapToInt(Node::imageRequests).sum());
  }

  /** How often it was odd, and how. */
  synchronized Map<Personality.Oddity, Integer> oddities() {
    return oddities.played();
  }

  /** Ends what is read of images; they stay inserted, as far as one can tell. */
  synchronized void close() {
    tree.nodes().forEach(Node::stopMedia);
  }

  synchronized List<String> issuedTokens() {
    return sessions.issued();
  }

  /** Answers one request; called by any number of threads. */
  Reply handle(Request request) {
    Optional<Reply> broken = before(request);
    if (broken.isPresent()) {
      return broken.get();
    }
    Reply reply = underAnotherName(carryOut(request));
    if (changes(request) && dice.hits(Fault.RESET_AFTER, request)) {
      return reply.with(Reply.Delivery.RESET);
    }
    if (reply.body().length() > 1 && dice.hits(Fault.CUT, request)) {
      reply = reply.with(Reply.Delivery.CUT);
    }
    return dice.hits(Fault.SLOW, request) ? reply.after(timing.slow()) : reply;
  }

  /** What goes wrong before anybody has looked at the request. */
  private Optional<Reply> before(Request request) {
    if (dice.hits(Fault.SILENT, request)) {
      return Optional.of(Reply.empty(200).with(Reply.Delivery.NEVER));
    }
    if (dice.hits(Fault.RESET_BEFORE, request)
        || (request.onConnection() > 1 && dice.hits(Fault.RESET_REUSED, request))) {
      return Optional.of(Reply.empty(200).with(Reply.Delivery.RESET));
    }
    if (dice.hits(Fault.BUSY_503, request)) {
      return Optional.of(
          Errors.of(503, "ServiceTemporarilyUnavailable", "The service is busy; retry later.")
              .with("Retry-After", Long.toString(timing.retryAfter().toSeconds())));
    }
    if (dice.hits(Fault.ERROR_500, request)) {
      return Optional.of(
          Errors.of(500, "InternalError", "The request failed due to an internal service error."));
    }
    if (dice.hits(Fault.HTML, request)) {
      return Optional.of(Reply.of(200, "text/html", HTML));
    }
    return Optional.empty();
  }

  private static boolean logsInOrOut(Request request) {
    return request.path().startsWith(BmcTree.SESSION_SERVICE)
        || request.path().startsWith(Tasks.SERVICE);
  }

  private static boolean changes(Request request) {
    return !request.reads() && !logsInOrOut(request);
  }

  private synchronized Reply carryOut(Request raw) {
    requests++;
    Optional<Reply> astray = slash(raw);
    if (astray.isPresent()) {
      return astray.get();
    }
    Request request = raw.at(raw.path().replaceFirst("(?<=.)/$", ""));
    if (request.reads() && (request.path().equals(BmcTree.ROOT) || isTop(request))) {
      return read(request);
    }
    if (isLogin(request)) {
      return login(request);
    }
    Optional<Reply> stranger = authenticate(request);
    if (stranger.isPresent()) {
      return stranger.get();
    }
    Optional<Reply> odd = logsInOrOut(request) ? Optional.empty() : oddities.of(request);
    if (odd.isPresent()) {
      return odd.get();
    }
    if (request.path().startsWith(Tasks.SERVICE + "/Task")) {
      Optional<Reply> task = tasks.answer(request.path(), request.method().equals("DELETE"));
      if (task.isPresent()) {
        return task.get();
      }
    }
    if (request.reads()) {
      return read(request);
    }
    if (request.method().equals("DELETE")) {
      String prefix = BmcTree.SESSIONS + "/";
      return request.path().startsWith(prefix)
              && sessions.close(request.path().substring(prefix.length()))
          ? Reply.empty(204)
          : Errors.notFound(request.path());
    }
    return write(request);
  }

  /** As of a BMC behind a proxy, or one that knows its own host's name only. */
  private Reply underAnotherName(Reply reply) {
    String location = reply.headers().getOrDefault("Location", "");
    boolean created = reply.status() / 100 == 2 && location.startsWith("/");
    return created && personality.has(Personality.Oddity.ANOTHER_NAME)
        ? reply.with("Location", "https://bmc-7.example" + location)
        : reply;
  }

  private static boolean isTop(Request request) {
    return request.path().equals("/redfish");
  }

  private Optional<Reply> slash(Request request) {
    if (personality.slash() == Slash.ANY || request.path().endsWith("/")) {
      return Optional.empty();
    }
    return Optional.of(
        personality.slash() == Slash.REQUIRED
            ? Errors.notFound(request.path())
            : Reply.empty(308).with("Location", request.path() + "/"));
  }

  private boolean isLogin(Request request) {
    return personality.sessions()
        && request.method().equals("POST")
        && (request.path().equals(BmcTree.SESSIONS)
            || request.path().equals(BmcTree.SESSIONS + "/Members"));
  }

  private Reply login(Request request) {
    Optional<ObjectNode> body = Json.read(request.body());
    if (body.isEmpty()) {
      return Errors.malformed();
    }
    String name = body.get().path("UserName").asString("");
    String password = body.get().path("Password").asString("");
    if (!knows(name, password)) {
      refusedLogins++;
      return Errors.unauthorized();
    }
    Optional<Reply> declined = oddities.login();
    if (declined.isPresent()) {
      return declined.get();
    }
    Optional<Sessions.Session> opened = sessions.open();
    if (opened.isEmpty()) {
      return Errors.of(
          503, "SessionLimitExceeded", "The session establishment failed: too many sessions.");
    }
    String path = BmcTree.SESSIONS + "/" + opened.get().id();
    return Reply.json(201, Resources.common(path, "#Session.v1_5_0.Session", "Session"))
        .with("Location", path)
        .with("X-Auth-Token", opened.get().token());
  }

  private boolean knows(String name, String password) {
    return user.filter(u -> u.user().equals(name) && u.password().reveal().equals(password))
        .isPresent();
  }

  /** Why this one may not, if it may not. */
  private Optional<Reply> authenticate(Request request) {
    Optional<String> token = request.header("x-auth-token");
    if (token.isPresent()) {
      if (sessions.isOpen(token.get()) && dice.hits(Fault.LOST_SESSION, request)) {
        sessions.forget(token.get());
      }
      if (!sessions.isOpen(token.get())) {
        return Optional.of(Errors.unauthorized());
      }
    } else if (!hasPassword(request)) {
      refusedLogins += request.header("authorization").isPresent() ? 1 : 0;
      return Optional.of(Errors.unauthorized());
    }
    return dice.has(Fault.PASSWORD_CHANGE) && !logsInOrOut(request)
        ? Optional.of(
            Errors.of(
                403,
                "PasswordChangeRequired",
                "The password provided for this account must be changed before access is granted."))
        : Optional.empty();
  }

  private boolean hasPassword(Request request) {
    String header = request.header("authorization").orElse("");
    if (!header.regionMatches(true, 0, "Basic ", 0, 6)) {
      return false;
    }
    try {
      String pair =
          new String(
              Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon >= 0 && knows(pair.substring(0, colon), pair.substring(colon + 1));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Reply read(Request request) {
    Optional<Map<String, Object>> resource =
        Optional.ofNullable(clock.instant().isBefore(staleUntil) ? stale.get(request.path()) : null)
            .or(() -> tree.read(request.path(), request.query()));
    if (resource.isEmpty()) {
      return Errors.notFound(request.path());
    }
    Reply reply = Reply.json(200, resource.get());
    boolean gzip = request.header("accept-encoding").orElse("").contains("gzip");
    String tag = tag(resource.get());
    return switch (personality.etag()) {
      case NONE -> reply;
      case EMPTY -> reply.with("ETag", "\"\"");
      case STRONG, UNQUOTED -> reply.with("ETag", "\"" + tag + "\"");
      case WEAK -> reply.with("ETag", "W/\"" + tag + "\"");
      case WEAKENED_BY_GZIP -> reply.with("ETag", (gzip ? "W/" : "") + "\"" + tag + "\"");
    };
  }

  private static String tag(Map<String, Object> resource) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(Json.text(resource).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(Arrays.copyOf(digest, 6));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private Reply write(Request request) {
    Optional<ObjectNode> body = Json.read(request.body());
    if (body.isEmpty()) {
      return Errors.malformed();
    }
    Optional<Supplier<Reply>> work = writes.find(request.method(), request.path(), body.get());
    if (work.isEmpty()) {
      return tree.read(request.path(), "").isPresent()
          ? Errors.notAllowed(request.method())
          : Errors.notFound(request.path());
    }
    Optional<Reply> mismatch = match(request);
    if (mismatch.isPresent()) {
      return mismatch.get();
    }
    if (dice.hits(Fault.NO_OP, request)) {
      return Reply.empty(204);
    }
    if (dice.hits(Fault.TASK_FAILS, request)) {
      return tasks.accept(
          true, Errors.of(500, "InternalError", "The operation failed in the BMC."));
    }
    if (dice.hits(Fault.STALE, request)) {
      freeze();
    }
    if (dice.hits(Fault.LAG, request)) {
      tree.nodes().forEach(node -> node.power().lag(timing.lag()));
    }
    Reply reply = work.get().get();
    if (reply.status() < 300) {
      oddities.done(request);
    }
    boolean byTask = personality.tasks() && request.path().endsWith("/ComputerSystem.Reset");
    return reply.status() < 300 && (dice.hits(Fault.TASK, request) || byTask)
        ? tasks.accept(false, reply)
        : reply;
  }

  /** Keeps what is shown now of everything that can change. */
  private void freeze() {
    stale.clear();
    staleUntil = clock.instant().plus(timing.stale());
    for (Node node : tree.nodes()) {
      freeze(node.system());
      freeze(node.settings());
      node.media().keySet().forEach(this::freeze);
    }
  }

  private void freeze(String path) {
    tree.read(path, "").ifPresent(resource -> stale.put(path, resource));
  }

  /** Why the precondition fails, if it does (RFC 9110, section 13.1.1; RFC 6585, section 3). */
  private Optional<Reply> match(Request request) {
    Optional<String> sent = request.header("if-match");
    if (!request.method().equals("PATCH")) {
      return sent.isPresent() && personality.matchOnActionRefused()
          ? Optional.of(preconditionFailed())
          : Optional.empty();
    }
    if (sent.isEmpty()) {
      return personality.matchRequired()
          ? Optional.of(
              Errors.of(428, "PreconditionRequired", "A precondition header is required."))
          : Optional.empty();
    }
    if (personality.etag() == Etag.NONE || sent.get().equals("*")) {
      return Optional.empty();
    }
    String tag = tree.read(request.path(), "").map(RedfishService::tag).orElse("");
    boolean matches =
        switch (personality.etag()) {
          case STRONG, WEAKENED_BY_GZIP, NONE -> sent.get().equals("\"" + tag + "\"");
          case WEAK -> sent.get().replaceFirst("^W/", "").equals("\"" + tag + "\"");
          case UNQUOTED -> sent.get().equals(tag);
          case EMPTY -> false;
        };
    return matches ? Optional.empty() : Optional.of(preconditionFailed());
  }

  private static Reply preconditionFailed() {
    return Errors.of(412, "PreconditionFailed", "The ETag supplied did not match the current one.");
  }
}
