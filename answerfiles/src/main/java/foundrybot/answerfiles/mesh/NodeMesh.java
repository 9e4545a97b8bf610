// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.RenderException;
import java.util.List;

/** All that one node is told of the mesh; what a tool would trip over never becomes one. */
public record NodeMesh(List<NodeInterface> interfaces, NftRules rules) {
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
