// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import foundrybot.bootserver.MacAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What a name stands for. */
public sealed interface TftpAnswer {
  /**
   * A file on disk.
   *
   * @param size in bytes, which the client is told; the file must hold at least that much
   * @param mac whose it is, where the name says so
   */
  record File(Path path, long size, Optional<MacAddress> mac) implements TftpAnswer {
    public File {
      if (size < 0) {
        throw new IllegalArgumentException("size of " + path + ": " + size + " (expected: >= 0)");
      }
    }

    public static File of(Path path, long size) {
      return new File(path, size, Optional.empty());
    }
  }

  /**
   * Content made for this request.
   *
   * @param content not to be changed afterwards
   * @param mac whose it is, where the name says so
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Bytes(byte[] content, Optional<MacAddress> mac) implements TftpAnswer {
    public static Bytes of(byte[] content) {
      return new Bytes(content, Optional.empty());
    }
  }

  /**
   * It is not known yet: something has to be written first. The client hears nothing until then,
   * and its repeated requests ask for nothing again.
   *
   * @param answer completes on any thread, with anything but another one of this kind
   */
  record Later(CompletionStage<TftpAnswer> answer) implements TftpAnswer {}

  /**
   * Nothing by that name.
   *
   * @param reason for the log and the flight recorder; the client only hears "File not found"
   */
  record NotFound(String reason) implements TftpAnswer {}
}
