// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.LogIns.LogIn;
import foundrybot.appliance.LogIns.Way;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.operator.Operator;
import foundrybot.appliance.page.Action;
import foundrybot.appliance.page.Pages;
import foundrybot.appliance.page.Visitor;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/** Who is let in to the page: log-ins, sessions and their cookies, and forms that are ours. */
final class PageDoor {
  private static final Pattern OWN_PATH =
      Pattern.compile("/ui/[a-zA-Z0-9/_-]{0,200}(\\?[a-zA-Z0-9=&%._~-]{0,400})?");
  private static final String STREAM = "/ui/stream";
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

  /** Who asks, and by which session. */
  record Guest(Operator operator, Sessions.Session session, String id, String from) {}

  private final Fleet fleet;
  private final LogIns logIns;
  private final Audit audit;
  private final Sessions sessions;
  private final Optional<URI> secure;

  /**
   * Nobody is logged in.
   *
   * @param secure where the same is served by HTTPS
   */
  PageDoor(Fleet fleet, LogIns logIns, Audit audit, Sessions sessions, Optional<URI> secure) {
    this.fleet = fleet;
    this.logIns = logIns;
    this.audit = audit;
    this.sessions = sessions;
    this.secure = secure;
  }

  /** Browsers say where a form came from (Fetch Metadata, section 2.3; RFC 6454, section 7). */
  static boolean isOfOurs(HttpRequestView request) {
    Optional<String> site = request.header("sec-fetch-site");
    if (site.isPresent()) {
      return site.get().equals("same-origin");
    }
    Optional<String> origin = request.header("origin");
    return origin.isEmpty()
        || request.header("host").filter(host -> origin.get().endsWith("://" + host)).isPresent();
  }

  Optional<Guest> guest(HttpRequestView request, Way way) {
    Optional<String> id = cookie(request, way);
    if (id.isEmpty() || !logIns.isPrivate(request.peer().getAddress(), way)) {
      return Optional.empty();
    }
    String from = request.peer().getAddress().getHostAddress();
    return sessions
        .find(id.get(), way)
        .flatMap(
            session ->
                logIns
                    .ofHash(session.tokenHash())
                    .map(operator -> new Guest(operator, session, id.get(), from)));
  }

  private static String cookieName(Way way) {
    return way instanceof Way.Tls ? "__Host-foundrybot" : "foundrybot";
  }

  private static Optional<String> cookie(HttpRequestView request, Way way) {
    String start = cookieName(way) + "=";
    return Arrays.stream(request.header("cookie").orElse("").split("[;,] *", 64))
        .filter(pair -> pair.startsWith(start))
        .map(pair -> pair.substring(start.length()))
        .filter(ID.asMatchPredicate())
        .findFirst();
  }

  private static Map<String, String> cookieOf(Way way, String value, long seconds) {
    return Map.of(
        "Set-Cookie",
        cookieName(way)
            + "="
            + value
            + "; Path=/; HttpOnly; SameSite=Strict; Max-Age="
            + seconds
            + (way instanceof Way.Tls ? "; Secure" : ""));
  }

  HttpAnswer logIn(HttpRequestView request, Way way, String why) {
    if (!logIns.isPrivate(request.peer().getAddress(), way)) {
      return inClear();
    }
    String to = request.parameter("to").filter(OWN_PATH.asMatchPredicate()).orElse("/ui/");
    int code = why.isEmpty() ? 200 : 401;
    return PageAnswers.html(code, Pages.login(fleet.rack().cluster(), to, why), "page: log-in");
  }

  private HttpAnswer inClear() {
    String words =
        secure
            .map(uri -> "What you type here could be read on the way. Use " + uri.resolve("/ui/"))
            .orElse(
                "What you type here could be read on the way, and this appliance serves no HTTPS"
                    + " (appliance.ports.https of the rack file). Use a browser on its own machine,"
                    + " or a tunnel to it by SSH.");
    return PageAnswers.html(
        403,
        Pages.note(fleet.rack().cluster(), Optional.empty(), "Not without TLS", words),
        "page: a note");
  }

