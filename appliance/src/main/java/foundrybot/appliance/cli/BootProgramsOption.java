// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of the commands that read the boot programs. */
final class BootProgramsOption {
  @Option(
      names = "--boot-programs",
      paramLabel = "DIR",
      description = {
        "Where undionly.kpxe, snponly.efi and ipxe.efi lie (default: what 'loaders fetch' brought,",
        "else /usr/lib/ipxe)."
      })
  private @Nullable Path folder;

  Optional<Path> folder() {
    return Optional.ofNullable(folder);
  }
}
