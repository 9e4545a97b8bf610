// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

/** What came of planning a mesh. */
public sealed interface Planning {
  /** A mesh in which each node has its place. */
  record Planned(MeshPlan plan) implements Planning {}

  /**
   * Some node cannot keep its place, or has none.
   *
   * @param why with what to do
   */
  record Refused(String why) implements Planning {}
}
