// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A boot program whose digest has been checked, with its content.
 *
 * <p>The content is kept because what was checked must be what is served: a package upgrade or a
 * hand that swaps the file later changes nothing for the machines. They are small (70 kB to 1 MB).
 */
public final class BootProgram {

  private final String name;
  private final Path path;
  private final String sha256;
  private final ByteBuffer content;

  BootProgram(String name, Path path, String sha256, byte[] content) {
    this.name = name;
    this.path = path;
    this.sha256 = sha256;
    this.content = ByteBuffer.wrap(content.clone()).asReadOnlyBuffer();
  }

  /** The file's name, under which it is offered. */
  public String name() {
    return name;
  }

  /** Where it was read from. */
  public Path path() {
    return path;
  }

  /** Size in bytes. */
  public int size() {
    return content.capacity();
  }

  /** SHA-256 of the content, lower-case hexadecimal. */
  public String sha256() {
    return sha256;
  }

  /** The content, read-only; every call gives a buffer of its own, from the first byte. */
  public ByteBuffer content() {
    return content.asReadOnlyBuffer();
  }

  /** A copy of the content. */
  public byte[] bytes() {
    byte[] bytes = new byte[size()];
    content().get(bytes);
    return bytes;
  }

  @Override
  public String toString() {
    return path + " (" + size() + " bytes, sha256 " + sha256 + ")";
  }
}
