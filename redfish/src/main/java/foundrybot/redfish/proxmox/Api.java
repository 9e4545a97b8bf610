// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.WakeOnLan;
import foundrybot.redfish.http.NoAnswer;
import foundrybot.redfish.http.Wire;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * Sends requests to the API of Proxmox VE ({@code /api2/json}) and reads their answers. What
 * changes something is sent again only where it surely was not carried out; a refused password is
 * not sent again at all.
 */
final class Api implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(8);
  private static final Duration READ = Duration.ofSeconds(60);
  private static final Duration WHOLE = Duration.ofSeconds(75);
  private static final int TRIES = 3;
  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final int SHOWN = 300;

  private final String name;
  private final HttpUrl base;
  private final Login login;
  private final InstantSource clock;
  private final WakeOnLan.Pause pause;
  private final Wire wire;
  private Optional<BmcFault> refused = Optional.empty();

  Api(BmcEndpoint endpoint, InstantSource clock, WakeOnLan.Pause pause) {
    URI url = endpoint.url();
    int port = url.getPort() < 0 ? Proxmox.PORT : url.getPort();
    HttpUrl parsed = HttpUrl.parse("https://" + url.getHost() + ":" + port + "/api2/json");
    if (!"proxmox".equals(url.getScheme()) || url.getHost() == null || parsed == null) {
      throw new IllegalArgumentException(
          "url: " + url + " (expected: proxmox://HOST:8006 or proxmox://HOST:8006/NODE)");
    }
    Proxmox.node(url);
    this.base = parsed;
    this.name = "proxmox " + url.getHost() + ":" + port;
    this.login =
        new Login(
            endpoint
                .credentials()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "user: missing (expected: NAME@REALM, or NAME@REALM!TOKEN)")));
    this.clock = clock;
    this.pause = pause;
    this.wire = new Wire(endpoint.trust(), CONNECT, READ);
  }

  String name() {
    return name;
  }

  Instant now() {
    return clock.instant();
  }

  /**
   * What an answer holds as {@code data}.
   *
   * @throws Trouble if it is an error, or none comes
   */
  Data ask(Call call) {
    if (refused.isPresent()) {
      throw Trouble.failed(refused.get());
    }
    boolean fresh = login.needsTicket(now());
    if (fresh) {
      logIn();
    }
    Wire.Reply reply = exchange(call, true);
    if (reply.status() == 401 && !login.isToken() && !fresh) {
      // 401 says that it was not carried out: the ticket has ended before its time.
      login.forget();
      logIn();
      reply = exchange(call, true);
    }
    return data(call, reply);
  }

  private void logIn() {
    Call call = login.call();
    Data answer = data(call, exchange(call, false));
    if (answer.flag("NeedTFA")) {
      throw refuse(call, "a second factor is wanted", "use an API token: it needs none");
    }
    if (!login.take(answer, now())) {
      throw fault(
          Kind.BROKEN, call.toString(), "200 without a ticket", "check that this is Proxmox VE");
    }
  }

  private Wire.Reply exchange(Call call, boolean signed) {
    for (int tried = 1; ; tried++) {
      try {
        Wire.Reply reply = wire.send(request(call, signed), !call.reads(), WHOLE);
        boolean gateway = reply.status() >= 502 && reply.status() <= 504;
        if (!(gateway && call.reads()) || tried == TRIES) {
          return reply;
        }
      } catch (IOException e) {
        boolean again = call.reads() || e instanceof Wire.Unsent;
        if (!again
            || tried == TRIES
            || e instanceof Wire.TooLong
            || NoAnswer.untrusted(e).isPresent()
            || Thread.currentThread().isInterrupted()) {
          throw noAnswer(call, e);
        }
      }
      pause(FIRST_WAIT.multipliedBy(tried), call.toString());
    }
  }

  private Request request(Call call, boolean signed) {
    HttpUrl.Builder url = base.newBuilder();
    for (String segment : call.path().substring(1).split("/", -1)) {
      url.addPathSegment(segment);
    }
    Request.Builder request = new Request.Builder();
    if (signed) {
      login.sign(request, call.reads());
    }
    if (call.hasBody()) {
      FormBody.Builder form = new FormBody.Builder();
      call.form().forEach(form::add);
      return request.url(url.build()).method(call.method(), form.build()).build();
    }
    call.form().forEach(url::addQueryParameter);
    return request.url(url.build()).method(call.method(), null).build();
  }

  private Data data(Call call, Wire.Reply reply) {
    Optional<Data> body = reply.whole() ? Data.read(reply.body().toByteArray()) : Optional.empty();
    int status = reply.status();
    if (status / 100 == 2) {
      return body.map(object -> object.at("data"))
          .orElseThrow(() -> unreadable(call, status, reply.whole()));
    }
    String words = words(reply.reason(), body.orElse(Data.NOTHING));
    if (status == 401) {
      throw refuse(
          call,
          "401 " + words,
          login.isToken()
              ? "check user, token and its secret, and that the token has not expired; it is not"
                  + " tried again"
              : "check user, realm and password; they are not tried again");
    }
    Refusal refusal = Refusal.of(status, words, call.reads());
    throw fault(refusal.kind(), call.toString(), status + " " + words, refusal.advice());
  }

  private Trouble unreadable(Call call, int status, boolean whole) {
    return fault(
        call.reads() || !whole ? Kind.BROKEN : Kind.UNKNOWN_OUTCOME,
        call.toString(),
        status + (whole ? " without the JSON of this API" : " with half a body"),
        "check that the URL is that of Proxmox VE");
  }

  /** The reason stands in the status line, and in later versions in the body, too. */
  private static String words(String reason, Data body) {
    String message = body.text("message").strip();
    String errors =
        body.at("errors").texts().entrySet().stream()
            .map(entry -> entry.getKey() + ": " + entry.getValue().strip())
            .collect(Collectors.joining("; "));
    String said = message.isEmpty() ? reason.strip() : message;
    return errors.isEmpty() ? said : said + " " + errors;
  }

  private Trouble refuse(Call call, String answered, String advice) {
    BmcFault fault = said(Kind.WRONG_PASSWORD, call.toString(), answered, advice);
    refused = Optional.of(fault);
    return Trouble.failed(fault);
  }

  void pause(Duration time, String during) {
    try {
      pause.pause(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw fault(Kind.UNKNOWN_OUTCOME, during, "interrupted while waiting", "ask again");
    }
  }

  private Trouble noAnswer(Call call, IOException e) {
    Optional<String> untrusted = NoAnswer.untrusted(e);
    if (untrusted.isPresent()) {
      return fault(
          Kind.NOT_TRUSTED,
          call.toString(),
          untrusted.get(),
          "if this is its right certificate, put the fingerprint into 'trust:'; if not, somebody"
              + " sits in between");
    }
    if (e instanceof Wire.TooLong) {
      return fault(
          Kind.BROKEN, call.toString(), e.getMessage() + " of answer", "check that it is right");
    }
    String reason = NoAnswer.reason(e, WHOLE);
    return call.reads() || e instanceof Wire.Unsent
        ? fault(Kind.UNREACHABLE, call.toString(), reason, "check the host and its network")
        : fault(
            Kind.UNKNOWN_OUTCOME,
            call.toString(),
            reason,
            "it may have been carried out: look at the machine before asking again");
  }

  Trouble fault(Kind kind, String asked, String answered, String advice) {
    return Trouble.failed(said(kind, asked, answered, advice));
  }

  private BmcFault said(Kind kind, String asked, String answered, String advice) {
    return new BmcFault(kind, name, asked, shown(answered), advice);
  }

  /** For people: the beginning, on one line, without secrets. */
  String shown(String text) {
    String line = text;
    for (String secret : login.secrets()) {
      line = secret.isEmpty() ? line : line.replace(secret, "(secret)");
      line = secret.isEmpty() ? line : line.replace(encoded(secret), "(secret)");
    }
    line = line.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The answer to a GET. */
  Data get(String path) {
    return ask(Call.get(path));
  }

  Data get(String path, Map<String, String> query) {
    return ask(Call.get(path, query));
  }

  @Override
  public void close() {
    wire.close();
  }
}
