// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.operator;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an operator may do; each scope has all rights of those before it. */
public enum Scope {
  /** Looks: status, events, the audit log. */
  READ,
  /** Deploys, reinstalls, rescues, and opens windows. */
  OPERATE,
  /** Decides whom to trust: operators, and machines that are not those of their BMCs. */
  ADMIN;

  /** The scope of that name, such as {@code operate}. */
  public static Optional<Scope> named(String name) {
    return Arrays.stream(values()).filter(scope -> scope.toString().equals(name)).findFirst();
  }

  /** Whether who has this scope may do what asks for the other. */
  public boolean covers(Scope asked) {
    return compareTo(asked) >= 0;
  }

  /** As people write it: {@code operate}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
