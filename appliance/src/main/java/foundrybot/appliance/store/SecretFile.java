// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.images.FileTrees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** Secrets of 256 bits, hexadecimal, each in a file that only its owner can read. */
public final class SecretFile {
  private static final int BYTES = 32;

  private SecretFile() {}

  /**
   * The secret of that file; made at the first start.
   *
   * @param what it is, in words for an operator
   */
  public static String open(Path file, String what) throws IOException {
    if (!Files.exists(file)) {
      byte[] bytes = new byte[BYTES];
      new SecureRandom().nextBytes(bytes);
      write(file, HexFormat.of().formatHex(bytes));
    }
    return read(file, what);
  }

  /**
   * A broken file must never become an empty secret.
   *
   * @throws StoreException if it is none, or if others than its owner may read or write it
   */
  public static String read(Path file, String what) throws IOException {
    String secret = checked(file, Files.readString(file).strip(), what);
    Readers.OWNER.require(file);
    return secret;
  }

  static String checked(Path file, String secret, String what) {
    if (!secret.matches("[0-9a-f]{64}")) {
      throw new StoreException(
          file + ": not " + what + " (expected: 64 hex digits); delete it and start again");
    }
    return secret;
  }

  /** Replaces a file by a line of text, as {@link #write(Path, byte[])} does. */
  public static void write(Path file, String text) throws IOException {
    write(file, (text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Replaces a file as a whole; nobody else can read it at any moment, and who is killed, or loses
   * its power, leaves the old one or the new one.
   */
  public static void write(Path file, byte[] content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    Files.createFile(
        temporary,
        PosixFilePermissions.asFileAttribute(
            Set.copyOf(PosixFilePermissions.fromString("rw-------"))));
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    // Else a lost power could bring back the old file after the new one was spoken of.
    FileTrees.force(file.toAbsolutePath().resolveSibling(""));
  }
}
