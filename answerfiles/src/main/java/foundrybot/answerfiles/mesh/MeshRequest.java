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
import java.util.Optional;
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
 * @param tpm what its TPM has to say, if it shows one
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
    Optional<TpmClaim> tpm,
    String signature) {
  /** Bytes of the longest that there can be; a usual one has about 600, with a TPM 1,300. */
  public static final int MOST_BYTES = 2048;

  private static final String FIRST = "foundrybot-request=1";
  private static final Pattern SMALL = Pattern.compile("0|[1-9][0-9]{0,8}");

  public MeshRequest {
    keys = Collections.unmodifiableMap(new EnumMap<>(keys));
  }

  /** Reads exactly what a node writes. */
  public static RequestReading<MeshRequest> decode(byte[] bytes) {
    try {
      return new RequestReading.Read<>(read(SignedLines.of(bytes, MOST_BYTES)));
    } catch (SignedLines.Refusal e) {
      return new RequestReading.Malformed<>(String.valueOf(e.getMessage()));
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
    tpm.ifPresent(claim -> lines.addAll(claim.lines()));
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

  private static MeshRequest read(SignedLines lines) throws SignedLines.Refusal {
    lines.first(FIRST);
    MeshRequest request =
        new MeshRequest(
            lines.clusterId(),
            lines.node(),
            lines.number("serial"),
            Integer.parseInt(lines.next("rotation", SMALL.pattern(), "a number")),
            lines.time(),
            lines.nonce(),
            lines.identity(),
            keys(lines),
            TpmClaim.of(lines),
            lines.signature());
    lines.end();
    return request;
  }

  private static Map<Plane, WgKey> keys(SignedLines lines) throws SignedLines.Refusal {
    Map<Plane, WgKey> keys = new EnumMap<>(Plane.class);
    for (Plane plane : Plane.values()) {
      String name = plane.interfaceName();
      String value = lines.next(name);
      WgKey key =
          WgKey.parse(value)
              .orElseThrow(
                  () ->
                      new SignedLines.Refusal(
                          name
                              + ": "
                              + value.length()
                              + " characters (expected: 32 bytes as base64, not all zero)"));
      if (keys.containsValue(key)) {
        throw new SignedLines.Refusal(
            name + ": the key of another plane (expected: one for each plane)");
      }
      keys.put(plane, key);
    }
    return keys;
  }
}
