// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * One step in which the cluster comes together: nodes of some roles, and what must hold of them
 * before the next step may begin.
 *
 * @param roles no other phase has one of them
 * @param deadline how long a node that is enrolled may take until its checks pass
 * @param checks what each of its nodes has to prove; none: to be enrolled is enough
 * @param builtIn whether nobody has written them: then only what a node says counts, not that it
 *     says nothing, since its system may be one that reports nothing
 */
public record Phase(
    String name,
    List<String> roles,
    PhaseNeed need,
    Duration deadline,
    List<NodeCheck> checks,
    boolean builtIn) {
  /** Checks of one phase: each is a process on the node, every minute. */
  static final int MOST_CHECKS = 16;

  public Phase {
    roles = List.copyOf(roles);
    checks = List.copyOf(checks);
  }

  /** One that is built in, with what a rack with a mesh has its nodes prove. */
  Phase builtIn(List<NodeCheck> proves) {
    return new Phase(name, roles, need, deadline, proves, true);
  }

  Phase withRoles(List<String> all) {
    return new Phase(name, all, need, deadline, checks, builtIn);
  }

  /** Those of these nodes that belong to it, in their order. */
  public List<Node> of(Collection<Node> nodes) {
    return nodes.stream().filter(node -> roles.contains(node.role().name())).toList();
  }

  /**
   * What that node of it has to prove: what all of the phase do, and what its role and itself ask.
   */
  public List<NodeCheck> checksOf(Node node) {
    List<NodeCheck> all = new ArrayList<>(checks);
    all.addAll(node.ready());
    return List.copyOf(all);
  }

  /**
   * What a node is to check, a line for each: kind, name, seconds, exit status, and the words, each
   * as base64.
   */
  static String lines(List<NodeCheck> checks) {
    StringBuilder lines = new StringBuilder();
    checks.forEach(check -> lines.append(check.line()).append('\n'));
    return lines.toString();
  }
}
