// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.Credentials;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Who may ask the emulated Proxmox VE: by ticket and CSRF token, or by an API token. */
final class PveLogins {
  /** How long a ticket holds (pveum(1)). */
  private static final Duration TICKET = Duration.ofHours(2);

  private final Credentials user;
  private final Credentials token;
  private final boolean secondFactor;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Ticket> tickets = new HashMap<>();
  private final List<String> issued = new ArrayList<>();
  private int refused;

  private record Ticket(String csrf, Instant until) {}

  PveLogins(Credentials user, Credentials token, boolean secondFactor, InstantSource clock) {
    this.user = user;
    this.token = token;
    this.secondFactor = secondFactor;
    this.clock = clock;
  }

  Map<String, Object> ticket(Map<String, String> form) {
    if (!user.user().equals(form.get("username"))
        || !user.password().reveal().equals(form.get("password"))) {
      refused++;
      throw PveError.of(401, "authentication failure");
    }
    if (secondFactor) {
      return Json.object(
          "username",
          user.user(),
          "NeedTFA",
          1,
          "ticket",
          "PVE:!tfa!x",
          "CSRFPreventionToken",
          "x");
    }
    String ticket = "PVE:" + user.user() + ":" + secret() + "::" + secret() + "==";
    String csrf = secret().substring(0, 8) + ":" + secret();
    tickets.put(ticket, new Ticket(csrf, clock.instant().plus(TICKET)));
    issued.add(ticket);
    issued.add(csrf);
    return Json.object(
        "username",
        user.user(),
        "ticket",
        ticket,
        "CSRFPreventionToken",
        csrf,
        "clustername",
        "rig");
  }

  private String secret() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().withUpperCase().formatHex(bytes);
  }

  /** The name of who asks, as tasks have it. */
  String check(Request request) {
    String header = request.header("authorization").orElse("");
    if (header.startsWith("PVEAPIToken=")) {
      String given = header.substring("PVEAPIToken=".length());
      if (!given.equals(token.user() + "=" + token.password().reveal())) {
        refused++;
        throw PveError.of(401, "invalid token value!");
      }
      return token.user();
    }
    String cookie = request.header("cookie").orElse("");
    if (!cookie.startsWith("PVEAuthCookie=")) {
      throw PveError.of(401, "No ticket");
    }
    Ticket ticket = tickets.get(cookie.substring("PVEAuthCookie=".length()));
    if (ticket == null || !clock.instant().isBefore(ticket.until())) {
      throw PveError.of(401, "permission denied - invalid PVE ticket");
    }
    if (!request.reads()
        && !ticket.csrf().equals(request.header("csrfpreventiontoken").orElse(""))) {
      throw PveError.of(401, "Permission denied - invalid csrf token");
    }
    return user.user();
  }

  void forget() {
    tickets.clear();
  }

  int refused() {
    return refused;
  }

  List<String> issued() {
    return List.copyOf(issued);
  }
}
