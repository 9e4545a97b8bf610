// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.RenderException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * All that a node has to know to be in the mesh, in a form that has exactly one spelling: lines
 * {@code KEY=VALUE} of printable ASCII in a fixed order, so that the signature is over the very
 * bytes that a shell reads. The format is described in docs/trust.md.
 *
 * @param cluster the rack file's name of it
 * @param clusterId 32 hexadecimal digits: another cluster of the same name is another one
 * @param node its name
 * @param serial grows with every change; a node takes none that is older than its own
 * @param rotation how often the node's keys were to be made anew; a node whose keys are of an
 *     earlier time makes new ones and sends them
 * @param signer who may have signed this and what follows
 * @param authority certificate of who vouches for the appliance's HTTPS (DER); absent without HTTPS
 * @param mesh what the tools are told
 */
public record Bundle(
    String cluster,
    String clusterId,
    String node,
    Mac mac,
    long serial,
    int rotation,
    BundleSigner.PublicPart signer,
    Optional<Der> authority,
    NodeMesh mesh) {
  /** Bytes that anybody reads at most: a full mesh of some thousand nodes. */
  public static final int MOST_BYTES = 4 << 20;

  static final String FIRST = "foundrybot-bundle=1";
  static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  static final String ID = "[0-9a-f]{32}";

  public Bundle {
    if (!cluster.matches(LABEL) || !node.matches(LABEL) || !clusterId.matches(ID)) {
      throw new RenderException("bundle: cluster or node malformed (expected: names of RFC 1123)");
    }
    if (serial < 1 || rotation < 0) {
      throw new RenderException("bundle: serial " + serial + ", rotation " + rotation);
    }
  }

  /**
   * A certificate.
   *
   * @param base64 of its DER
   */
  public record Der(String base64) {
    private static final int MOST = 8 << 10;

    public Der {
      if (base64.isEmpty() || base64.length() > MOST || !isBase64(base64)) {
        throw new RenderException("certificate: " + base64.length() + " characters of base64");
      }
    }

    /** Of a certificate's DER. */
    public static Der of(byte[] der) {
      return new Der(Base64.getEncoder().encodeToString(der));
    }
  }

  static boolean isBase64(String text) {
    try {
      return Base64.getEncoder().encodeToString(Base64.getDecoder().decode(text)).equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The bytes that are signed. */
  public byte[] encode() {
    List<String> lines = new ArrayList<>();
    lines.add(FIRST);
    lines.add("cluster=" + cluster);
    lines.add("cluster-id=" + clusterId);
    lines.add("node=" + node);
    lines.add("mac=" + mac);
    lines.add("serial=" + serial);
    lines.add("rotation=" + rotation);
    lines.add("signer=" + signer.base64());
    authority.ifPresent(der -> lines.add("authority=" + der.base64()));
    for (NodeInterface one : mesh.interfaces()) {
      String name = one.plane().interfaceName();
      lines.add("interface=" + name + " " + one.plane().text() + " " + one.mtu());
      one.addresses().forEach(address -> lines.add("address=" + name + " " + address));
      if (one.forwards()) {
        lines.add("forward=" + name);
      }
      one.config().lines().forEach(line -> lines.add(name + "=" + line));
    }
    mesh.relay().ifPresent(relay -> lines.add("relay=" + relay.text()));
    mesh.rules().lines().forEach(line -> lines.add("nft=" + line));
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads what {@link #encode} makes, and nothing else; empty with all else. */
  public static Optional<Bundle> decode(byte[] bytes) {
    return BundleReader.of(bytes);
  }

  /** The planes' interfaces that it has. */
  public List<Plane> planes() {
    return mesh.interfaces().stream().map(NodeInterface::plane).toList();
  }

  /** Leaves keys out. */
  @Override
  public String toString() {
    return "Bundle[" + cluster + " " + node + " serial=" + serial + "]";
  }
}
