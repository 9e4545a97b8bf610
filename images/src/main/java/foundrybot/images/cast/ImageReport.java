// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import foundrybot.images.ArtifactManifest;
import java.nio.file.Path;
import java.util.List;

/**
 * What a build has made.
 *
 * @param folder where the finished files lie
 * @param manifest the files and what they were made of
 * @param notes what a person should know: drivers without firmware, sources left out
 */
public record ImageReport(Path folder, ArtifactManifest manifest, List<String> notes) {
  public ImageReport {
    notes = List.copyOf(notes);
  }
}
