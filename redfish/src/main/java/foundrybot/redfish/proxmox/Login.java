// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.Credentials;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import okhttp3.Request;

/**
 * Who asks: an API token, sent with each request, or a user, whose password is exchanged for a
 * ticket that holds two hours.
 */
final class Login {
  private static final Duration TICKET_LIFE = Duration.ofMinutes(110);

  private final Credentials who;
  private Optional<Ticket> ticket = Optional.empty();

  private record Ticket(String cookie, String csrf, Instant until) {}

  Login(Credentials who) {
    this.who = who;
    if (!who.user().matches("[^!:/\\s]+@[A-Za-z0-9._-]+(![A-Za-z0-9._-]+)?")) {
      throw new IllegalArgumentException(
          "user: "
              + who.user()
              + " (expected: NAME@REALM as ops@pve, or NAME@REALM!TOKEN for an API token)");
    }
  }

  boolean isToken() {
    return who.user().contains("!");
  }

  /** Whether a ticket must be had before anything else is asked. */
  boolean needsTicket(Instant now) {
    return !isToken() && ticket.filter(t -> now.isBefore(t.until())).isEmpty();
  }

  /** The request for a ticket. */
  Call call() {
    return Call.post(
        "/access/ticket", Map.of("username", who.user(), "password", who.password().reveal()));
  }

  /** Keeps a ticket; false where the answer has none. */
  boolean take(Data answer, Instant now) {
    String cookie = answer.text("ticket");
    String csrf = answer.text("CSRFPreventionToken");
    if (!cookie.matches("[!-:<-~]{1,4096}") || !csrf.matches("[!-~]{1,512}")) {
      return false;
    }
    ticket = Optional.of(new Ticket(cookie, csrf, now.plus(TICKET_LIFE)));
    return true;
  }

  void forget() {
    ticket = Optional.empty();
  }

  void sign(Request.Builder request, boolean reads) {
    if (isToken()) {
      request.header("Authorization", "PVEAPIToken=" + who.user() + "=" + who.password().reveal());
      return;
    }
    ticket.ifPresent(
        t -> {
          request.header("Cookie", "PVEAuthCookie=" + t.cookie());
          if (!reads) {
            request.header("CSRFPreventionToken", t.csrf());
          }
        });
  }

  /** What must never be shown. */
  List<String> secrets() {
    List<String> secrets = new ArrayList<>(List.of(who.password().reveal()));
    ticket.ifPresent(t -> secrets.addAll(List.of(t.cookie(), t.csrf())));
    return secrets;
  }
}
