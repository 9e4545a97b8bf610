// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Mac;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Where facts of the mesh are made durable. */
@FunctionalInterface
public interface MeshLog {
  /**
   * Appends one.
   *
   * @param machine empty for the appliance as a whole
   * @return completes when it is durable and the {@link MeshBook} has taken it
   */
  CompletableFuture<Void> record(Optional<Mac> machine, String kind, String detail);
}
