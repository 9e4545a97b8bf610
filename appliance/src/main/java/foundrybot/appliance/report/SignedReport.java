// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.report;

import foundrybot.answerfiles.mesh.BundleSigner;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A report as it is signed and kept: canonical JSON (RFC 8785) in UTF-8, and its signature.
 *
 * @param json without a line break at its end
 * @param signature Ed25519 (RFC 8032) over exactly these bytes, by the cluster's key, in base64
 */
public record SignedReport(String json, String signature) {
  /** Bytes that are read of one; a thousand nodes are some megabytes. */
  public static final int MOST_BYTES = 64 << 20;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Writes a report down and signs it. */
  public static SignedReport sign(ClusterReport report, BundleSigner signer) {
    String json = CanonicalJson.of(JSON.valueToTree(report));
    byte[] signature = signer.sign(json.getBytes(StandardCharsets.UTF_8));
    return new SignedReport(json, Base64.getEncoder().encodeToString(signature));
  }

  /** The bytes that are signed. */
  public byte[] bytes() {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  /** SHA-256 of these bytes in hex. */
  public String sha256() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The 64 bytes of the signature, as openssl takes them. */
  public byte[] rawSignature() {
    return Base64.getDecoder().decode(signature);
  }

  /** What is wrong with it, if it is not by that key as it stands. */
  public Optional<String> fault(BundleSigner.PublicPart signer) {
    byte[] raw;
    try {
      raw = rawSignature();
    } catch (IllegalArgumentException e) {
      return Optional.of("its signature is no base64");
    }
    return signer.verifies(bytes(), raw)
        ? Optional.empty()
        : Optional.of(
            "not signed as it stands by the key "
                + signer.base64()
                + ": it was changed, or another cluster's key signed it");
  }

  /** What it says; empty if this version cannot read it. Look at the signature first. */
  public Optional<ClusterReport> report() {
    try {
      ClusterReport report = JSON.readValue(json, ClusterReport.class);
      return report.format().equals(ClusterReport.FORMAT) ? Optional.of(report) : Optional.empty();
    } catch (JacksonException | NullPointerException e) {
      return Optional.empty();
    }
  }
}
