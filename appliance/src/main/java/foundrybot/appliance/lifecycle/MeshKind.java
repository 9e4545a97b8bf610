// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The facts of the mesh. Each says the whole of what it is about, so of each kind the last one of a
 * machine is all that counts; none moves a node.
 */
public enum MeshKind {
  /** A node's public keys; {@code none}: it has none any more. */
  KEYS("mesh.keys"),
  /** Its place in the subnets; 0: none any more. */
  NUMBER("mesh.number"),
  /** How often it was to make its keys anew. */
  ROTATION("mesh.rotation"),
  /** Which TPM has proved itself, by the hash of its endorsement key; {@code none}: forgotten. */
  EK("tpm.ek"),
  /** Of the appliance as a whole: the serial of the bundles, and what it stands for. */
  SERIAL("mesh.serial");

  private static final Map<String, MeshKind> BY_TEXT =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(MeshKind::text, kind -> kind));

  private final String text;

  MeshKind(String text) {
    this.text = text;
  }

  public static Optional<MeshKind> of(String text) {
    return Optional.ofNullable(BY_TEXT.get(text));
  }

  /** The texts of all kinds. */
  public static Set<String> texts() {
    return BY_TEXT.keySet();
  }

  public String text() {
    return text;
  }
}
