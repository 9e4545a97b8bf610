// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.Cidr;
import foundrybot.answerfiles.Cidr6;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one interface is told by {@code wg syncconf} (wg(8), "configuration file format"), without
 * the private key, which the node adds.
 *
 * @param listenPort UDP
 */
public record WgConfig(int listenPort, List<WgPeer> peers) {
  private static final String INTERFACE = "[Interface]";
  private static final String PEER = "[Peer]";
  private static final Pattern LINE = Pattern.compile("([A-Z][A-Za-z]+) = ([!-~]+(?: [!-~]+)*)");
  private static final Pattern V4 = Pattern.compile("([0-9.]{7,15}):([0-9]{1,5})");
  private static final Pattern V6 = Pattern.compile("\\[([0-9a-f:]{2,39})]:([0-9]{1,5})");
  private static final int MOST_PORT = 65535;

  public WgConfig {
    peers = List.copyOf(peers);
  }

  /** One line for each setting, in the order of wg(8). */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(INTERFACE);
    lines.add("ListenPort = " + listenPort);
    for (WgPeer peer : peers) {
      lines.add(PEER);
      lines.add("PublicKey = " + peer.publicKey());
      peer.presharedKey().ifPresent(key -> lines.add("PresharedKey = " + key.text()));
      lines.add("AllowedIPs = " + String.join(", ", peer.allowedIps()));
      peer.endpoint().ifPresent(endpoint -> lines.add("Endpoint = " + endpoint));
      if (peer.keepalive() > 0) {
        lines.add("PersistentKeepalive = " + peer.keepalive());
      }
    }
    return lines;
  }

  /** Reads exactly what {@link #lines} makes; empty for anything else. */
  static Optional<WgConfig> read(String text) {
    return read(text.lines().toList());
  }

  static Optional<WgConfig> read(List<String> lines) {
    if (lines.size() < 2 || !lines.getFirst().equals(INTERFACE)) {
      return Optional.empty();
    }
    try {
      int port = number(value(lines.get(1), "ListenPort"), 1, MOST_PORT);
      List<WgPeer> peers = new ArrayList<>();
      int at = 2;
      while (at < lines.size()) {
        int end = at + 1;
        while (end < lines.size() && !lines.get(end).equals(PEER)) {
          end++;
        }
        peers.add(peer(lines.subList(at, end)));
        at = end;
      }
      WgConfig config = new WgConfig(port, peers);
      return config.lines().equals(lines) ? Optional.of(config) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static WgPeer peer(List<String> lines) {
    Optional<String> key = find(lines, "PublicKey");
    Optional<String> allowed = find(lines, "AllowedIPs");
    Optional<String> endpoint = find(lines, "Endpoint");
    if (!lines.getFirst().equals(PEER) || key.isEmpty() || allowed.isEmpty()) {
      throw new IllegalArgumentException("no peer");
    }
    List<String> networks = Arrays.asList(allowed.get().split(", ", -1));
    if (!networks.stream().allMatch(WgConfig::isNetwork)
        || !endpoint.map(WgConfig::isEndpoint).orElse(true)) {
      throw new IllegalArgumentException("no address");
    }
    return new WgPeer(
        new WgKey(key.get()),
        find(lines, "PresharedKey").map(PresharedKey::new),
        networks,
        endpoint,
        find(lines, "PersistentKeepalive").map(text -> number(text, 1, MOST_PORT)).orElse(0));
  }

  private static Optional<String> find(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key + " = "))
        .findFirst()
        .map(line -> value(line, key));
  }

  private static String value(String line, String key) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches() || !matcher.group(1).equals(key)) {
      throw new IllegalArgumentException("not " + key);
    }
    return matcher.group(2);
  }

  private static int number(String text, int least, int most) {
    int number = text.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(text) : 0;
    if (number < least || number > most) {
      throw new IllegalArgumentException("no number");
    }
    return number;
  }

  /** In the one spelling that this program writes. */
  static boolean isNetwork(String text) {
    return Cidr.parse(text).map(Cidr::toString).filter(text::equals).isPresent()
        || Cidr6.parse(text).map(Cidr6::toString).filter(text::equals).isPresent();
  }

  private static boolean isEndpoint(String text) {
    Matcher v4 = V4.matcher(text);
    Matcher v6 = V6.matcher(text);
    if (v4.matches()) {
      return isNetwork(v4.group(1) + "/32") && number(v4.group(2), 1, MOST_PORT) > 0;
    }
    return v6.matches() && isNetwork(v6.group(1) + "/128") && number(v6.group(2), 1, MOST_PORT) > 0;
  }
}
