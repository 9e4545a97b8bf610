// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.EmbeddedScript;
import foundrybot.appliance.ProgramFolder;
import foundrybot.images.ArtifactManifest;
import foundrybot.images.mirror.AptSource;
import foundrybot.images.mirror.LoaderPackage;
import foundrybot.ipxe.DebianBuild;
import foundrybot.ipxe.SignedPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Boot programs newer than those of this machine's own package. */
@Command(
    name = "loaders",
    mixinStandardHelpOptions = true,
    description = "Boot programs newer than those of this machine's ipxe package.",
    subcommands = {
      LoadersCommand.Fetch.class,
      LoadersCommand.Script.class,
      picocli.CommandLine.HelpCommand.class
    })
final class LoadersCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UserException(Main.USAGE, "loaders: what? (expected: loaders fetch, or script)");
  }

  /** {@code loaders fetch}. */
  @Command(
      name = "fetch",
      mixinStandardHelpOptions = true,
      description = {
        "Takes iPXE out of a newer Debian release's package, for ARM, RISC-V and LoongArch, too.",
        "For machines with Secure Boot it takes that release's signed shim and GRUB, which speaks"
            + " HTTP.",
        "It goes through this machine's own apt, which verifies it; nothing is installed. From its",
        "next start the appliance serves these programs instead of those in /usr/lib/ipxe."
      })
  static final class Fetch implements Callable<Integer> {
    @Mixin private DataOption data = new DataOption();

    @Option(
        names = "--suite",
        paramLabel = "NAME",
        defaultValue = "trixie",
        description = "The Debian release: trixie (default) or sid, which has iPXE 2.0.")
    private String suite = "trixie";

    @Option(
        names = "--unpinned",
        description =
            "Also takes a version whose digests are not known here; only the archive's signature"
                + " speaks for it then.")
    private boolean unpinned;

    @Override
    public Integer call() {
      if (!suite.matches("[a-z][a-z0-9-]{0,39}")) {
        throw new UserException(
            Main.USAGE,
            "--suite: '" + suite + "' (expected: the name of a release, such as trixie or sid)");
      }
      Path apt = Path.of("/etc/apt");
      if (!Files.isDirectory(apt)) {
        throw new UserException(Main.FAILED, apt + ": not there; this needs a Debian machine");
      }
      Clock clock = Clock.systemUTC();
      ArtifactManifest manifest =
          LoaderPackage.fetch(
              new LoaderPackage.Request(
                  ProgramFolder.in(data.path()),
                  suite,
                  AptSource.ofMachine(apt, "bookworm"),
                  "bookworm",
                  DebianBuild.allNames(),
                  DebianBuild.known(),
                  unpinned,
                  SignedPrograms.sources().stream()
                      .map(s -> new LoaderPackage.Signed(s.debianPackage(), s.path(), s.name()))
                      .toList()),
              clock,
              new TerminalProgress(System.out, clock));
      System.out.println(
          "fetched "
              + manifest.facts().get(LoaderPackage.PACKAGE)
              + " into "
              + ProgramFolder.in(data.path()));
      manifest
          .artifacts()
          .forEach(a -> System.out.printf("  %-18s %,12d bytes%n", a.name(), a.size()));
      return 0;
    }
  }

  /** {@code loaders script}. */
  @Command(
      name = "script",
      mixinStandardHelpOptions = true,
      description = {
        "Prints the script for an iPXE of your own that runs only what this appliance has signed.",
        "It is built in by make EMBED=FILE TRUST=ca.pem, with IMAGE_TRUST_CMD (docs/firmware.md)."
            + " Its machines get a row with verifies-images in firmware.yaml."
      })
  static final class Script implements Callable<Integer> {
    @Mixin private RackOption rack = new RackOption();

    @Override
    public Integer call() {
      RackFile file = rack.source().require();
      if (file.appliance().ports().https() == Ports.OFF || file.appliance().tls().isPresent()) {
        throw new UserException(
            Main.FAILED,
            "this appliance signs nothing (expected: appliance.ports.https, and a CA of its own: no"
                + " appliance.tls)");
      }
      System.out.print(EmbeddedScript.of(file).print());
      System.out.flush();
      return 0;
    }
  }
}
