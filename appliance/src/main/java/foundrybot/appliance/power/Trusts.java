// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.BmcSettings;
import foundrybot.redfish.Trust;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * From the rack file's words about a certificate to the trust in it.
 *
 * @param folder of the rack file, for files that it names
 * @param known the file that remembers certificates of first use
 */
public record Trusts(Path folder, Path known) {
  /**
   * Which certificate is trusted.
   *
   * @param place host and port, by which one of first use is remembered
   * @throws IllegalArgumentException if a file that it takes cannot be read
   */
  public Trust of(BmcSettings.Trust trust, String place) {
    return switch (trust) {
      case BmcSettings.Trust.Fingerprint(String sha256) -> new Trust.Fingerprint(sha256);
      case BmcSettings.Trust.Authority(Path path) -> new Trust.Authority(certificates(path));
      case BmcSettings.Trust.FirstUse() -> {
        KnownBmcs memory = new KnownBmcs(known);
        yield new Trust.FirstUse(seen -> memory.trusted(place, seen));
      }
      case BmcSettings.Trust.Any() -> new Trust.Any();
    };
  }

  /** Host and port of a URL, as they stand in it. */
  public static String place(URI url) {
    return url.getRawAuthority();
  }

  private List<X509Certificate> certificates(Path path) {
    try (InputStream in = Files.newInputStream(folder.resolve(path))) {
      List<X509Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (all.isEmpty()) {
        throw new IllegalArgumentException(
            "ca: " + folder.resolve(path) + ": no certificate (expected: PEM)");
      }
      return all;
    } catch (IOException | CertificateException e) {
      throw new IllegalArgumentException(
          "ca: " + folder.resolve(path) + ": cannot be read (expected: PEM): " + e.getMessage(), e);
    }
  }
}
