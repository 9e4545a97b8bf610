// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Brief;
import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import java.util.List;

/** The keys of the rack file about TPMs. */
final class TpmKeys {
  static final String KEY = "tpm";

  private static final Rule USE = Rule.oneOf(TpmRule.Use.texts());
  private static final Rule EK =
      Rule.pattern(
          "sha256: and 64 hex digits, of the endorsement key's SubjectPublicKeyInfo in DER",
          "sha256:[0-9A-Fa-f]{64}");

  private TpmKeys() {}

  /** Of a node. */
  static Shape.Key node() {
    return Shape.Key.optional(
        KEY,
        brief(
            "mesh.tpm.use; with ek required",
            Shape.Key.optional(
                "ek",
                new Scalar(EK),
                "one of mesh.tpm.eks, else the first that it shows",
                "The endorsement key that it must have.")),
        "mesh.tpm",
        "Whether its TPM proves who it is: required, use or off; or a mapping with more.");
  }

  /** Of all nodes. */
  static Shape.Key mesh() {
    return Shape.Key.optional(
        KEY,
        brief(
            "use; with eks required",
            Shape.Key.optional(
                "eks",
                new Items(EK, 0, RackKeys.MOST_NODES),
                "any",
                "The endorsement keys that nodes may have.")),
        "use",
        "Whether TPMs prove who nodes are: required, use or off; or a mapping with more.");
  }

  private static Brief brief(String fallback, Shape.Key more) {
    Mapping full =
        new Mapping(
            List.of(
                Shape.Key.optional(
                    "use",
                    new Scalar(USE),
                    fallback,
                    "required: none, no bundle; use: where there is one; off."),
                more));
    return new Brief("use", USE, full);
  }
}
