// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** The keys of a node of the tests, and the requests that it signs with them. */
public final class NodeKeys {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final KeyPair identity;
  private final List<String> planes;
  private final int rotation;

  private NodeKeys(KeyPair identity, List<String> planes, int rotation) {
    this.identity = identity;
    this.planes = List.copyOf(planes);
    this.rotation = rotation;
  }

  public static NodeKeys made() {
    try {
      return new NodeKeys(KeyPairGenerator.getInstance("Ed25519").generateKeyPair(), fresh(), 0);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> fresh() {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      byte[] bytes = new byte[32];
      RANDOM.nextBytes(bytes);
      keys.add(Base64.getEncoder().encodeToString(bytes));
    }
    return keys;
  }

  /** The same node with new keys of its planes. */
  public NodeKeys rotated(int count) {
    return new NodeKeys(identity, fresh(), count);
  }

  /** The same node with one key of another. */
  public NodeKeys withKeyOf(NodeKeys other) {
    List<String> mixed = new ArrayList<>(planes);
    mixed.set(2, other.planes.get(1));
    return new NodeKeys(identity, mixed, rotation);
  }

  /** Of its identity: SHA-256 over the SubjectPublicKeyInfo, in base64 without its padding. */
  public String fingerprint() {
    try {
      byte[] der = identity.getPublic().getEncoded();
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(der);
      return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** The key of {@code wg0} to {@code wg3}. */
  public String plane(int number) {
    return planes.get(number);
  }

  /**
   * A request with a signature by this node's key, also if what stands there is another's.
   *
   * @param more lines that follow the keys
   */
  public String request(String clusterId, String node, long serial, long time, String... more) {
    byte[] nonce = new byte[16];
    RANDOM.nextBytes(nonce);
    StringBuilder text =
        new StringBuilder("foundrybot-request=1\ncluster-id=" + clusterId + "\nnode=" + node)
            .append("\nserial=" + serial + "\nrotation=" + rotation + "\ntime=" + time)
            .append("\nnonce=" + HexFormat.of().formatHex(nonce) + "\nidentity=")
            .append(Base64.getEncoder().encodeToString(identity.getPublic().getEncoded()));
    for (int i = 0; i < planes.size(); i++) {
      text.append("\nwg" + i + "=" + planes.get(i));
    }
    for (String line : more) {
      text.append('\n').append(line);
    }
    text.append('\n');
    return text + "signature=" + signature(text.toString()) + "\n";
  }

  /**
   * Asks for a certificate, with a signature by this node's key.
   *
   * @param csr DER
   */
  public String certificateRequest(String clusterId, String node, long time, byte[] csr) {
    byte[] nonce = new byte[16];
    RANDOM.nextBytes(nonce);
    Base64.Encoder base64 = Base64.getEncoder();
    String text =
        "foundrybot-certificate=1\ncluster-id="
            + clusterId
            + "\nnode="
            + node
            + "\ntime="
            + time
            + "\nnonce="
            + HexFormat.of().formatHex(nonce)
            + "\nidentity="
            + base64.encodeToString(identity.getPublic().getEncoded())
            + "\ncsr="
            + base64.encodeToString(csr)
            + "\n";
    return text + "signature=" + signature(text) + "\n";
  }

  /**
   * Reports checks, with a signature by this node's key.
   *
   * @param checks lines without their key, such as {@code api failed} and base64
   */
  public String gateReport(String clusterId, String node, long time, String... checks) {
    byte[] nonce = new byte[16];
    RANDOM.nextBytes(nonce);
    StringBuilder text =
        new StringBuilder("foundrybot-gates=1\ncluster-id=" + clusterId + "\nnode=" + node)
            .append("\ntime=" + time + "\nnonce=" + HexFormat.of().formatHex(nonce))
            .append("\nidentity=")
            .append(Base64.getEncoder().encodeToString(identity.getPublic().getEncoded()))
            .append('\n');
    for (String check : checks) {
      text.append("check=").append(check).append('\n');
    }
    return text + "signature=" + signature(text.toString()) + "\n";
  }

  private String signature(String text) {
    try {
      Signature signing = Signature.getInstance("Ed25519");
      signing.initSign(identity.getPrivate());
      signing.update(text.getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(signing.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
