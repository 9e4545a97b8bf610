// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.store.SecretFile;
import foundrybot.appliance.store.StoreException;
import foundrybot.appliance.tls.Certificates;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
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
        SecretFile.write(
            data.resolve(CERTIFICATE_FILE),
            certificates.stream().map(Certificates::pem).collect(Collectors.joining()));
      }
      SecretFile.write(data.resolve(URL_FILE), url.toString());
      return new OperatorAccess(url, certificates, token);
    } catch (StoreException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new StartException(file + ": cannot be written or read: " + e.getMessage(), e);
    }
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

  @Override
  public String toString() {
    return "OperatorAccess[" + url + "]";
  }
}
