// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

/** A BMC that cannot even be asked, in one line with the cure. */
public final class PowerException extends RuntimeException {
  PowerException(String message) {
    super(message);
  }
}
