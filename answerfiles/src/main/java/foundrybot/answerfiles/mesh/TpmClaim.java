// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What a node says of its TPM: two public areas, which anybody could show, and later that its TPM
 * has opened what was wrapped for these.
 *
 * @param ek TPM2B_PUBLIC of its endorsement key, in base64
 * @param ak likewise of an attestation key
 * @param proof 64 hex digits; empty before it was asked for them
 */
public record TpmClaim(String ek, String ak, Optional<String> proof) {
  private static final String PROOF = "[0-9a-f]{64}";

  /** Of 512 bytes. */
  private static final int MOST_CHARACTERS = 684;

  /** The lines are optional, but these two come together. */
  static Optional<TpmClaim> of(SignedLines lines) throws SignedLines.Refusal {
    if (!lines.isAt("ek")) {
      return Optional.empty();
    }
    String ek = area(lines, "ek");
    String ak = area(lines, "ak");
    Optional<String> proof =
        lines.isAt("proof")
            ? Optional.of(lines.next("proof", PROOF, "64 hex digits"))
            : Optional.empty();
    return Optional.of(new TpmClaim(ek, ak, proof));
  }

  private static String area(SignedLines lines, String key) throws SignedLines.Refusal {
    String value = lines.next(key);
    if (value.isEmpty() || value.length() > MOST_CHARACTERS || !Bundle.isBase64(value)) {
      throw new SignedLines.Refusal(
          key
              + ": "
              + value.length()
              + " characters (expected: a TPM2B_PUBLIC of at most 512 bytes as base64)");
    }
    return value;
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>(List.of("ek=" + ek, "ak=" + ak));
    proof.ifPresent(text -> lines.add("proof=" + text));
    return lines;
  }

  /** The first one's bytes; whether they are a key is not known yet. */
  public byte[] ekBytes() {
    return Base64.getDecoder().decode(ek);
  }

  /** The second one's. */
  public byte[] akBytes() {
    return Base64.getDecoder().decode(ak);
  }

  /** Leaves the proof out. */
  @Override
  public String toString() {
    return "TpmClaim";
  }
}
