// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.tls.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the appliance's own CA. */
@Command(
    name = "ca",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the certificate of the appliance's own CA, for whoever is to trust its HTTPS.",
      "That is the menu for HTTPS boot of UEFI firmware, an iPXE built with TRUST=, curl --cacert.",
      "The certificate goes to standard output, its fingerprint to standard error."
    })
final class CaCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--der",
      paramLabel = "FILE",
      description = "Writes it to a file as DER, which some firmware wants.")
  private @Nullable Path der;

  @Override
  public Integer call() {
    X509Certificate ca = Certificates.authority(data.path());
    Optional<Path> file = Optional.ofNullable(der);
    if (file.isPresent()) {
      try {
        Files.write(file.get(), Certificates.der(ca));
      } catch (IOException e) {
        throw UserException.unwritten("--der", file.get(), e);
      }
    } else {
      System.out.print(Certificates.pem(ca));
      System.out.flush();
    }
    System.err.println("subject: " + ca.getSubjectX500Principal().getName());
    System.err.println("valid until: " + ca.getNotAfter().toInstant());
    System.err.println("SHA-256 fingerprint: " + Certificates.fingerprint(ca));
    return 0;
  }
}
