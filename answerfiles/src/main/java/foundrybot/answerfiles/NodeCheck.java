// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** One thing that a node can prove of itself, by a program that never sees a shell. */
public sealed interface NodeCheck {
  /** Its name in the phase, or in what role and node add to it. */
  String name();

  /** After that it counts as failed. */
  Duration timeout();

  /** What is checked, for people: {@code port 2379 on wg1}. */
  String what();

  /** The node's line of it; {@link Phase#lines}. */
  String line();

  /** A unit of systemd, or a service of OpenRC, is active. */
  record Service(String name, String unit, Duration timeout) implements NodeCheck {
    @Override
    public String what() {
      return "service " + unit;
    }

    @Override
    public String line() {
      return NodeCheck.line("service", this, 0, List.of(unit));
    }
  }

  /**
   * Something takes TCP connections there.
   *
   * @param interfaceName by whose first address it is asked; empty: by the loopback address
   */
  record Port(String name, int port, Optional<String> interfaceName, Duration timeout)
      implements NodeCheck {
    @Override
    public String what() {
      return "port " + port + interfaceName.map(on -> " on " + on).orElse("");
    }

    @Override
    public String line() {
      return NodeCheck.line(
          "port", this, 0, List.of(Integer.toString(port), interfaceName.orElse("lo")));
    }
  }

  /**
   * WireGuard has shaken hands with a peer on that interface in the last three minutes; for that it
   * is made to, if it has not. Passes as well where no peer can be reached by an endpoint.
   */
  record Handshake(String name, String interfaceName, Duration timeout) implements NodeCheck {
    @Override
    public String what() {
      return "handshake on " + interfaceName;
    }

    @Override
    public String line() {
      return NodeCheck.line("handshake", this, 0, List.of(interfaceName));
    }
  }

  /**
   * A program ends with the expected status.
   *
   * @param words the program's absolute path and its arguments, as they are
   */
  record Command(String name, List<String> words, Duration timeout, int expect)
      implements NodeCheck {
    public Command {
      words = List.copyOf(words);
    }

    @Override
    public String what() {
      return "command " + words.getFirst();
    }

    @Override
    public String line() {
      return NodeCheck.line("command", this, expect, words);
    }
  }

  private static String line(String kind, NodeCheck check, int expect, List<String> words) {
    return kind
        + " "
        + check.name()
        + " "
        + check.timeout().toSeconds()
        + " "
        + expect
        + words.stream().map(word -> " " + DeployConf.base64(word)).collect(Collectors.joining());
  }
}
