// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import java.time.Instant;

/** What a node gets for its certification request. */
public sealed interface Certification permits Certification.Certified, Verdict.Refused {
  /**
   * A certificate.
   *
   * @param pem it, and the CA behind it
   * @param serial hexadecimal
   */
  record Certified(String pem, String serial, Instant until) implements Certification {}
}
