// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import java.nio.file.Path;
import java.util.List;

/**
 * What a mirror build came to, as data: what is there, what could not be had, what was made up.
 *
 * @param tree the folder to serve as {@code /debian}
 * @param keyring our public key as a binary keyring
 * @param artifacts the installer's kernel and initrd
 * @param packages ordinary packages in the index
 * @param components installer components in the index
 * @param bytes size of all files the indices name
 * @param changed files that were not there before, plus one if the indices changed
 * @param missing what the archive did not hand out
 * @param leftOut installer components kept out of the index because what they need is missing
 * @param madeUp components and sources that are not what Debian published for this release
 * @param missingEssential missing components without which no installation can finish
 */
public record MirrorReport(
    Path tree,
    Path keyring,
    Path artifacts,
    int packages,
    int components,
    long bytes,
    int changed,
    List<Missing> missing,
    List<String> leftOut,
    List<String> madeUp,
    List<Missing> missingEssential) {

  /**
   * One thing that could not be had.
   *
   * @param name package or component
   * @param version empty if no index names it
   * @param reason the archive's words ("404 Not Found"), or why it cannot be chosen
   */
  public record Missing(String name, String version, String reason) {
    @Override
    public String toString() {
      return name + (version.isEmpty() ? "" : " " + version) + ": " + reason;
    }
  }

  public MirrorReport {
    missing = List.copyOf(missing);
    leftOut = List.copyOf(leftOut);
    madeUp = List.copyOf(madeUp);
    missingEssential = List.copyOf(missingEssential);
  }

  /** Whether an unattended installation from this mirror can come to its end. */
  public boolean canInstall() {
    return missingEssential.isEmpty();
  }
}
