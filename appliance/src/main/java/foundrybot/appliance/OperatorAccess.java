// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/**
 * How the command line finds the appliance of a data folder and proves to be its operator: two
 * small files that only their owner can read.
 *
 * @param url where it serves
 * @param token 256 random bits, hexadecimal
 */
public record OperatorAccess(URI url, String token) {
  private static final String TOKEN_FILE = "operator.token";
  private static final String URL_FILE = "appliance.url";

  /** For the appliance: makes the token at the first start and leaves the URL. */
  static OperatorAccess open(Path data, URI url) {
    Path file = data.resolve(TOKEN_FILE);
    try {
      if (!Files.exists(file)) {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        write(file, HexFormat.of().formatHex(bytes));
      }
      write(data.resolve(URL_FILE), url.toString());
      return new OperatorAccess(url, token(file));
    } catch (IOException e) {
      throw new StartException(file + ": cannot be written or read: " + e.getMessage(), e);
    }
  }

  /** For the command line. */
  public static OperatorAccess of(Path data) {
    try {
      String url = Files.readString(data.resolve(URL_FILE)).strip();
      return new OperatorAccess(URI.create(url), token(data.resolve(TOKEN_FILE)));
    } catch (IOException e) {
      throw new StartException(
          data
              + ": no appliance has served from this folder, or it is not yours to read; start it"
              + " with 'bootserver serve --data "
              + data
              + "', or name its folder with --data",
          e);
    }
  }

  /** A broken token file must never become an empty password. */
  private static String token(Path file) throws IOException {
    String token = Files.readString(file).strip();
    if (!token.matches("[0-9a-f]{64}")) {
      throw new StartException(
          file + ": not an operator token (expected: 64 hex digits); delete it and start again");
    }
    return token;
  }

  private static void write(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    Files.createFile(
        temporary,
        PosixFilePermissions.asFileAttribute(
            Set.copyOf(PosixFilePermissions.fromString("rw-------"))));
    Files.writeString(temporary, text + "\n", StandardCharsets.UTF_8);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public String toString() {
    return "OperatorAccess[" + url + "]";
  }
}
