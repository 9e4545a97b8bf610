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
    public String key() {
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

  /**
   * A request as people write it, by the rules of the rack file: {@code POST /relay/0?turn=on}.
   *
   * @throws IllegalArgumentException if it is none; what was written is not in the message, as it
   *     may hold a key
   */
  public static Hook request(String line) {
    if (!HookKeys.REQUEST.accepts().test(line)) {
      throw new IllegalArgumentException("(expected: " + HookKeys.REQUEST.expected() + ")");
    }
    int space = line.indexOf(' ');
    return new Hook(
        line.substring(0, space),
        line.substring(space + 1),
        Optional.empty(),
        "application/json",
        List.of());
  }

  /**
   * How a state is read, by the rules of the rack file.
   *
   * @throws IllegalArgumentException if it cannot be read so
   */
  public static Status status(Hook hook, Optional<String> pointer, String on, String off) {
    pointer.ifPresent(text -> check("pointer", HookKeys.POINTER, text));
    check("on", HookKeys.WORD, on);
    check("off", HookKeys.WORD, off);
    if (on.equals(off)) {
      throw new IllegalArgumentException("off: " + off + " (expected: another word than of on)");
    }
    return new Status(hook, pointer, on, off);
  }

  /** The name of a header that may carry the password, by the rules of the rack file. */
  public static String header(String name) {
    check("header", HookKeys.HEADER, name);
    return name;
  }

  private static void check(String what, Rule rule, String value) {
    if (!rule.accepts().test(value)) {
      throw new IllegalArgumentException(
          what + ": " + Values.shown(value) + " (expected: " + rule.expected() + ")");
    }
  }

  /** Whether {@code {system}} stands in one of the requests. */
  public boolean wantsSystem() {
    return has(SYSTEM);
  }

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
