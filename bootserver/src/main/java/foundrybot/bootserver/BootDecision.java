// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.net.URI;
import java.util.Optional;

/** What a boot client is answered, and why: the reason is the log line and the flight record. */
public sealed interface BootDecision {
  /** One clause for people, without the client's own bytes in it. */
  String reason();

  private static boolean isPrintable(String file) {
    for (int i = 0; i < file.length(); i++) {
      if (file.charAt(i) <= 32 || file.charAt(i) >= 127) {
        return false;
      }
    }
    return true;
  }

  /** No answer at all. */
  record Ignore(String reason) implements BootDecision {}

  /**
   * A boot program over TFTP.
   *
   * @param file the TFTP name, at most 127 ASCII bytes (the {@code file} field, RFC 2131 section 2)
   * @param style how the answer is written; empty: as is usual for the client
   */
  record Program(String file, Optional<BootStyle> style, String reason) implements BootDecision {
    /** In the style that is usual for the client. */
    public Program(String file, String reason) {
      this(file, Optional.empty(), reason);
    }

    public Program {
      if (file.isEmpty() || file.length() > 127 || !isPrintable(file)) {
        throw new IllegalArgumentException(
            "boot file: " + file + " (expected: 1..127 printable ASCII characters)");
      }
    }
  }

  /**
   * An absolute URL: a boot program for UEFI HTTP Boot, or the script for an iPXE that already
   * runs.
   *
   * @param url at most 255 characters
   * @param style how the answer is written; empty: as is usual for the client
   */
  record Url(URI url, Optional<BootStyle> style, String reason) implements BootDecision {
    /** In the style that is usual for the client. */
    public Url(URI url, String reason) {
      this(url, Optional.empty(), reason);
    }

    public Url {
      if (!url.isAbsolute() || url.toString().length() > 255) {
        throw new IllegalArgumentException(
            "boot URL: " + url + " (expected: absolute, 1..255 characters)");
      }
    }
  }
}
