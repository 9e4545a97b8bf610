// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.mesh.MeshRequest;
import foundrybot.answerfiles.mesh.PresharedKey;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.StoreException;
import foundrybot.appliance.tpm.TpmSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.spec.SecretKeySpec;

/**
 * From what each two peers get the key that they share: HMAC-SHA256 (RFC 2104) of who they are. So
 * nothing has to be kept for each pair. A secret that is lost is made anew; then all keys are new.
 */
public final class PresharedSecret {
  private static final String FILE = "preshared.key";
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  /**
   * With a secret of one's own.
   *
   * @param secret 64 hexadecimal digits
   */
  PresharedSecret(String secret) {
    this.key = new SecretKeySpec(HexFormat.of().parseHex(secret), ALGORITHM);
  }

  /** The one of a data folder, made at the first start. */
  public static PresharedSecret open(KeyRing keys) {
    Path file = keys.data().resolve(FILE);
    try {
      return new PresharedSecret(keys.secret(FILE, "a secret for preshared keys"));
    } catch (IOException e) {
      throw new StoreException(file + ": cannot be written or read: " + e.getMessage(), e);
    }
  }

  /** The same for both orders; another one after either has made its keys anew. */
  PresharedKey between(Plane plane, Mac one, int rotation, Mac other, int otherRotation) {
    String first = one + " " + rotation;
    String second = other + " " + otherRotation;
    String pair = one.bits() < other.bits() ? first + " " + second : second + " " + first;
    return new PresharedKey(code("preshared " + plane.text() + " " + pair));
  }

  /** What that node's TPM is to open; the same for the same keys, also after a restart. */
  TpmSecret tpmSecret(Node node, int run, MeshRequest request) {
    String keys = MeshKeys.of(run, request).detail();
    String areas = request.tpm().map(claim -> claim.ek() + " " + claim.ak()).orElse("");
    return new TpmSecret(
        Base64.getDecoder().decode(code("tpm " + node.mac() + " " + keys + " " + areas)));
  }

  /** Another secret has another one, and nothing follows from it. */
  String fingerprint() {
    return code("fingerprint");
  }

  private String code(String message) {
    try {
      javax.crypto.Mac mac = javax.crypto.Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] code = mac.doFinal(message.getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(code);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
