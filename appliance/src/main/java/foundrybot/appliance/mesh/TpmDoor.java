// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.TpmRule;
import foundrybot.answerfiles.mesh.MeshRequest;
import foundrybot.answerfiles.mesh.TpmClaim;
import foundrybot.appliance.tpm.EkHash;
import foundrybot.appliance.tpm.TpmKeys;
import java.util.Optional;

/**
 * Whether what a node shows of its TPM is what it may show: a pure decision. That the TPM is there
 * at all is not known by it.
 */
sealed interface TpmDoor {
  /** Nobody asks for a TPM. */
  record Unasked() implements TpmDoor {}

  /** It is to prove that it has that one. */
  record Shown(TpmKeys keys, Optional<String> proof) implements TpmDoor {}

  /** Another one, or none, or no TPM's at all. */
  record Shut(Verdict.Reason reason, String why) implements TpmDoor {}

  /**
   * Looks at what came with a request.
   *
   * @param rule what the rack file asks
   * @param pinned which TPM the node had
   * @param owner which other node had this one
   */
  static TpmDoor of(
      TpmRule rule, Node node, MeshRequest request, Optional<EkHash> pinned, Owners owner) {
    if (rule.use() == TpmRule.Use.OFF) {
      return new Unasked();
    }
    if (request.tpm().isEmpty()) {
      return without(rule, node, pinned);
    }
    TpmClaim claim = request.tpm().get();
    return switch (TpmKeys.decode(claim.ekBytes(), claim.akBytes())) {
      case TpmKeys.Reading.Malformed(String why) -> new Shut(Verdict.Reason.TPM, why);
      case TpmKeys.Reading.Read(TpmKeys keys) ->
          wrong(rule, node, keys.hash(), pinned, owner)
              .<TpmDoor>map(why -> new Shut(Verdict.Reason.TPM, why))
              .orElseGet(() -> new Shown(keys, claim.proof()));
    };
  }

  /** Who had a TPM before. */
  @FunctionalInterface
  interface Owners {
    /** Another node of the rack that has this one. */
    Optional<Mac> of(EkHash ek);
  }

  private static TpmDoor without(TpmRule rule, Node node, Optional<EkHash> pinned) {
    if (pinned.isPresent()) {
      return new Shut(
          Verdict.Reason.TPM,
          "tpm: none, and "
              + node.name()
              + " had the EK "
              + pinned.get()
              + " (expected: the same; its TPM is off, tpm2-tools are missing, or this is another"
              + " machine)");
    }
    return rule.use() == TpmRule.Use.REQUIRED
        ? new Shut(
            Verdict.Reason.TPM,
            "tpm: none, and the rack file requires one (expected: /dev/tpmrm0 and tpm2-tools)")
        : new Unasked();
  }

  private static Optional<String> wrong(
      TpmRule rule, Node node, EkHash ek, Optional<EkHash> pinned, Owners owner) {
    if (pinned.filter(known -> !known.equals(ek)).isPresent()) {
      return Optional.of("ek: " + ek + " is another TPM (expected: " + pinned.get() + ")");
    }
    if (!rule.eks().isEmpty() && !rule.eks().contains(ek.toString())) {
      return Optional.of(
          "ek: "
              + ek
              + " is not allowed (expected: nodes."
              + node.mac()
              + ".tpm.ek, or one of mesh.tpm.eks)");
    }
    return owner
        .of(ek)
        .map(other -> "ek: " + ek + " is " + other + "'s (expected: a TPM of one node)");
  }
}