  /** The same decision and the same limits as for who comes with a token to the API. */
  HttpAnswer loggedIn(HttpRequestView request, Way way) {
    Map<String, String> form = PageAnswers.form(request);
    String token = form.getOrDefault("token", "").strip();
    String from = request.peer().getAddress().getHostAddress();
    LogIn decided = logIns.of(token, request.peer().getAddress(), way);
    if (!logIns.isPrivate(request.peer().getAddress(), way)) {
      audit.refused(Audit.Attempt.IN_CLEAR, Optional.empty(), AuditEntry.NOBODY, from, "");
      return inClear();
    }
    return switch (decided) {
      case LogIn.In _ -> {
        cookie(request, way).ifPresent(sessions::end);
        String to = form.getOrDefault("to", "");
        yield PageAnswers.seeOther(
            OWN_PATH.matcher(to).matches() ? to : "/ui/",
            cookieOf(way, sessions.begin(token, way), Sessions.LONGEST.toSeconds()));
      }
      case LogIn.Out out -> {
        audit.refused(out.why(), Optional.empty(), AuditEntry.NOBODY, from, "");
        yield logIn(
            request,
            way,
            out.status() == 429
                ? "Too many refused log-ins from your address; wait a minute."
                : "That token opens nothing. Is it whole, and was it not removed?");
      }
    };
  }

  /** What scripts ask in the background takes the whole page there, too, and back to itself. */
  HttpAnswer toLogIn(HttpRequestView request) {
    boolean byScript = request.header("hx-request").isPresent();
    if (request.path().equals(STREAM)) {
      return HttpAnswer.Body.text(401, "log in\n", "page: not logged in");
    }
    String asked =
        byScript
            ? request.header("hx-current-url").map(PageDoor::pathOf).orElse("/ui/")
            : request.path() + query(request);
    String to = OWN_PATH.matcher(asked).matches() ? asked : "/ui/";
    String location = "/ui/login?to=" + inUri(to).replace("%2F", "/");
    return byScript
        ? PageAnswers.told(
            HttpAnswer.Body.text(401, "log in\n", "page: not logged in"), "HX-Redirect", location)
        : PageAnswers.seeOther(location);
  }

  private static String pathOf(String url) {
    int host = url.indexOf("://");
    int path = host < 0 ? -1 : url.indexOf('/', host + 3);
    return path < 0 ? "/ui/" : url.substring(path);
  }

  /** The query as it came, or as good; empty if there was none. */
  private static String query(HttpRequestView request) {
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    request
        .query()
        .forEach(
            (name, values) -> values.forEach(value -> query.add(inUri(name) + "=" + inUri(value))));
    return query.toString();
  }

  /** Percent-encoded (RFC 3986, section 2.1): in a query of ours a plus stays a plus. */
  private static String inUri(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }

  /** Whether that session is still one, and its operator too; it counts as a request. */
  boolean isStill(Guest guest) {
    return sessions.find(guest.id(), guest.session().way()).isPresent()
        && logIns.ofHash(guest.session().tokenHash()).filter(guest.operator()::equals).isPresent();
  }

  HttpAnswer loggedOut(Guest guest) {
    sessions.end(guest.id());
    return PageAnswers.seeOther("/ui/login", cookieOf(guest.session().way(), "", 0));
  }

  /** Leaves words for the next whole page. */
  void say(Guest guest, String words) {
    sessions.say(guest.id(), words);
  }

  /** For a whole page, which shows what was left for it; once. */
  Visitor visitor(Guest guest) {
    return visitor(guest, sessions.said(guest.id()));
  }

  /** For a piece of a page. */
  Visitor visitor(Guest guest, String said) {
    List<Action> may =
        Arrays.stream(Action.values())
            .filter(action -> ApiRoute.may(guest.operator().scope(), action.word()))
            .toList();
    return new Visitor(
        guest.operator().name(),
        guest.operator().scope().toString(),
        guest.session().proof(),
        said,
        may);
  }
}
