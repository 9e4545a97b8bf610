// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Whom the appliance tells of what happens, by requests of its own.
 *
 * @param name in the rack file
 * @param url https or http; what follows the host may be a secret
 * @param secret where the key is by which what is sent is signed
 * @param events those that are told; empty for all
 * @param trust which certificate is the right one; absent for those that the system trusts
 */
public record WebhookSettings(
    String name,
    URI url,
    BmcSettings.Password secret,
    List<String> events,
    Optional<BmcSettings.Trust> trust) {
  /** All that there is to tell, as the rack file names it. */
  public static final List<String> EVENTS =
      List.of(
          "node.stage",
          "node.condition",
          "phase.done",
          "phase.blocked",
          "cluster.complete",
          "command.accepted",
          "command.ended");

  public WebhookSettings {
    events = List.copyOf(events);
  }

  /** Whether that is told there. */
  public boolean wants(String event) {
    return events.isEmpty() || events.contains(event);
  }

  /** Whether everybody on the way can read what is sent. */
  public boolean isInClear() {
    return url.getScheme().equals("http");
  }

  /** Scheme, host and port alone, as the path of many receivers is a secret. */
  public String place() {
    return url.getScheme() + "://" + url.getRawAuthority();
  }

  /** Without what of its URL may be a secret. */
  @Override
  public String toString() {
    return "WebhookSettings[" + name + ", " + place() + ", " + events + "]";
  }
}
