// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.client.Message.Meaning;
import foundrybot.redfish.http.NoAnswer;
import foundrybot.redfish.http.Wire;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * The one place for headers, login, redirects and repetitions.
 *
 * <p>What is sent again: what changes nothing or is the same done twice, on any sign of trouble; a
 * POST only where it was surely not carried out. Nothing goes to another host, port or scheme than
 * the endpoint's, whatever a link or a redirect says.
 */
final class RedfishHttp implements AutoCloseable {
  private static final MediaType JSON = MediaType.get("application/json");
  private static final int MAX_WAITS = 40;
  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration NOT_READY_WAIT = Duration.ofSeconds(20);
  private static final Duration POST_WAIT = Duration.ofSeconds(10);

  private final HttpUrl base;
  private final RedfishSettings settings;
  private final Timing timing;
  private final Faults faults;
  private final Wire wire;
  private final Login login;
  private final Set<String> quirks;
  private Instant deadline;

  /** Both are learned: a BMC that breaks kept connections, one that refuses "identity". */
  private boolean keepAlive = true;

  private boolean identity = true;

  RedfishHttp(BmcEndpoint endpoint, RedfishSettings settings, Timing timing, Faults faults) {
    HttpUrl url = HttpUrl.parse(endpoint.url().toString());
    if (url == null) {
      throw new IllegalArgumentException(
          "url: " + endpoint.url() + " (expected: https://HOST, or http://HOST)");
    }
    this.base = url.encodedPath().equals("/") ? url.newBuilder("redfish/v1/").build() : url;
    this.settings = settings;
    this.timing = timing;
    this.faults = faults;
    this.wire = new Wire(endpoint.trust(), settings.connect(), settings.read());
    this.quirks = endpoint.quirks();
    this.login = new Login(this, endpoint.credentials(), faults);
    this.deadline = timing.now();
  }

  /** Starts a call, which may take that long. */
  void begin(Duration allowance) {
    deadline = timing.now().plus(allowance);
  }

  Instant now() {
    return timing.now();
  }

  /** Of the call that was begun. */
  Duration left() {
    Duration left = Duration.between(timing.now(), deadline);
    return left.isNegative() ? Duration.ZERO : left;
  }

  Faults faults() {
    return faults;
  }

  /** Which quirks the BMC is to be taken to have, or not to have. */
  Set<String> quirks() {
    return quirks;
  }

  String root() {
    return base.encodedPath();
  }

  /**
   * Asks until there is an answer that counts, which may be a refusal.
   *
   * @throws RedfishException if there is none
   */
  Answer exchange(Ask ask) {
    for (int tried = 1; ; tried++) {
      Duration wait;
      try {
        Answer answer = once(ask);
        Optional<Duration> again = again(answer, tried);
        if (again.isEmpty()) {
          return checked(answer);
        }
        wait = again.get();
        if (wait.compareTo(left()) >= 0) {
          return checked(answer);
        }
      } catch (IOException e) {
        wait = backOff(tried);
        if (!mayRepeat(ask, e, tried) || wait.compareTo(left()) >= 0) {
          throw faults.of(ask, e, limit());
        }
      }
      pause(wait, ask.toString());
    }
  }

  /** An answer that is none of the refusals that no caller can do anything about. */
  private Answer checked(Answer answer) {
    if (answer.ask().loggedIn()
        && (answer.status() == 401 || (answer.says(Meaning.PASSWORD_CHANGE) && !answer.ok()))) {
      throw login.refused(answer);
    }
    return answer;
  }

  /** Lets time pass. */
  void pause(Duration time, String during) {
    try {
      timing.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw faults.fault(Kind.UNREACHABLE, during, "interrupted", "ask again");
    }
  }

  private boolean mayRepeat(Ask ask, IOException e, int tried) {
    if (tried >= ask.tries()
        || Thread.currentThread().isInterrupted()
        || e instanceof Wire.TooLong
        || NoAnswer.untrusted(e).isPresent()) {
      return false;
    }
    if (!(e instanceof Wire.Unsent) && wire.reused()) {
      keepAlive = false;
    }
    return e instanceof Wire.Unsent || ask.safe();
  }

  /** How long to wait before the same is asked again; empty: the answer counts. */
  private Optional<Duration> again(Answer answer, int tried) {
    Ask ask = answer.ask();
    if (answer.status() == 401 || answer.says(Meaning.LIMIT) || tried > MAX_WAITS) {
      return Optional.empty();
    }
    Optional<Duration> told = RetryAfter.of(answer.reply(), timing.now());
    boolean loose = ask.tries() > 1;
    if (answer.status() >= 400 && loose && answer.says(Meaning.NOT_READY)) {
      return Optional.of(told.orElse(NOT_READY_WAIT));
    }
    if (answer.status() >= 400 && loose && answer.says(Meaning.IN_POST)) {
      return Optional.of(told.orElse(POST_WAIT));
    }
    boolean again =
        switch (answer.status()) {
          case 429, 503 -> true;
          case 500, 502, 504 -> ask.repeatable();
          case 200 -> ask.repeatable() && (answer.garbled() || (ask.safe() && !answer.readable()));
          default -> false;
        };
    return again && tried < ask.tries()
        ? Optional.of(told.orElse(backOff(tried)))
        : Optional.empty();
  }

