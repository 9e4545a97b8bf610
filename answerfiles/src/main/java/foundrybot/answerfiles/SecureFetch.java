// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;

/**
 * Where an installer fetches what nobody on its network is to read.
 *
 * @param nodeUrl as that of the run, by HTTPS
 * @param authority by whose certificate it knows the appliance: DER as base64
 */
public record SecureFetch(URI nodeUrl, String authority) {
  /** Leaves the URL out, which has the run's token. */
  @Override
  public String toString() {
    return "SecureFetch[" + nodeUrl.getHost() + "]";
  }
}
