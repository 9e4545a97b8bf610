// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;
import java.util.List;

/**
 * What a node needs to get into the mesh later: no secret, but what it will trust.
 *
 * @param url the appliance's HTTPS
 * @param clusterId 32 hexadecimal digits
 * @param signer whose bundles it takes: SubjectPublicKeyInfo as base64
 * @param authority by whose certificate it knows the appliance: DER as base64
 * @param script the POSIX shell program
 * @param service the systemd unit that runs it once
 * @param timer the systemd timer that starts it again and again
 */
public record MeshJoin(
    URI url,
    String clusterId,
    String signer,
    String authority,
    String script,
    String service,
    String timer) {
  /**
   * {@code mesh.conf}, lines {@code KEY='value'} under the rules of {@code deploy.conf}; with the
   * checks of the node, if it has any.
   */
  String conf(RackFile rack, Node node) {
    return DeployConf.line("URL", url.toString())
        + DeployConf.line("NODE", node.name())
        + DeployConf.line("MAC", node.mac().toString())
        + DeployConf.line("CLUSTER_ID", clusterId)
        + DeployConf.line("SIGNER", signer)
        + DeployConf.line("CA", authority)
        + tpm(rack.tpmOf(node).use())
        + gates(rack.checksOf(node));
  }

  private static String gates(List<NodeCheck> checks) {
    return checks.isEmpty() ? "" : DeployConf.line("GATES", DeployConf.base64(Phase.lines(checks)));
  }

  /** What is usual needs no words. */
  private static String tpm(TpmRule.Use use) {
    return use == TpmRule.Use.USE ? "" : DeployConf.line("TPM", use.text());
  }
}
