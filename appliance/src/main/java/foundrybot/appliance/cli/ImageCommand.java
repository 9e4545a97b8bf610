// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.images.cast.ImageBuilder;
import foundrybot.images.cast.ImageReport;
import foundrybot.images.cast.ImageRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Root images for the cast. */
@Command(
    name = "image",
    mixinStandardHelpOptions = true,
    description = "Root images, which nodes stream to their disks without an installer.",
    subcommands = {ImageCommand.Build.class, picocli.CommandLine.HelpCommand.class})
final class ImageCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UserException(Main.USAGE, "image: what? (expected: image build debian-12)");
  }

  /** {@code image build debian-12}. */
  @Command(
      name = "build",
      mixinStandardHelpOptions = true,
      description = "Builds the root image and deploy environment of profile SYSTEM-cast.")
  static final class Build implements Callable<Integer> {
    @Mixin private DataOption data = new DataOption();

    @Parameters(paramLabel = "SYSTEM", description = "debian-12")
    private String system = "";

    @Option(
        names = "--kernel",
        paramLabel = "PACKAGE",
        defaultValue = ImageRequest.DEFAULT_KERNEL,
        description =
            "Kernel package (default: ${DEFAULT-VALUE}; linux-image-cloud-amd64 is smaller and for"
                + " virtual machines only).")
    private String kernel = ImageRequest.DEFAULT_KERNEL;

    @Option(
        names = "--package",
        paramLabel = "NAME",
        description = "One more Debian package in the image; may be repeated.")
    private List<String> packages = new ArrayList<>();

    @Option(
        names = "--rack",
        paramLabel = "FILE",
        description = "Also the packages that the roles of this rack file want.")
    private @Nullable Path rack;

    @Override
    public Integer call() {
      if (!system.equals("debian-12")) {
        throw new UserException(Main.USAGE, "system: " + system + " (expected: debian-12)");
      }
      String profile = system + "-cast";
      ImageRequest request;
      try {
        request =
            ImageRequest.of(profile, "bookworm", data.path().resolve("artifacts").resolve(profile))
                .withKernel(kernel)
                .withExtraPackages(wanted());
      } catch (IllegalArgumentException e) {
        throw new UserException(Main.USAGE, String.valueOf(e.getMessage()));
      }
      Clock clock = Clock.systemUTC();
      ImageReport report =
          new ImageBuilder(clock).build(request, new TerminalProgress(System.out, clock));
      report.notes().forEach(note -> System.out.println("note: " + note));
      System.out.println("built " + report.folder());
      report
          .manifest()
          .artifacts()
          .forEach(a -> System.out.printf("  %-14s %,12d bytes%n", a.name(), a.size()));
      return 0;
    }

    /** One image serves all roles, so it holds what any of them wants. */
    private List<String> wanted() {
      Set<String> names = new LinkedHashSet<>(packages);
      names.addAll(RackSource.packages(Optional.ofNullable(rack)));
      return List.copyOf(names);
    }
  }
}
