// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import java.security.SecureRandom;

/**
 * The two keys of a TPM that a node shows, and what only that TPM can open.
 *
 * <p>Whose EK it is cannot be told by it: it is a claim until the node has answered a {@link
 * #challenge}.
 */
public final class TpmKeys {
  private final EndorsementKey ek;
  private final AttestationKey ak;

  private TpmKeys(EndorsementKey ek, AttestationKey ak) {
    this.ek = ek;
    this.ak = ak;
  }

  /** What came of reading two public areas. */
  public sealed interface Reading {
    /** They can be an EK and an AK. */
    record Read(TpmKeys keys) implements Reading {}

    /**
     * They are none.
     *
     * @param why without anything that stood there
     */
    record Malformed(String why) implements Reading {}
  }

  /** Reads two TPM2B_PUBLIC, and checks that they have the attributes of these keys. */
  public static Reading decode(byte[] ek, byte[] ak) {
    String what = "ek: ";
    try {
      EndorsementKey endorsement = EndorsementKey.of(PublicArea.read(ek));
      what = "ak: ";
      return new Reading.Read(new TpmKeys(endorsement, AttestationKey.of(PublicArea.read(ak))));
    } catch (PublicArea.Unfit e) {
      return new Reading.Malformed(what + e.getMessage());
    }
  }

  /** Who its TPM says that it is. */
  public EkHash hash() {
    return ek.hash();
  }

  /** The AK by its name, in hexadecimal. */
  public String akName() {
    return ak.name();
  }

  /**
   * What a TPM turns into the secret, if it has both the EK's private half and that very AK: a file
   * as tpm2_activatecredential takes it.
   */
  public byte[] challenge(TpmSecret secret, SecureRandom random) {
    return ek.credential(ak.nameBytes(), secret.bytes(), random);
  }
}
