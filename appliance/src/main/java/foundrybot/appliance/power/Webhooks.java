// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.HookSettings;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.webhook.Webhook;
import foundrybot.redfish.webhook.Webhook.Hook;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;

/** From the rack file's words about a switch to the switch. */
final class Webhooks {
  private Webhooks() {}

  static Bmc open(BmcEndpoint endpoint, HookSettings settings) {
    return open(endpoint, settings, false);
  }

  /**
   * The same.
   *
   * @param hidden whether nothing of the requests is to be shown
   */
  static Bmc open(BmcEndpoint endpoint, HookSettings settings, boolean hidden) {
    Map<PowerAction, Hook> actions = new EnumMap<>(PowerAction.class);
    settings.actions().forEach((action, hook) -> actions.put(action(action), hook(hook, hidden)));
    return Webhook.open(
        endpoint,
        new Webhook.Hooks(
            actions,
            settings.status().map(status -> status(status, hidden)),
            settings.header(),
            settings.offTime()),
        InstantSource.system(),
        Thread::sleep);
  }

  private static PowerAction action(HookSettings.Action action) {
    return switch (action) {
      case ON -> PowerAction.ON;
      case OFF -> PowerAction.OFF;
      case SHUTDOWN -> PowerAction.SHUTDOWN;
      case CYCLE -> PowerAction.CYCLE;
      case RESET -> PowerAction.RESET;
    };
  }

  private static Hook hook(HookSettings.Hook hook, boolean hidden) {
    Optional<Webhook.Body> body = hook.body().map(text -> new Webhook.Body(hook.type(), text));
    return new Hook(hook.method(), hook.path(), body, new LinkedHashSet<>(hook.expected()), hidden);
  }

  private static Webhook.Status status(HookSettings.Status status, boolean hidden) {
    return new Webhook.Status(
        hook(status.hook(), hidden),
        new Webhook.Reading(status.pointer(), status.on(), status.off()));
  }
}
