// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.webhook;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Conversations;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Outcome.Unsupported;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.webhook.Webhook.Hook;
import foundrybot.redfish.webhook.Webhook.Hooks;
import foundrybot.redfish.webhook.Webhook.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A switch that knows no more than what the user has told about it.
 *
 * <p>Where there is a status, nothing is sent to one that is in the wanted state already (the
 * request may be a toggle), and what was sent is waited for. Without one the answer is UNKNOWN.
 */
final class WebhookBmc implements Bmc {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final HookClient client;
  private final Hooks hooks;
  private final InstantSource clock;
  private final Conversations conversations = new Conversations();

  /** The client pauses by the same pause. */
  WebhookBmc(HookClient client, Hooks hooks, InstantSource clock) {
    this.client = client;
    this.hooks = hooks;
    this.clock = clock;
  }

  @Override
  public String describe() {
    return client.name();
  }

  @Override
  public Outcome<Identity> identify() {
    return power()
        .then(
            done ->
                new Done<>(new Identity("webhook", "", "", ""), done.evidence(), done.warnings()));
  }

  @Override
  public Outcome<PowerState> power() {
    return hooks.status().isEmpty()
        ? unsupported("reading the power state: the rack file has no hooks.status for it")
        : conversations.hold(
            () -> {
              PowerState state = read(hooks.status().get());
              return new Done<>(state, describe() + ": " + text(state));
            });
  }

  @Override
  public Outcome<PowerState> power(PowerAction action, Duration patience) {
    boolean composed =
        action == PowerAction.CYCLE
            && hook(PowerAction.OFF).isPresent()
            && hook(PowerAction.ON).isPresent();
    if (hook(action).isEmpty() && !composed) {
      return unsupported(title(action) + ": the rack file has no hooks." + title(action));
    }
    return conversations.hold(
        () -> {
          Instant deadline = clock.instant().plus(patience);
          return switch (action) {
            case ON, OFF, SHUTDOWN -> reach(action, deadline);
            case CYCLE -> hook(action).isPresent() ? pulse(action) : offAndOn(deadline);
            case RESET -> pulse(action);
          };
        });
  }

  @Override
  public void close() {
    client.close();
  }

  private Done<PowerState> reach(PowerAction action, Instant deadline) {
    Optional<Status> status = hooks.status();
    if (status.isPresent() && read(status.get()) == action.leadsTo()) {
      return new Done<>(action.leadsTo(), describe() + ": was " + text(action.leadsTo()));
    }
    try {
      send(action);
    } catch (Trouble e) {
      if (status.isEmpty() || !e.is(Kind.UNKNOWN_OUTCOME)) {
        throw e;
      }
      if (!await(status.get(), action.leadsTo(), deadline)) {
        throw e;
      }
    }
    if (status.isEmpty()) {
      return sent(action);
    }
    if (!await(status.get(), action.leadsTo(), deadline)) {
      throw client.fault(
          Kind.NO_EFFECT,
          title(action),
          "accepted, and still not " + text(action.leadsTo()),
          action == PowerAction.SHUTDOWN
              ? "its operating system does not listen: switch it off"
              : "look at the device, and at hooks.status");
    }
    String evidence = title(action) + " sent, is " + text(action.leadsTo());
    return new Done<>(action.leadsTo(), describe() + ": " + evidence);
  }

  private Done<PowerState> offAndOn(Instant deadline) {
    Done<PowerState> off = reach(PowerAction.OFF, deadline);
    client.pause(hooks.offTime(), "a pause before on");
    Done<PowerState> on = reach(PowerAction.ON, deadline.plus(hooks.offTime()));
    return new Done<>(on.value(), off.evidence() + "; " + on.evidence());
  }

  /** What the device does by itself; at the end nothing shows that it was off in between. */
  private Done<PowerState> pulse(PowerAction action) {
    send(action);
    return new Done<>(
        PowerState.UNKNOWN,
        describe() + ": " + title(action) + " sent",
        List.of("the device has accepted it; nothing shows whether it was carried out"));
  }

  private Done<PowerState> sent(PowerAction action) {
    return new Done<>(
        PowerState.UNKNOWN,
        describe() + ": " + title(action) + " sent",
        List.of("there is no hooks.status in the rack file to confirm it by"));
  }

  private void send(PowerAction action) {
    client.send(title(action), hook(action).orElseThrow(), false);
  }

  private boolean await(Status status, PowerState wanted, Instant until) {
    while (true) {
      try {
        if (read(status) == wanted) {
          return true;
        }
      } catch (Trouble e) {
        if (!e.mayPass() || !clock.instant().isBefore(until)) {
          throw e;
        }
      }
      Duration left = Duration.between(clock.instant(), until);
      if (left.isNegative() || left.isZero()) {
        return false;
      }
      client.pause(left.compareTo(LOOK) < 0 ? left : LOOK, "the power state");
    }
  }

  private PowerState read(Status status) {
    String answer = client.send("status", status.hook(), true);
    PowerState state = StateWords.read(answer, status.reading());
    if (state != PowerState.UNKNOWN) {
      return state;
    }
    String told =
        status.reading().pointer().isEmpty()
            ? client.shown(answer)
            : StateWords.value(answer, status.reading())
                .map(client::shown)
                .orElseGet(
                    () ->
                        "nothing at "
                            + status.reading().pointer().get()
                            + " of: "
                            + client.shown(answer));
    throw client.fault(
        Kind.BROKEN,
        "status by " + status.hook(),
        told,
        "expected either "
            + status.reading().on()
            + " or "
            + status.reading().off()
            + "; check hooks.status");
  }

  private Optional<Hook> hook(PowerAction action) {
    return Optional.ofNullable(hooks.actions().get(action));
  }

  private <T> Outcome<T> unsupported(String what) {
    return new Unsupported<>(describe(), what);
  }

  private static String title(PowerAction action) {
    return action.name().toLowerCase(Locale.ROOT);
  }

  private static String text(PowerState state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
