// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.Plane;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a node says when it asks for its bundle: which keys it has, and which bundle. Lines {@code
 * KEY=VALUE} in a fixed order, the last one a signature by the node's own key over all before it,
 * so that who has no token any more is still known. The format is described in docs/trust.md.
 *
 * @param clusterId 32 hexadecimal digits
 * @param node its name
 * @param serial of the bundle that it has; 0 for none
 * @param rotation of its keys
 * @param time seconds since 1970 by the node's clock
 * @param nonce 32 hexadecimal digits: two requests of one second are two
 * @param identity what its requests are verified with
 * @param keys of all planes, so that a plane that comes later needs no new ones
 * @param signature base64
 */
public record MeshRequest(
    String clusterId,
    String node,
    long serial,
    int rotation,
    long time,
    String nonce,
    BundleSigner.PublicPart identity,
    Map<Plane, WgKey> keys,
    String signature) {
  /** Bytes of the longest that there can be; a usual one has about 600. */
  public static final int MOST_BYTES = 1024;

  private static final String FIRST = "foundrybot-request=1";
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,17}");
  private static final Pattern SMALL = Pattern.compile("0|[1-9][0-9]{0,8}");

  public MeshRequest {
    keys = Collections.unmodifiableMap(new EnumMap<>(keys));
  }

  /** What came of reading one. */
  public sealed interface Reading {
    /** It is one; who signed it is not known yet. */
    record Read(MeshRequest request) implements Reading {}

    /**
     * It is none.
     *
     * @param why without anything that stood there
     */
    record Malformed(String why) implements Reading {}
  }

  /** Reads exactly what a node writes. */
  public static Reading decode(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > MOST_BYTES || bytes[bytes.length - 1] != '\n') {
      return new Reading.Malformed(
          bytes.length + " bytes (expected: lines, at most " + MOST_BYTES + " bytes)");
    }
    Lines lines = new Lines(new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1));
    try {
      return new Reading.Read(lines.request());
    } catch (Refusal e) {
      return new Reading.Malformed(String.valueOf(e.getMessage()));
    }
  }

  /** The bytes that are signed. */
  byte[] signed() {
    List<String> lines = new ArrayList<>();
    lines.add(FIRST);
    lines.add("cluster-id=" + clusterId);
    lines.add("node=" + node);
    lines.add("serial=" + serial);
    lines.add("rotation=" + rotation);
    lines.add("time=" + time);
    lines.add("nonce=" + nonce);
    lines.add("identity=" + identity.base64());
    keys.forEach((plane, key) -> lines.add(plane.interfaceName() + "=" + key));
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether who sent it has the private half of the identity in it; costs a verification. */
  public boolean isAuthentic() {
    return identity.verifies(signed(), Base64.getDecoder().decode(signature));
  }

  /** Leaves the signature out. */
  @Override
  public String toString() {
    return "MeshRequest[" + node + " serial=" + serial + " rotation=" + rotation + "]";
  }

  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    Refusal(String why) {
      super(why);
    }
  }

  /** The lines, taken one by one. */
  private static final class Lines {
    private final String[] lines;
    private int at;

    Lines(String[] lines) {
      this.lines = lines;
    }

    MeshRequest request() throws Refusal {
      if (!lines[at++].equals(FIRST)) {
        throw new Refusal("line 1: another format (expected: " + FIRST + ")");
      }
      MeshRequest request =
          new MeshRequest(
              next("cluster-id", Bundle.ID, "32 hex digits"),
              next("node", Bundle.LABEL, "a name of RFC 1123"),
              Long.parseLong(next("serial", NUMBER.pattern(), "a number")),
              Integer.parseInt(next("rotation", SMALL.pattern(), "a number")),
              Long.parseLong(next("time", NUMBER.pattern(), "seconds since 1970")),
              next("nonce", Bundle.ID, "32 hex digits"),
              identity(),
              keys(),
              signature());
      // Behind the last line break stands nothing.
      if (at != lines.length - 1) {
        throw new Refusal("line " + (at + 1) + ": one too many (expected: none after signature)");
      }
      return request;
    }

    private String next(String key) throws Refusal {
      String line = at < lines.length ? lines[at] : "";
      if (!line.startsWith(key + "=")) {
        throw new Refusal("line " + (at + 1) + ": not " + key + " (expected: " + key + "=VALUE)");
      }
      at++;
      return line.substring(key.length() + 1);
    }

    private String next(String key, String pattern, String expected) throws Refusal {
      String value = next(key);
      if (!value.matches(pattern)) {
        throw new Refusal(key + ": " + value.length() + " characters (expected: " + expected + ")");
      }
      return value;
    }

    private BundleSigner.PublicPart identity() throws Refusal {
      String value = next("identity");
      return BundleSigner.PublicPart.parse(value)
          .orElseThrow(
              () ->
                  new Refusal(
                      "identity: "
                          + value.length()
                          + " characters (expected: an Ed25519 key of RFC 8410 as base64)"));
    }

    private Map<Plane, WgKey> keys() throws Refusal {
      Map<Plane, WgKey> keys = new EnumMap<>(Plane.class);
      for (Plane plane : Plane.values()) {
        String name = plane.interfaceName();
        String value = next(name);
        WgKey key =
            WgKey.parse(value)
                .orElseThrow(
                    () ->
                        new Refusal(
                            name
                                + ": "
                                + value.length()
                                + " characters (expected: 32 bytes as base64, not all zero)"));
        if (keys.containsValue(key)) {
          throw new Refusal(name + ": the key of another plane (expected: one for each plane)");
        }
        keys.put(plane, key);
      }
      return keys;
    }

    private String signature() throws Refusal {
      String value = next("signature");
      if (value.length() != SignedBundle.SIGNATURE_LENGTH || !Bundle.isBase64(value)) {
        throw new Refusal(
            "signature: " + value.length() + " characters (expected: 64 bytes as base64)");
      }
      return value;
    }
  }
}
