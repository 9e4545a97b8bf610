// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.util.List;

/**
 * Who looks at a page.
 *
 * @param name the operator's
 * @param scope as people write it
 * @param proof what each form has to send back: that it is one of ours
 * @param said what came of this visitor's last action; shown once
 * @param may what this visitor may have done
 */
public record Visitor(String name, String scope, String proof, String said, List<Action> may) {
  public Visitor {
    may = List.copyOf(may);
  }

  /** Without what is secret. */
  @Override
  public String toString() {
    return "Visitor[" + name + " " + scope + "]";
  }
}
