// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.store.SecretFile;
import foundrybot.appliance.store.StoreException;
import foundrybot.appliance.tls.Certificates;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How the command line finds the appliance of a data folder and proves to be its operator: a few
 * small files that only their owner can read.
 *
 * @param url where it serves
 * @param certificates each of which proves it to be there, and none else; none where it serves no
 *     HTTPS
 * @param token 256 random bits, hexadecimal
 */
public record OperatorAccess(URI url, List<X509Certificate> certificates, String token) {
  private static final String TOKEN_FILE = "operator.token";
  private static final String WHAT = "an operator token";
  private static final String URL_FILE = "appliance.url";
  private static final String CERTIFICATE_FILE = "appliance.crt";

  /** For the appliance: makes the token at the first start and leaves the URL. */
  static OperatorAccess open(Path data, URI url, List<X509Certificate> certificates) {
    Path file = data.resolve(TOKEN_FILE);
    try {
      String token = SecretFile.open(file, WHAT);
      if (certificates.isEmpty()) {
        Files.deleteIfExists(data.resolve(CERTIFICATE_FILE));
      } else {
        SecretFile.write(data.resolve(CERTIFICATE_FILE), pem(certificates));
      }
      SecretFile.write(data.resolve(URL_FILE), url.toString());
      return new OperatorAccess(url, certificates, token);
    } catch (StoreException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new StartException(file + ": cannot be written or read: " + e.getMessage(), e);
    }
  }

  private static String pem(List<X509Certificate> certificates) {
    return certificates.stream().map(Certificates::pem).collect(Collectors.joining());
  }

  /** For the command line. */
  public static OperatorAccess of(Path data) {
    try {
      String url = Files.readString(data.resolve(URL_FILE)).strip();
      Path file = data.resolve(CERTIFICATE_FILE);
      List<X509Certificate> certificates = Files.exists(file) ? Certificates.read(file) : List.of();
      String token = SecretFile.read(data.resolve(TOKEN_FILE), WHAT);
      return new OperatorAccess(URI.create(url), certificates, token);
    } catch (StoreException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      if (Files.isRegularFile(data)) {
        throw new StartException(
            data + ": a file (expected: the appliance's folder); name that with --data", e);
      }
      throw new StartException(
          data
              + ": no appliance has served from this folder, or it is not yours to read; start it"
              + " with 'bootserver serve --data "
              + data
              + "', or name its folder with --data",
          e);
    }
  }

  /** The file by which the command line reaches the appliance of a data folder. */
  public static Path socket(Path data) {
    return data.resolve(OperatorTokens.FOLDER).resolve("socket");
  }

  /** The same appliance for another operator. */
  public OperatorAccess with(String otherToken) {
    return new OperatorAccess(url, certificates, otherToken);
  }

  /**
   * Whether this can be used from another machine, and written there.
   *
   * @throws StartException if not
   */
  public void checkFolder(Path folder) {
    if (certificates.isEmpty()) {
      throw new StartException(
          "--to: the appliance serves no HTTPS, without which it takes no operator's token from"
              + " another machine (expected: a port at appliance.ports.https of the rack file)");
    }
    if (Files.exists(folder)) {
      throw new StartException(folder + ": is there already (expected: a folder to be made)");
    }
  }

  /** Makes a folder that {@code --data} of the command line takes, readable for its owner alone. */
  public void write(Path folder) {
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      SecretFile.write(folder.resolve(URL_FILE), url.toString());
      SecretFile.write(folder.resolve(CERTIFICATE_FILE), pem(certificates));
      SecretFile.write(folder.resolve(TOKEN_FILE), token);
    } catch (IOException e) {
      throw new StartException(folder + ": cannot be written: " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return "OperatorAccess[" + url + "]";
  }
}
