// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;

/**
 * A program that is ssh with one file of host keys, and no other, as long as it is open: libvirt
 * lets nobody give ssh options, but names another program for it ({@code command} of
 * libvirt.org/uri.html).
 */
record SshProgram(Path folder) implements AutoCloseable {
  /** Nothing that a shell or a configuration of ssh would read as anything but a name. */
  private static final Pattern FILE = Pattern.compile("/[A-Za-z0-9._/-]{1,200}");

  private static final String NAME = "ssh";

  /** Writes it, where its owner alone may look. */
  static SshProgram trusting(String knownHosts) throws IOException {
    if (!FILE.matcher(knownHosts).matches()) {
      throw new IllegalArgumentException(
          "known_hosts: " + knownHosts + " (expected: a plain path)");
    }
    Path folder = Files.createTempDirectory("foundrybot-ssh");
    Path program = folder.resolve(NAME);
    String text =
        """
        #!/bin/sh
        exec ssh -o UserKnownHostsFile=%s -o GlobalKnownHostsFile=/dev/null \
        -o StrictHostKeyChecking=yes -o UpdateHostKeys=no "$@"
        """
            .formatted(knownHosts);
    Files.writeString(program, text);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new SshProgram(folder);
  }

  Path path() {
    return folder.resolve(NAME);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(path());
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // It holds no secret, and lies where the system tidies up.
      folder.toFile().deleteOnExit();
    }
  }
}
