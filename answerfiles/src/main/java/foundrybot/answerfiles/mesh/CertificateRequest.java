// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a node of the mesh says when it wants a certificate: a certification request of RFC 2986,
 * and a signature by the node's identity over it, since that request alone proves the new key and
 * not whose it is. Lines as those of {@link MeshRequest}; the format is described in docs/trust.md.
 *
 * @param clusterId 32 hexadecimal digits
 * @param node its name
 * @param time seconds since 1970 by the node's clock
 * @param nonce 32 hexadecimal digits
 * @param identity that of the node's requests for bundles
 * @param csr PKCS#10 in DER, as base64
 * @param signature base64
 */
public record CertificateRequest(
    String clusterId,
    String node,
    long time,
    String nonce,
    BundleSigner.PublicPart identity,
    String csr,
    String signature) {
  /** Bytes of the longest that there can be: an RSA key of 4096 bits makes some 2,200. */
  public static final int MOST_BYTES = 4096;

  private static final String FIRST = "foundrybot-certificate=1";

  /** Reads exactly what a node writes. */
  public static RequestReading<CertificateRequest> decode(byte[] bytes) {
    try {
      return new RequestReading.Read<>(read(SignedLines.of(bytes, MOST_BYTES)));
    } catch (SignedLines.Refusal e) {
      return new RequestReading.Malformed<>(String.valueOf(e.getMessage()));
    }
  }

  private static CertificateRequest read(SignedLines lines) throws SignedLines.Refusal {
    lines.first(FIRST);
    CertificateRequest request =
        new CertificateRequest(
            lines.clusterId(),
            lines.node(),
            lines.time(),
            lines.nonce(),
            lines.identity(),
            csr(lines),
            lines.signature());
    lines.end();
    return request;
  }

  private static String csr(SignedLines lines) throws SignedLines.Refusal {
    String value = lines.next("csr");
    if (value.isEmpty() || !Bundle.isBase64(value)) {
      throw new SignedLines.Refusal("csr: no base64 (expected: PKCS#10 in DER, as base64)");
    }
    return value;
  }

  /** The certification request itself, as DER; whether it is one is not known yet. */
  public byte[] der() {
    return Base64.getDecoder().decode(csr);
  }

  /** The bytes that are signed. */
  byte[] signed() {
    return (FIRST
            + "\ncluster-id="
            + clusterId
            + "\nnode="
            + node
            + "\ntime="
            + time
            + "\nnonce="
            + nonce
            + "\nidentity="
            + identity.base64()
            + "\ncsr="
            + csr
            + "\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether who sent it has the private half of the identity in it; costs a verification. */
  public boolean isAuthentic() {
    return identity.verifies(signed(), Base64.getDecoder().decode(signature));
  }

  /** Leaves keys and signature out. */
  @Override
  public String toString() {
    return "CertificateRequest[" + node + "]";
  }
}
