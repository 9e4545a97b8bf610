// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.net.URI;

/** What a boot client is answered, and why: the reason is the log line and the flight record. */
public sealed interface BootDecision {
  /** One clause for people, without the client's own bytes in it. */
  String reason();

  /** No answer at all. */
  record Ignore(String reason) implements BootDecision {}

  /**
   * A boot program over TFTP.
   *
   * @param file the TFTP name, at most 127 ASCII bytes (the {@code file} field, RFC 2131 section 2)
   */
  record Program(String file, String reason) implements BootDecision {
    public Program {
      if (file.isEmpty() || file.length() > 127 || !file.chars().allMatch(c -> c > 32 && c < 127)) {
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
   */
  record Url(URI url, String reason) implements BootDecision {
    public Url {
      if (!url.isAbsolute() || url.toString().length() > 255) {
        throw new IllegalArgumentException(
            "boot URL: " + url + " (expected: absolute, 1..255 characters)");
      }
    }
  }
}
