// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static java.util.regex.Pattern.CASE_INSENSITIVE;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.client.Message.Meaning;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A session where the BMC has such (DSP0266, 13.3.4), else the password with each request.
 *
 * <p>A password that was refused is never sent again by the same way: BMCs lock accounts. Once a
 * session has worked, the password does not go along with requests any more.
 */
final class Login {

  /** A header that shows who asks, by a session's token or a password. */
  record Header(String name, String value) {
    @Override
    public String toString() {
      return "Header[" + name + "]";
    }
  }

  private sealed interface State {
    record Out() implements State {}

    /** A session and where it is deleted. */
    record Session(String token, Optional<String> uri) implements State {
      @Override
      public String toString() {
        return "Session[...]";
      }
    }

    record Basic(String value) implements State {
      @Override
      public String toString() {
        return "Basic[...]";
      }
    }

    /** Being logged out. */
    record Ending(String token) implements State {
      @Override
      public String toString() {
        return "Ending[...]";
      }
    }

    record Refused(RedfishException reason) implements State {}
  }

  private static final String TOKEN = "X-Auth-Token";
  private static final Logger LOG = LoggerFactory.getLogger(Login.class);

  /** Of a BMC without sessions, with none free, or that fails at them: no word of the password. */
  private static final Set<Integer> NO_SESSIONS = Set.of(404, 405, 415, 500, 501, 503);

  /** HPE iLO says 400 to a wrong password. */
  private static final Set<Integer> WRONG_PASSWORD = Set.of(400, 401);

  /** What a log-in that was surely looked at ends with. */
  private static final Set<Kind> FINAL =
      Set.of(Kind.WRONG_PASSWORD, Kind.NO_PRIVILEGE, Kind.REFUSED);

  /** Whether that counted as a wrong password nobody knows, and few accounts bear only two. */
  private static final int TRIES = 2;

  /** BMCs have some dozens at most. */
  private static final int MAX_SESSIONS = 64;

  private static final Pattern BASIC = Pattern.compile("(^|,)\\s*Basic\\b", CASE_INSENSITIVE);

  private final RedfishHttp http;
  private final Optional<Credentials> credentials;
  private final Faults faults;
  private State state = new State.Out();
  private boolean hadSession;

  /** The sessions of the BMC, once one of them is ours. */
  private Optional<String> collection = Optional.empty();

  Login(RedfishHttp http, Optional<Credentials> credentials, Faults faults) {
    this.http = http;
    this.credentials = credentials;
    this.faults = faults;
    credentials.ifPresent(c -> faults.hide(c.password().reveal()));
  }

  /** What goes along with a request; logs in first. */
  Optional<Header> header() {
    if (state instanceof State.Out && credentials.isPresent()) {
      state = logIn(credentials.get());
    }
    return switch (state) {
      case State.Out out -> Optional.empty();
      case State.Session session -> Optional.of(new Header(TOKEN, session.token()));
      case State.Ending ending -> Optional.of(new Header(TOKEN, ending.token()));
      case State.Basic basic -> Optional.of(new Header("Authorization", basic.value()));
      case State.Refused refused -> throw refused.reason();
    };
  }

  /** After a 401: whether there is a new session, so that asking again makes sense. */
  boolean renew() {
    if (!(state instanceof State.Session)) {
      return false;
    }
    state = new State.Out();
    return header().isPresent();
  }

  /** The BMC refuses who we are, although we have logged in. */
  RedfishException refused(Answer answer) {
    if (answer.status() == 401 && !(state instanceof State.Basic)) {
      return faults.fault(
          Kind.BROKEN,
          answer.ask().toString(),
          answer.summary() + ", in a session that has just been opened",
          "try again; if it stays so, restart the BMC");
    }
    RedfishException reason = refusal(answer);
    close();
    state = new State.Refused(reason);
    return reason;
  }

  /** Logs out; a session that cannot be ended ends by itself, some minutes later. */
  void close() {
    if (state instanceof State.Session(String token, Optional<String> uri)) {
      state = new State.Ending(token);
      try {
        uri.or(this::onlyOne).ifPresent(it -> http.exchange(Ask.delete(it)));
      } catch (RedfishException e) {
        LOG.debug("{}", e.getMessage());
      }
    }
    if (!(state instanceof State.Refused)) {
      state = new State.Out();
    }
  }

  /**
   * Where the BMC did not say which session it opened: that of this user, if it is the only one.
   */
  private Optional<String> onlyOne() {
    List<String> mine =
        collection.stream()
            .flatMap(all -> http.exchange(Ask.get(all)).body().links("Members").stream())
            .limit(MAX_SESSIONS)
            .filter(uri -> isMine(http.exchange(Ask.get(uri)).body()))
            .toList();
    return mine.size() == 1 ? Optional.of(mine.getFirst()) : Optional.empty();
  }

