// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/** A password; printed as nothing but the fact that there is one. */
public final class Secret {
  private final String value;

  public Secret(String value) {
    this.value = value;
  }

  /** The password itself, for the wire and nothing else. */
  public String reveal() {
    return value;
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
