// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

/** What a node gets for its request. */
public sealed interface Verdict {
  /**
   * A bundle with its signature.
   *
   * @param bytes not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Given(byte[] bytes, long serial) implements Verdict {}

  /**
   * Nothing yet: its TPM is to open this first.
   *
   * @param credential for tpm2_activatecredential; not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Challenge(byte[] credential) implements Verdict {}

  /** It has the newest. */
  record Current() implements Verdict {}

  /**
   * Nothing.
   *
   * @param why for who asked and for the operator; no secret, nothing that a stranger wrote
   */
  record Refused(Reason reason, String why) implements Verdict, Certification, GateReading {}

  /** Whose fault it is. */
  enum Reason {
    /** No request at all. */
    MALFORMED,
    /** Not by who it says, of another cluster, or too old. */
    NOT_AUTHENTIC,
    /** Another TPM than it must have, or none. */
    TPM,
    /** Known and sound, but not what can be at this moment. */
    CONFLICT,
    /** There is no mesh, or none that can be. */
    CLOSED
  }
}
