// SPDX-License-Identifier: Apache-2.0
/** Who is in the mesh with which keys, and what each node is told of it. */
@org.jspecify.annotations.NullMarked
package foundrybot.appliance.mesh;
