// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.RenderException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a bundle line by line; whatever is not as it would be written is refused. */
final class BundleReader {
  private static final Pattern INTERFACE = Pattern.compile("(wg[0-3]) ([a-z]+) ([1-9][0-9]{3})");
  private static final Pattern SERIAL = Pattern.compile("[1-9][0-9]{0,17}");
  private static final Pattern ROTATION = Pattern.compile("0|[1-9][0-9]{0,8}");

  private final List<String> lines;
  private int at;

  private BundleReader(List<String> lines) {
    this.lines = lines;
  }

  static Optional<Bundle> of(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > Bundle.MOST_BYTES || !isPlain(bytes)) {
      return Optional.empty();
    }
    String text = new String(bytes, StandardCharsets.US_ASCII);
    try {
      Bundle bundle = new BundleReader(text.lines().toList()).bundle();
      return Arrays.equals(bundle.encode(), bytes) ? Optional.of(bundle) : Optional.empty();
    } catch (IllegalArgumentException | RenderException e) {
      return Optional.empty();
    }
  }

  private static boolean isPlain(byte[] bytes) {
    for (byte b : bytes) {
      if (b != '\n' && (b < ' ' || b > '~')) {
        return false;
      }
    }
    return bytes[bytes.length - 1] == '\n';
  }

  private Bundle bundle() {
    if (!next("foundrybot-bundle").equals("1")) {
      throw new IllegalArgumentException("another format");
    }
    return new Bundle(
        next("cluster"),
        next("cluster-id"),
        next("node"),
        Mac.parse(next("mac")).orElseThrow(IllegalArgumentException::new),
        Long.parseLong(matching(SERIAL, next("serial"))),
        Integer.parseInt(matching(ROTATION, next("rotation"))),
        new BundleSigner.PublicPart(next("signer")),
        has("authority") ? Optional.of(new Bundle.Der(next("authority"))) : Optional.empty(),
        mesh());
  }

  private NodeMesh mesh() {
    List<NodeInterface> interfaces = new ArrayList<>();
    while (has("interface")) {
      interfaces.add(nodeInterface());
    }
    Optional<MeshRelay> relay =
        has("relay")
            ? Optional.of(MeshRelay.parse(next("relay")).orElseThrow(IllegalArgumentException::new))
            : Optional.empty();
    Optional<NftRules> rules = NftRules.read(all("nft"));
    if (rules.isEmpty() || at < lines.size()) {
      throw new IllegalArgumentException("rules, or what follows them");
    }
    return new NodeMesh(interfaces, rules.get(), relay);
  }

  private NodeInterface nodeInterface() {
    Matcher head = INTERFACE.matcher(next("interface"));
    if (!head.matches()) {
      throw new IllegalArgumentException("interface");
    }
    String name = head.group(1);
    Plane plane = Plane.of(head.group(2)).orElseThrow(IllegalArgumentException::new);
    List<String> addresses = new ArrayList<>();
    while (has("address")) {
      addresses.add(next("address").replaceFirst("^" + name + " ", ""));
    }
    boolean forwards = has("forward") && next("forward").equals(name);
    Optional<WgConfig> config = WgConfig.read(all(name));
    if (!plane.interfaceName().equals(name)
        || config.isEmpty()
        || !addresses.stream().allMatch(WgConfig::isNetwork)) {
      throw new IllegalArgumentException("interface");
    }
    int mtu = Integer.parseInt(head.group(3));
    return new NodeInterface(plane, mtu, addresses, forwards, config.get());
  }

  private boolean has(String key) {
    return at < lines.size() && lines.get(at).startsWith(key + "=");
  }

  private String next(String key) {
    if (!has(key)) {
      throw new IllegalArgumentException("no " + key);
    }
    return lines.get(at++).substring(key.length() + 1);
  }

  private List<String> all(String key) {
    List<String> values = new ArrayList<>();
    while (has(key)) {
      values.add(next(key));
    }
    return values;
  }

  private static String matching(Pattern pattern, String text) {
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException("number");
    }
    return text;
  }
}
