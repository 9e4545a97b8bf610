// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.MeshJoin;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.SecureFetch;
import foundrybot.answerfiles.mesh.Bundle;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.images.cast.MeshClient;
import java.net.URI;
import java.util.Optional;

/**
 * What nodes are told of the mesh when they are installed.
 *
 * @param url the appliance's HTTPS in their network
 */
record MeshOffer(URI url, ClusterKey cluster, Bundle.Der authority) {
  /** How an installer with that token fetches by HTTPS. */
  SecureFetch fetch(String token) {
    return new SecureFetch(URI.create(url + "/node/" + token), authority.base64());
  }

  /** For that node; empty if it is to be in no plane. */
  Optional<MeshJoin> to(RackFile rack, Node node) {
    return rack.mesh()
        .filter(settings -> settings.has(node))
        .map(
            _ ->
                new MeshJoin(
                    url,
                    cluster.id(),
                    cluster.signer().publicPart().base64(),
                    authority.base64(),
                    MeshClient.script(),
                    MeshClient.service(),
                    MeshClient.timer()));
  }
}
