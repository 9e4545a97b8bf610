// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Profiles;
import foundrybot.images.mirror.AptSource;
import foundrybot.images.mirror.MirrorBuilder;
import foundrybot.images.mirror.MirrorReport;
import foundrybot.images.mirror.MirrorRequest;
import foundrybot.images.mirror.MirrorRequest.Suite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The appliance's own package mirror. */
@Command(
    name = "mirror",
    mixinStandardHelpOptions = true,
    description = "The appliance's own signed Debian mirror, for the installer profiles.",
    subcommands = {MirrorCommand.Build.class, picocli.CommandLine.HelpCommand.class})
final class MirrorCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UserException(Main.USAGE, "mirror: what? (expected: mirror build)");
  }

  /** {@code mirror build}. */
  @Command(
      name = "build",
      mixinStandardHelpOptions = true,
      description = {
        "Downloads base system, boot loaders, kernel and installer through this machine's own apt.",
        "It signs the index with a key of its own, and puts that key into the installer.",
        "Running it again fetches only what is new."
      })
  static final class Build implements Callable<Integer> {
    @Mixin private DataOption data = new DataOption();

    @Option(
        names = "--rack",
        paramLabel = "FILE",
        description =
            "The packages that the nodes of this rack file want, with what their layouts need"
                + " (default: those of all built-in roles and layouts).")
    private @Nullable Path rack;

    @Option(
        names = "--borrow-installer",
        description = {
          "Where the archive lacks components of Debian 12's installer: use Debian 13's installer",
          "to install Debian 12, and make missing components from ordinary packages. Each borrowed",
          "or made-up piece is named."
        })
    private boolean borrow;

    @Override
    public Integer call() {
      Path apt = Path.of("/etc/apt");
      if (!Files.isDirectory(apt)) {
        throw new UserException(Main.FAILED, apt + ": not there; this needs a Debian machine");
      }
      MirrorRequest request =
          MirrorRequest.debian12(
                  data.path().resolve("mirror"),
                  data.path().resolve("artifacts").resolve("debian-12"),
                  AptSource.ofMachine(apt, "bookworm"))
              .withPackages(packages());
      if (borrow) {
        request = request.withInstaller(Suite.TRIXIE, true);
      }
      Clock clock = Clock.systemUTC();
      MirrorReport report =
          new MirrorBuilder(clock, new SecureRandom())
              .build(request, new TerminalProgress(System.out, clock));
      return print(report);
    }

    private List<String> packages() {
      return rack == null ? Profiles.packagesOfAllRoles("debian-12") : RackSource.mirrored(rack);
    }

    private static int print(MirrorReport report) {
      report.missing().forEach(gap -> System.out.println("missing: " + gap));
      report.leftOut().forEach(name -> System.out.println("left out: " + name));
      report.madeUp().forEach(piece -> System.out.println("made up: " + piece));
      System.out.printf(
          "mirror %s: %d packages, %d installer components, %,d bytes, %d changed%n",
          report.tree(), report.packages(), report.components(), report.bytes(), report.changed());
      if (!report.canInstall()) {
        System.out.println(
            "NO COMPLETE INSTALLATION is possible from it; these are missing and needed:");
        report.missingEssential().forEach(gap -> System.out.println("  " + gap));
        System.out.println("  try --borrow-installer, another archive in /etc/apt, or the cast");
        return 3;
      }
      return 0;
    }
  }
}
