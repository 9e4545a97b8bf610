// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import foundrybot.answerfiles.BmcSettings;
import foundrybot.answerfiles.WebhookSettings;
import foundrybot.appliance.logs.Secrets;
import foundrybot.appliance.notify.Patience.Reply;
import foundrybot.appliance.power.PasswordFile;
import foundrybot.appliance.power.Trusts;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.http.NoAnswer;
import foundrybot.redfish.http.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one request to one receiver, once, and tells what came of it. Redirects are not followed,
 * and of an answer only the beginning is read. Key and certificates are read anew each time, so
 * that a changed file is in force at once.
 */
final class Sender {
  private static final Logger LOG = LoggerFactory.getLogger(Sender.class);
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** For all of it: Standard Webhooks 1.0.0 has 15 to 30 s (Request timeouts). */
  private static final Duration WHOLE = Duration.ofSeconds(20);

  private static final int MOST_ANSWER = 2 << 10;
  private static final int SHOWN = 160;
  private static final MediaType TYPE = MediaType.get("application/json");

  private final WebhookSettings hook;
  private final HookSetup setup;
  private final Path known;
  private final InstantSource clock;
  private final Duration limit;

  /**
   * Sends nothing yet.
   *
   * @param known the file that remembers certificates of first use
   */
  Sender(WebhookSettings hook, HookSetup setup, Path known, InstantSource clock) {
    this(hook, setup, known, clock, WHOLE);
  }

  /** The same with another limit for each request. */
  Sender(WebhookSettings hook, HookSetup setup, Path known, InstantSource clock, Duration limit) {
    this.hook = hook;
    this.setup = setup;
    this.known = known;
    this.clock = clock;
    this.limit = limit;
  }

  /** Sends it, dated with the present time (Standard Webhooks 1.0.0, Webhook headers). */
  Reply send(String id, byte[] body) {
    try {
      SigningKeys keys = keys();
      Instant now = clock.instant();
      HttpUrl url = HttpUrl.parse(hook.url().toString());
      if (url == null) {
        return new Reply.Unanswered("url: cannot be asked (expected: https://HOST/PATH)");
      }
      Request request =
          new Request.Builder()
              .url(url)
              .header("User-Agent", "FoundryBot")
              .header("Connection", "close")
              .header("webhook-id", id)
              .header("webhook-timestamp", Long.toString(now.getEpochSecond()))
              .header("webhook-signature", keys.sign(id, now, body))
              .post(RequestBody.create(body, TYPE))
              .build();
      try (Wire wire = Wire.reading(trust(), CONNECT, limit, MOST_ANSWER)) {
        Wire.Reply reply = wire.send(request, true, limit);
        return new Reply.Answered(
            reply.status(), reply.header("Retry-After"), shown(reply.body().utf8()));
      }
    } catch (IOException e) {
      return new Reply.Unanswered(
          NoAnswer.untrusted(e)
              .map(why -> "its certificate is not trusted: " + shown(why))
              .orElseGet(() -> shown(NoAnswer.reason(e, limit))));
    } catch (RuntimeException e) {
      return new Reply.Unanswered(String.valueOf(e.getMessage()));
    }
  }

  private SigningKeys keys() {
    return switch (hook.secret()) {
      case BmcSettings.Password.InFile(Path path) -> {
        Path file = setup.folder().resolve(path);
        Secret text = PasswordFile.read("secret-file", file, why -> LOG.warn("{}", why));
        yield SigningKeys.of(text, "secret-file: " + file);
      }
      case BmcSettings.Password.InEnvironment(String name) -> {
        String value = setup.environment().getOrDefault(name, "");
        if (value.isEmpty()) {
          throw new IllegalArgumentException(
              "secret-env: " + name + ": not set (expected: the key); export it before 'serve'");
        }
        yield SigningKeys.of(new Secret(value), "secret-env: " + name);
      }
      case BmcSettings.Password.None() ->
          throw new IllegalArgumentException("secret-file or secret-env: missing");
    };
  }

  private Trust trust() {
    return hook.trust()
        .map(it -> new Trusts(setup.folder(), known).of(it, Trusts.place(hook.url())))
        .orElseGet(() -> new Trust.Authority(ofSystem()));
  }

  /** Those that this JDK trusts; Debian's are the system's. */
  private static List<X509Certificate> ofSystem() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      return Stream.of(factory.getTrustManagers())
          .filter(X509TrustManager.class::isInstance)
          .flatMap(it -> Arrays.stream(((X509TrustManager) it).getAcceptedIssuers()))
          .toList();
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("no certificates of the system: " + e.getMessage(), e);
    }
  }

  /** For people: the beginning, on one line, without secrets. */
  private static String shown(String text) {
    String line =
        Secrets.masked(text.replaceAll("[^\\p{Print}]+", " ")).replaceAll("\\s+", " ").strip();
    return Optional.of(line)
        .filter(it -> it.length() <= SHOWN)
        .orElseGet(() -> line.substring(0, SHOWN) + "...");
  }
}
