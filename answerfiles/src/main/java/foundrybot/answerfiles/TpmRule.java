// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether a node proves by its TPM who it is before it gets into the mesh.
 *
 * @param eks the endorsement keys that are taken, as {@code sha256:} and 64 hex digits of the
 *     SubjectPublicKeyInfo; empty: whichever it shows first
 */
public record TpmRule(Use use, Set<String> eks) {
  /** By a TPM that is there and has tpm2-tools. */
  public static final TpmRule USUAL = new TpmRule(Use.USE, Set.of());

  /** Nobody asks for it. */
  public static final TpmRule OFF = new TpmRule(Use.OFF, Set.of());

  /** When it is to be used. */
  public enum Use {
    /** Without it the node gets nothing. */
    REQUIRED,
    /** Where the node has one. */
    USE,
    OFF;

    static List<String> texts() {
      return Stream.of(values()).map(Use::text).toList();
    }

    static Use of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** As in the rack file. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Who names keys wants one of them. */
  public TpmRule {
    eks = use == Use.OFF ? Set.of() : Set.copyOf(eks);
    use = eks.isEmpty() ? use : Use.REQUIRED;
  }
}
