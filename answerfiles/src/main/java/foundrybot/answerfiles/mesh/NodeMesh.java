// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.RenderException;
import java.util.List;
import java.util.Optional;

/**
 * All that one node is told of the mesh; what a tool would trip over never becomes one.
 *
 * @param relay by which it reaches the appliance, or which it is itself
 */
public record NodeMesh(List<NodeInterface> interfaces, NftRules rules, Optional<MeshRelay> relay) {
  public NodeMesh {
    interfaces = List.copyOf(interfaces);
    for (NodeInterface one : interfaces) {
      if (WgConfig.read(one.config().lines()).filter(one.config()::equals).isEmpty()) {
        throw new RenderException(one.plane().interfaceName() + ": not what wg takes");
      }
    }
    if (NftRules.read(rules.lines()).isEmpty()) {
      throw new RenderException("rules of the mesh: not what nft takes");
    }
  }
}
