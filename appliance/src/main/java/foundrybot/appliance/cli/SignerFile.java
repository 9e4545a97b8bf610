// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.mesh.BundleSigner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Whose signature is to be on a file, and what is to be looked at. */
final class SignerFile {
  private static final int MOST_BYTES = 4096;

  private SignerFile() {}

  /** As PEM, or the one line in it. */
  static BundleSigner.PublicPart read(Path file) {
    if (!Files.exists(file)) {
      throw new UserException(
          Main.FAILED,
          file
              + ": no such file (expected: the public key of the cluster, as PEM); give --signer"
              + " FILE, a copy of bundles.pem in the appliance's data folder, or that folder by"
              + " --data");
    }
    String text = new String(bytes(file, MOST_BYTES), StandardCharsets.US_ASCII);
    String line =
        text.lines()
            .filter(each -> !each.startsWith("-----"))
            .collect(Collectors.joining())
            .strip();
    return BundleSigner.PublicPart.parse(line)
        .orElseThrow(
            () ->
                new UserException(
                    Main.FAILED, file + ": no public key (expected: Ed25519, as PEM of RFC 8410)"));
  }

  /** All of a file that has no more than so many bytes. */
  static byte[] bytes(Path file, int most) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw new UserException(Main.FAILED, file + ": more than " + most + " bytes");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new UserException(Main.FAILED, file + ": no such file (expected: one to look at)");
    } catch (AccessDeniedException e) {
      throw new UserException(
          Main.FAILED,
          file
              + ": no right to read it (expected: readable for "
              + System.getProperty("user.name")
              + ")");
    } catch (IOException e) {
      throw new UserException(
          Main.FAILED,
          file
              + ": cannot be read: "
              + (Files.isDirectory(file) ? "a folder (expected: a file)" : e.getMessage()));
    }
  }
}
