// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** A bundle with its signature: the bundle's own lines, and a last line {@code signature=}. */
public sealed interface SignedBundle {
  /** Its signature is good, and so is what was signed. */
  record Good(Bundle bundle) implements SignedBundle {}

  /**
   * Not to be used.
   *
   * @param why what was expected
   */
  record Bad(String why) implements SignedBundle {}

  /** The signature's line. */
  String KEY = "signature=";

  /** Characters of base64 for 64 bytes. */
  int SIGNATURE_LENGTH = 88;

  /** Bytes of the last line with its line break. */
  int LAST_LINE = KEY.length() + SIGNATURE_LENGTH + 1;

  /** Signs a bundle. */
  static byte[] sign(Bundle bundle, BundleSigner signer) {
    byte[] body = bundle.encode();
    String last = KEY + Base64.getEncoder().encodeToString(signer.sign(body)) + "\n";
    byte[] whole = Arrays.copyOf(body, body.length + LAST_LINE);
    System.arraycopy(last.getBytes(StandardCharsets.US_ASCII), 0, whole, body.length, LAST_LINE);
    return whole;
  }

  /** Looks at the signature before anything else is read. */
  static SignedBundle decode(byte[] bytes, BundleSigner.PublicPart signer) {
    int length = bytes.length - LAST_LINE;
    if (length <= 0 || bytes.length > Bundle.MOST_BYTES + LAST_LINE) {
      return new Bad(bytes.length + " bytes (expected: a bundle and its signature)");
    }
    String last = new String(bytes, length, LAST_LINE, StandardCharsets.US_ASCII);
    String signature = last.substring(KEY.length(), LAST_LINE - 1);
    if (!last.startsWith(KEY) || !last.endsWith("\n") || !Bundle.isBase64(signature)) {
      return new Bad("the last line is no signature (expected: " + KEY + "BASE64)");
    }
    byte[] body = Arrays.copyOf(bytes, length);
    if (!signer.verifies(body, Base64.getDecoder().decode(signature))) {
      return new Bad("the signature is not by the key " + signer.base64());
    }
    Optional<Bundle> bundle = Bundle.decode(body);
    return bundle.isPresent()
        ? new Good(bundle.get())
        : new Bad("signed, but no bundle that this version can read");
  }
}
