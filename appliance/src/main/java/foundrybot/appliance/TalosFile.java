// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RenderException;
import foundrybot.answerfiles.TalosSecrets;
import foundrybot.answerfiles.TalosSettings;
import foundrybot.appliance.store.Readers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The user's file with the secrets of a Talos cluster. It is read anew for each machine, so nothing
 * of it stays in memory or in a file of the appliance's.
 */
final class TalosFile {
  private static final long MAX_BYTES = 64 << 10;

  private TalosFile() {}

  /**
   * What a node must have of it; empty for one of another system.
   *
   * @throws RenderException if there is no such file, or others than its owner may read it
   */
  static Optional<TalosSecrets> of(RackFile rack, Node node) {
    return rack.talos()
        .filter(_ -> TalosSettings.isWantedBy(node))
        .map(settings -> read(settings.secrets()));
  }

  /**
   * Whether every machine of the rack can be given what it must have, found out before one asks.
   *
   * @throws StartException if not
   */
  static void check(RackFile rack) {
    try {
      var _ = rack.nodes().stream().map(node -> of(rack, node)).anyMatch(Optional::isPresent);
    } catch (RenderException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private static TalosSecrets read(Path file) {
    String what = "talos.secrets: " + file;
    try {
      Optional<String> tooMany = Readers.OWNER.tooMany(file);
      if (tooMany.isPresent()) {
        throw new RenderException(what + ": " + tooMany.get());
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new RenderException(what + ": more than 64 KiB (expected: secrets of one cluster)");
      }
      return TalosSecrets.read(Files.readString(file, StandardCharsets.UTF_8), what);
    } catch (IOException e) {
      throw new RenderException(
          what + ": cannot be read (expected: what 'talosctl gen secrets -o' has written)", e);
    }
  }
}
