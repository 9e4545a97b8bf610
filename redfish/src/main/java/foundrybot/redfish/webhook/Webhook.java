// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.webhook;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.WakeOnLan;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Opens a switch that is turned by requests of the user's. */
public final class Webhook {

  /** In a path: the endpoint's system, such as the number of an outlet. */
  public static final String SYSTEM = "{system}";

  /** In a path: the password, percent-encoded, for devices that want it there. */
  public static final String SECRET = "{secret}";

  private static final Pattern VALUE_OF_QUERY =
      Pattern.compile("([?&][^=&\\s\"'<>]*=)(?![{](system|secret)[}])[^&\\s\"'<>]+");

  private Webhook() {}

  /** A text in which each query, if there is one, has its names and no values. */
  static String withoutValues(String text) {
    return VALUE_OF_QUERY.matcher(text).replaceAll("$1...");
  }

  /**
   * One request.
   *
   * @param method GET, POST or PUT
   * @param path and query, behind the endpoint's URL: {@code /relay/0?turn=on}
   * @param body absent: none, which is an empty one for POST and PUT
   * @param expected the statuses that mean yes; empty: 200 to 299
   * @param hidden whether nothing of its path is ever shown, nor what is answered to it
   */
  public record Hook(
      String method, String path, Optional<Body> body, Set<Integer> expected, boolean hidden) {
    /** One that may be shown, but for what stands in its query. */
    public Hook(String method, String path, Optional<Body> body, Set<Integer> expected) {
      this(method, path, body, expected, false);
    }

    public Hook {
      expected = Set.copyOf(expected);
      if (!Set.of("GET", "POST", "PUT").contains(method)) {
        throw new IllegalArgumentException(
            "method: " + method + " (expected: GET, POST or PUT, in capitals)");
      }
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("path: (expected: /...)");
      }
    }

    /** Method and path for people; what stands in a query may be a key of the device's. */
    @Override
    public String toString() {
      return method + " " + (hidden ? "(as entered)" : withoutValues(path));
    }
  }

  /**
   * What a request carries.
   *
   * @param type {@code application/json}
   */
  public record Body(String type, String text) {}

  /**
   * How the state is read from an answer.
   *
   * @param pointer to the value in JSON (RFC 6901), which is then compared whole; absent: the words
   *     are looked for in the text
   * @param on what means on: {@code true}
   * @param off what means off: {@code false}
   */
  public record Reading(Optional<String> pointer, String on, String off) {
    public Reading {
      if (on.isEmpty() || off.isEmpty() || on.equals(off)) {
        throw new IllegalArgumentException(
            "on and off: " + on + ", " + off + " (expected: two different words)");
      }
    }
  }

  /** Asks for the state. */
  public record Status(Hook hook, Reading reading) {}

  /**
   * All that a switch can be told.
   *
   * @param actions what is not in here it cannot do; a cycle is off and on
   * @param status absent: nothing can be confirmed
   * @param header which carries the password as it is; absent: Basic, where there is a user
   * @param offTime how long a cycle leaves the power away
   */
  public record Hooks(
      Map<PowerAction, Hook> actions,
      Optional<Status> status,
      Optional<String> header,
      Duration offTime) {
    public Hooks {
      actions = Map.copyOf(actions);
    }
  }

  /**
   * Opens one; nothing is sent before the first call.
   *
   * @param endpoint whose URL is http or https; its user may be empty where a header or path has
   *     the password
   */
  public static Bmc open(
      BmcEndpoint endpoint, Hooks hooks, InstantSource clock, WakeOnLan.Pause pause) {
    return new WebhookBmc(new HookClient(endpoint, hooks.header(), pause), hooks, clock);
  }
}
