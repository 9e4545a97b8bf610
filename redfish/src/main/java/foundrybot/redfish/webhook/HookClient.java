// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.webhook;

import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.WakeOnLan;
import foundrybot.redfish.http.NoAnswer;
import foundrybot.redfish.http.Wire;
import foundrybot.redfish.webhook.Webhook.Hook;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * Sends the user's requests. What changes something is sent again only where it surely did not
 * arrive; a refused password is not sent again at all.
 */
final class HookClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(8);
  private static final Duration READ = Duration.ofSeconds(30);
  private static final Duration WHOLE = Duration.ofSeconds(45);
  private static final int TRIES = 3;
  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final int SHOWN = 160;

  private final String name;
  private final String base;
  private final Optional<String> system;
  private final Optional<Credentials> credentials;
  private final Optional<String> header;
  private final List<String> secrets;
  private final WakeOnLan.Pause pause;
  private final Wire wire;
  private Optional<BmcFault> refused = Optional.empty();

  HookClient(BmcEndpoint endpoint, Optional<String> header, WakeOnLan.Pause pause) {
    String url = endpoint.url().toString();
    this.base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    if (HttpUrl.parse(base) == null) {
      throw new IllegalArgumentException(
          "url: " + url + " (expected: https://HOST or http://HOST)");
    }
    this.name = "webhook " + base + endpoint.system().map(s -> " " + s).orElse("");
    this.system = endpoint.system();
    this.credentials = endpoint.credentials();
    this.header = header;
    this.secrets =
        credentials
            .map(c -> List.of(c.password().reveal(), encoded(c.password().reveal()), basic(c)))
            .orElse(List.of());
    this.pause = pause;
    this.wire = new Wire(endpoint.trust(), CONNECT, READ);
  }

  String name() {
    return name;
  }

  /**
   * The body of an answer with an expected status.
   *
   * @param harmless whether it changes nothing, so that it may be sent again whatever happened
   * @throws Trouble if there is none
   */
  String send(String what, Hook hook, boolean harmless) {
    if (refused.isPresent()) {
      throw Trouble.failed(refused.get());
    }
    String asked = what + " by " + hook;
    for (int tried = 1; ; tried++) {
      try {
        Wire.Reply reply = wire.send(request(hook), true, WHOLE);
        boolean busy = reply.status() == 429 || reply.status() == 503;
        boolean again = busy || (harmless && reply.status() >= 500);
        if (!again || tried == TRIES || expected(hook, reply.status())) {
          return checked(asked, hook, reply);
        }
      } catch (IOException e) {
        boolean again = harmless || e instanceof Wire.Unsent;
        if (!again
            || tried == TRIES
            || e instanceof Wire.TooLong
            || NoAnswer.untrusted(e).isPresent()
            || Thread.currentThread().isInterrupted()) {
          throw noAnswer(asked, e, harmless);
        }
      }
      pause(FIRST_WAIT.multipliedBy(tried), asked);
    }
  }

  void pause(Duration time, String during) {
    try {
      pause.pause(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw fault(Kind.UNKNOWN_OUTCOME, during, "interrupted while waiting", "ask again");
    }
  }

  Trouble fault(Kind kind, String asked, String answered, String advice) {
    return Trouble.failed(said(kind, asked, answered, advice));
  }

  /** For people: the beginning, on one line, without secrets. */
  String shown(String text) {
    String line = Webhook.withoutValues(clean(text)).replaceAll("\\s+", " ").strip();
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
  }

  @Override
  public void close() {
    wire.close();
  }

  private Request request(Hook hook) {
    String path =
        hook.path()
            .replace(Webhook.SYSTEM, encoded(system.orElse("")))
            .replace(
                Webhook.SECRET, credentials.map(c -> encoded(c.password().reveal())).orElse(""));
    HttpUrl url = HttpUrl.parse(base + path);
    if (url == null) {
      throw fault(
          Kind.REFUSED, hook.toString(), "not sent: no URL", "see 'hooks' in the rack file");
    }
    Request.Builder request = new Request.Builder().url(url).header("Connection", "close");
    credentials.ifPresent(
        c -> {
          if (header.isPresent()) {
            request.header(header.get(), c.password().reveal());
          } else if (!c.user().isEmpty()) {
            request.header("Authorization", basic(c));
          }
        });
    RequestBody body =
        hook.body()
            .map(
                b ->
                    RequestBody.create(
                        b.text()
                            .replace(Webhook.SYSTEM, system.orElse(""))
                            .getBytes(StandardCharsets.UTF_8),
                        MediaType.get(b.type())))
            .orElseGet(() -> RequestBody.create(new byte[0], null));
    return request.method(hook.method(), hook.method().equals("GET") ? null : body).build();
  }

  private String checked(String asked, Hook hook, Wire.Reply reply) {
    if (expected(hook, reply.status())) {
      return reply.body().utf8();
    }
    // A device may repeat what it was asked.
    String text = hook.hidden() ? "" : shown(reply.body().utf8());
    String answered = (reply.status() + " " + text).strip();
    switch (reply.status()) {
      case 401, 403 -> {
        BmcFault fault =
            said(
                Kind.WRONG_PASSWORD,
                asked,
                answered,
                "check user and password, and the header that it wants; they are not tried again");
        refused = Optional.of(fault);
        throw Trouble.failed(fault);
      }
      case 429, 503 -> throw fault(Kind.BUSY, asked, answered, "try again later");
      default ->
          throw fault(
              reply.status() >= 500 ? Kind.BROKEN : Kind.REFUSED,
              asked,
              answered,
              "expected status "
                  + (hook.expected().isEmpty() ? "200..299" : hook.expected())
                  + "; check this request of 'hooks' against the device's manual");
    }
  }

  private static boolean expected(Hook hook, int status) {
    return hook.expected().isEmpty() ? status / 100 == 2 : hook.expected().contains(status);
  }

  private Trouble noAnswer(String asked, IOException e, boolean harmless) {
    Optional<String> untrusted = NoAnswer.untrusted(e);
    if (untrusted.isPresent()) {
      return fault(
          Kind.NOT_TRUSTED,
          asked,
          untrusted.get(),
          "if this is its right certificate, put the fingerprint into 'trust:'; if not, somebody"
              + " sits in between");
    }
    if (e instanceof Wire.TooLong) {
      return fault(Kind.BROKEN, asked, e.getMessage() + " of answer", "check the URL");
    }
    String reason = NoAnswer.reason(e, WHOLE);
    if (!harmless && !(e instanceof Wire.Unsent)) {
      return fault(
          Kind.UNKNOWN_OUTCOME,
          asked,
          reason,
          "it may have been carried out: look at the machine before asking again");
    }
    Kind kind = harmless ? Kind.UNREACHABLE : Kind.NOT_SENT;
    return fault(kind, asked, reason, "check the device's address and its network");
  }

  private BmcFault said(Kind kind, String asked, String answered, String advice) {
    return new BmcFault(kind, name, asked, clean(answered), advice);
  }

  private String clean(String text) {
    String cleaned = text;
    for (String secret : secrets) {
      cleaned = secret.isEmpty() ? cleaned : cleaned.replace(secret, "(secret)");
    }
    return cleaned;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String basic(Credentials who) {
    return okhttp3.Credentials.basic(who.user(), who.password().reveal(), StandardCharsets.UTF_8);
  }
}
