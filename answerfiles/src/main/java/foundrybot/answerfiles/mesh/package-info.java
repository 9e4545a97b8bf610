// SPDX-License-Identifier: Apache-2.0
/**
 * The WireGuard mesh of a rack: addresses, peers, firewall rules, and the bundle that tells them.
 */
@org.jspecify.annotations.NullMarked
package foundrybot.answerfiles.mesh;
