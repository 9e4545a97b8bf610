// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;

/** The root image that a cast node streams to its disk; the size is in bytes. */
public record ImageRef(URI url, String sha256, long size) {
  public ImageRef {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("sha256: " + sha256 + " (expected: 64 hex digits)");
    }
    if (size <= 0) {
      throw new IllegalArgumentException("image size: " + size + " (expected: at least 1 byte)");
    }
  }
}
