// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.mesh.BundleSigner;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.SecretFile;
import foundrybot.appliance.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What makes a cluster this one: the key that signs its bundles, and an id that follows from it.
 *
 * @param id 32 hexadecimal digits
 */
public record ClusterKey(BundleSigner signer, String id) {
  private static final String KEY_FILE = "bundles.key";
  private static final String PUBLIC_FILE = "bundles.pem";
  private static final String WHAT = "a key for bundles";
  private static final int ID_LENGTH = 32;

  /**
   * The one of a data folder, made with it.
   *
   * @param issued whether nodes have bundles already; then a key that is missing is never made anew
   *     in silence, since no node would take what it signs
   * @throws StoreException if the key cannot be had
   */
  public static ClusterKey open(Path data, boolean issued) {
    return open(KeyRing.plain(data), issued);
  }

  /** The same where it may be encrypted. */
  public static ClusterKey open(KeyRing keys, boolean issued) {
    Path data = keys.data();
    Path file = data.resolve(KEY_FILE);
    try {
      if (issued && !Files.exists(file)) {
        throw new StoreException(
            file
                + ": missing, and nodes have bundles that it signed; bring it back from a backup."
                + " If there is none, put 64 hex digits of your own into it (openssl rand -hex 32)"
                + " and reinstall the nodes");
      }
      ClusterKey key = of(keys.secret(KEY_FILE, WHAT));
      // For people; nobody reads it back.
      SecretFile.write(data.resolve(PUBLIC_FILE), key.signer().publicPart().pem().strip());
      return key;
    } catch (IOException e) {
      throw new StoreException(file + ": cannot be written or read: " + e.getMessage(), e);
    }
  }

  /** The public half of a data folder's key, as the appliance has left it there. */
  public static Path publicFile(Path data) {
    return data.resolve(PUBLIC_FILE);
  }

  static ClusterKey of(String seed) {
    BundleSigner signer = BundleSigner.of(seed);
    return new ClusterKey(signer, id(signer.publicPart()));
  }

  /** Why a request is not of this cluster, or not of that node by its own words. */
  Optional<String> stranger(Node node, String clusterId, String name) {
    if (!clusterId.equals(id)) {
      return Optional.of("cluster-id: another cluster's (expected: " + id + ")");
    }
    return name.equals(node.name())
        ? Optional.empty()
        : Optional.of("node: another one's name (expected: " + node.name() + ")");
  }

  private static String id(BundleSigner.PublicPart signer) {
    return sha256("foundrybot cluster " + signer.base64()).substring(0, ID_LENGTH);
  }

  /** In hexadecimal. */
  static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
