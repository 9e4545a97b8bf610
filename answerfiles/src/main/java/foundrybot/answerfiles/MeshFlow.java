// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may open a connection to whom inside the mesh: {@code control monitor > worker tcp/9100}.
 *
 * @param from a role, or {@link #ANY}
 * @param to a role, or {@link #ANY}
 * @param firstPort of the receiver
 * @param lastPort the same for a single port
 */
public record MeshFlow(
    Plane plane, String from, String to, Protocol protocol, int firstPort, int lastPort) {
  /** In place of a role: whatever role. */
  public static final String ANY = "any";

  /** What ports belong to. */
  public enum Protocol {
    TCP,
    UDP;

    /** In lower case. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static final String FORM =
      "(bootstrap|control|data|storage) ([a-z0-9-]{1,63}) > ([a-z0-9-]{1,63})"
          + " (tcp|udp)/([0-9]{1,5})(-([0-9]{1,5}))?";
  private static final Pattern PATTERN = Pattern.compile(FORM);
  private static final int MOST_PORT = 65535;

  /** Reads the form of the rack file; empty for anything else. */
  public static Optional<MeshFlow> parse(String text) {
    Matcher matcher = PATTERN.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int first = Integer.parseInt(matcher.group(5));
    int last = matcher.group(7) == null ? first : Integer.parseInt(matcher.group(7));
    if (first < 1 || last < first || last > MOST_PORT) {
      return Optional.empty();
    }
    return Plane.of(matcher.group(1))
        .map(
            plane ->
                new MeshFlow(
                    plane,
                    matcher.group(2),
                    matcher.group(3),
                    Protocol.valueOf(matcher.group(4).toUpperCase(Locale.ROOT)),
                    first,
                    last));
  }

  /** The ports as text, such as {@code 9100} or {@code 30000-32767}. */
  public String ports() {
    return firstPort == lastPort ? Integer.toString(firstPort) : firstPort + "-" + lastPort;
  }

  @Override
  public String toString() {
    return plane.text() + " " + from + " > " + to + " " + protocol.text() + "/" + ports();
  }
}