  private boolean isMine(Props session) {
    String user = credentials.map(Credentials::user).orElse("");
    return session.textOrEmpty("UserName").equals(user);
  }

  private State logIn(Credentials who) {
    Props root = http.exchange(Ask.get(http.root()).open()).body();
    Quirks quirks = Quirks.of(Quirks.Who.of(root), http.quirks());
    if (quirks.first(Quirks.BasicOnly.class).isPresent()) {
      return basic(who);
    }
    Optional<String> sessions = sessions(root);
    if (sessions.isEmpty()) {
      return basic(who);
    }
    ObjectNode body =
        Props.object().put("UserName", who.user()).put("Password", who.password().reveal());
    for (Quirks.SessionProperty one : quirks.all(Quirks.SessionProperty.class)) {
      List<String> path = one.path();
      body.withObject("/" + String.join("/", path.subList(0, path.size() - 1)))
          .put(path.getLast(), one.value());
    }
    Answer answer = open(Ask.post(sessions.get(), body, "(login)").open());
    if (answer.ok()) {
      return session(answer, who);
    }
    boolean none = NO_SESSIONS.contains(answer.status()) || answer.says(Meaning.LIMIT);
    boolean named = namesBasic(answer) && quirks.first(Quirks.BasicIfNamed.class).isPresent();
    if ((none || named) && !hadSession && !answer.says(Meaning.PASSWORD_CHANGE)) {
      return basic(who);
    }
    RedfishException refused = refusal(answer);
    if (FINAL.stream().anyMatch(refused::is)) {
      state = new State.Refused(refused);
    }
    throw refused;
  }

  /**
   * Where sessions are opened. Without a service for them a link leads nowhere: some BMCs say 401
   * to all that they do not know, and whether that meant the password could not be told.
   */
  private Optional<String> sessions(Props root) {
    if (!root.has("SessionService")) {
      return Optional.empty();
    }
    Optional<String> linked = root.link("Links", "Sessions");
    return linked.isPresent()
        ? linked
        : root.link("SessionService")
            .map(uri -> http.exchange(Ask.get(uri).open()))
            .flatMap(answer -> answer.body().link("Sessions"));
  }

  /** Whether it says that there is another way in. */
  static boolean namesBasic(Answer answer) {
    return answer.status() == 401
        && BASIC.matcher(answer.reply().header("WWW-Authenticate")).find();
  }

  /** What it says against who logs in; BMCs have many words for a wrong password. */
  private RedfishException refusal(Answer answer) {
    boolean aboutPassword =
        WRONG_PASSWORD.contains(answer.status())
            && !answer.says(Meaning.PASSWORD_CHANGE)
            && !answer.says(Meaning.LIMIT);
    return aboutPassword ? faults.wrongPassword(answer) : faults.of(answer);
  }

  /** A login may be sent again: at worst a session is left that ends by itself. */
  private Answer open(Ask ask) {
    for (int tried = 1; ; tried++) {
      try {
        Answer answer = http.exchange(ask);
        if (!answer.unclear() || answer.says(Meaning.LIMIT) || tried == TRIES) {
          return answer;
        }
      } catch (RedfishException e) {
        if (!e.is(Kind.UNKNOWN_OUTCOME) || tried == TRIES) {
          throw e;
        }
      }
      http.pause(Duration.ofSeconds(tried), ask.toString());
    }
  }

  private State session(Answer answer, Credentials who) {
    String token = token(answer);
    if (token.isEmpty() && (hadSession || answer.garbled())) {
      throw faults.fault(
          Kind.BROKEN,
          answer.ask().toString(),
          answer.summary() + " without a token",
          "try again; if it stays so, restart the BMC");
    }
    if (token.isEmpty()) {
      return basic(who);
    }
    faults.hide(token);
    hadSession = true;
    collection = Optional.of(answer.ask().uri());
    String location = answer.reply().header("Location");
    Optional<String> uri =
        location.isEmpty() ? answer.body().text("@odata.id") : Optional.of(location);
    Optional<String> byId = answer.body().text("Id").map(id -> answer.ask().uri() + "/" + id);
    return new State.Session(token, uri.or(() -> byId));
  }

  /** In its header; some have it in the body alone, among what is their own. */
  private static String token(Answer answer) {
    Props own = answer.body().at("Oem");
    return Stream.concat(
            Stream.of(answer.reply().header(TOKEN), answer.body().textOrEmpty(TOKEN)),
            own.node().properties().stream().map(maker -> own.textOrEmpty(maker.getKey(), TOKEN)))
        .filter(text -> !text.isEmpty())
        .findFirst()
        .orElse("");
  }

  private State basic(Credentials who) {
    String pair = who.user() + ":" + who.password().reveal();
    String value = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    faults.hide(value);
    return new State.Basic("Basic " + value);
  }
}
