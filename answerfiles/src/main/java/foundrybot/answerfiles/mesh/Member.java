// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.Node;

/**
 * A node in the mesh.
 *
 * @param number its place in each subnet: the address is the subnet's first one plus this
 */
public record Member(Node node, int number) {}
