// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.operator;

/**
 * Who asks, after a log-in that was accepted.
 *
 * @param name of the token, {@code local} for that of the data folder, {@code uid:0} for a user of
 *     the appliance's own machine; without a blank
 */
public record Operator(String name, Scope scope) {
  /** Who can read the appliance's data folder. */
  public static final Operator LOCAL = new Operator("local", Scope.ADMIN);
}
