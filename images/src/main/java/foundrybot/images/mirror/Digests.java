// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.BuildException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests as Debian's indices write them. */
final class Digests {
  private Digests() {}

  static String of(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }

  /** A file must be what the signed index says before anything is done with it. */
  static void requireMatch(Stanza stanza, Path file) {
    String digest = ArtifactManifest.digestOf(file);
    if (!digest.equals(stanza.get("SHA256"))) {
      throw new BuildException(
          file
              + ": sha256 "
              + digest
              + " (expected: "
              + stanza.get("SHA256")
              + "); remove the file and build again");
    }
  }
}
