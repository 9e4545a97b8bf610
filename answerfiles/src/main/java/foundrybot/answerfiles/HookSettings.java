// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The requests that switch a plug or a PDU, in the user's own words.
 *
 * @param actions what it cannot do is not in here
 * @param status absent: its state cannot be read
 * @param header that carries the password; absent: Basic, where there is a user
 * @param offTime how long a cycle leaves the power away
 */
public record HookSettings(
    Map<Action, Hook> actions, Optional<Status> status, Optional<String> header, Duration offTime) {
  public HookSettings {
    actions = Map.copyOf(actions);
  }

  /** Where a request has the node's {@code system}. */
  static final String SYSTEM = "{system}";

  /** Where a request has the password. */
  static final String SECRET = "{secret}";

  /** What it can be told. */
  public enum Action {
    ON,
    OFF,
    SHUTDOWN,
    CYCLE,
    RESET;

    /** As the rack file has it. */
    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A request.
   *
   * @param path behind the node's URL, with its query
   * @param type of the body
   * @param expected the statuses that mean yes; empty: 200 to 299
   */
  public record Hook(
      String method, String path, Optional<String> body, String type, List<Integer> expected) {
    public Hook {
      expected = List.copyOf(expected);
    }

    boolean has(String placeholder) {
      return path.contains(placeholder) || body.filter(b -> b.contains(placeholder)).isPresent();
    }
  }

  /**
   * How the state is read.
   *
   * @param pointer to the value in a JSON answer (RFC 6901); absent: the words stand in the text
   */
  public record Status(Hook hook, Optional<String> pointer, String on, String off) {}

  /** Whether a request carries the password even where there is no user. */
  public boolean wantsPassword() {
    return header.isPresent() || has(SECRET);
  }

  /** Whether any of the requests has the placeholder. */
  boolean has(String placeholder) {
    return actions.values().stream().anyMatch(hook -> hook.has(placeholder))
        || status.filter(s -> s.hook().has(placeholder)).isPresent();
  }
}