  private static Duration backOff(int tried) {
    return FIRST_WAIT.multipliedBy(1L << Math.min(tried - 1, 4));
  }

  /** Sends it, and again at once where the answer says how it should have been sent. */
  private Answer once(Ask ask) throws IOException {
    HttpUrl url = resolve(ask.uri());
    Answer answer = transmit(ask, url);
    if (answer.status() == 406 && identity) {
      identity = false;
      answer = transmit(ask, url);
    }
    if (redirects(answer, url)) {
      url = resolve(url, answer.reply().header("Location"), ask);
      answer = transmit(ask, url);
    }
    if (answer.status() == 404) {
      Answer other = transmit(ask, spelledOtherwise(url));
      answer = other.status() == 404 ? answer : other;
    }
    boolean over =
        answer.status() == 401
            || ((answer.status() == 403 || answer.status() == 400)
                && answer.says(Meaning.NO_SESSION));
    if (over && ask.loggedIn() && login.renew()) {
      answer = transmit(ask, url);
    }
    return answer;
  }

  /** With a slash at its end, or without. */
  private static HttpUrl spelledOtherwise(HttpUrl url) {
    return url.encodedPath().endsWith("/")
        ? url.newBuilder().removePathSegment(url.pathSize() - 1).build()
        : url.newBuilder().addPathSegment("").build();
  }

  /**
   * What changes something is not turned into a GET; it is sent again where only a slash differs.
   */
  private boolean redirects(Answer answer, HttpUrl from) {
    String location = answer.reply().header("Location");
    return switch (answer.status()) {
      case 307, 308 -> !location.isEmpty();
      case 301, 302 ->
          !location.isEmpty()
              && (answer.ask().safe()
                  || Resource.path(location).equals(Resource.path(from.encodedPath())));
      default -> false;
    };
  }

  private Answer transmit(Ask ask, HttpUrl url) throws IOException {
    Request.Builder request =
        new Request.Builder()
            .url(url)
            .header("OData-Version", "4.0")
            .header("Accept", "application/json");
    if (identity) {
      request.header("Accept-Encoding", "identity");
    }
    if (!keepAlive) {
      request.header("Connection", "close");
    }
    if (ask.loggedIn()) {
      login.header().ifPresent(header -> request.header(header.name(), header.value()));
    }
    ask.ifMatch().ifPresent(etag -> request.header("If-Match", etag));
    RequestBody body =
        ask.body().map(json -> RequestBody.create(Props.bytes(json), JSON)).orElse(null);
    request.method(ask.method(), body);
    return Answer.of(ask, wire.send(request.build(), !ask.repeatable(), limit()));
  }

  private Duration limit() {
    Duration left = left();
    return left.compareTo(FIRST_WAIT) < 0 ? FIRST_WAIT : left;
  }

  /**
   * Where a link leads: a place on this very BMC, by whatever name or address it calls itself. One
   * behind a tunnel or a proxy, or asked by its address, often does not know the one that is used.
   */
  private HttpUrl resolve(String uri) {
    HttpUrl url = base.resolve(fromTop(uri));
    if (url == null) {
      throw faults.fault(
          Kind.BROKEN, "GET " + uri, "a link to nowhere", "restart the BMC, or report it");
    }
    return base.newBuilder()
        .username("")
        .password("")
        .encodedPath(url.encodedPath())
        .encodedQuery(url.encodedQuery())
        .fragment(null)
        .build();
  }

  /** Without what stands in front of the service's path and is no URL, such as a host alone. */
  private static String fromTop(String uri) {
    if (uri.startsWith("redfish/")) {
      return "/" + uri;
    }
    int top = uri.indexOf("/redfish/");
    boolean told = uri.startsWith("/") || HttpUrl.parse(uri) != null;
    return top > 0 && !told ? uri.substring(top) : uri;
  }

  /** What a link leads to that stands in a page of a collection, and may be relative to it. */
  String from(String page, String link) {
    boolean relative =
        !link.startsWith("/") && !link.startsWith("redfish/") && !link.contains("/redfish/");
    HttpUrl url = relative ? resolve(page).resolve(link) : null;
    if (url == null) {
      return link;
    }
    return url.encodedPath() + (url.encodedQuery() == null ? "" : "?" + url.encodedQuery());
  }

  /**
   * Where a redirect leads; never to another server, since the credentials go along. One to another
   * path is this BMC's own, by whatever name it calls itself.
   */
  private HttpUrl resolve(HttpUrl from, String uri, Ask ask) {
    HttpUrl url = from.resolve(uri);
    if (url != null && !isHere(url) && !(url.isHttps() && !base.isHttps())) {
      HttpUrl here = resolve(uri);
      url = here.equals(from) ? url : here;
    }
    if (url == null || !isHere(url)) {
      throw faults.fault(
          Kind.BROKEN,
          ask.toString(),
          "a redirect to " + (url == null ? "nowhere" : url.redact()),
          "give the BMC's own address as url: the password is sent nowhere else");
    }
    return url.newBuilder().username("").password("").fragment(null).build();
  }

  private boolean isHere(HttpUrl url) {
    return url.host().equals(base.host())
        && url.port() == base.port()
        && url.scheme().equals(base.scheme());
  }

  RedfishSettings settings() {
    return settings;
  }

  /** Logs out. */
  @Override
  public void close() {
    begin(settings.connect());
    login.close();
    wire.close();
  }
}
