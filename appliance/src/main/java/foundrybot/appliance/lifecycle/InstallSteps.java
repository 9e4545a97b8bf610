// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import foundrybot.answerfiles.Profile;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far installers are when they say something: the one table of their known lines, by installer.
 * What no row knows tells nothing, and of an installer without rows nothing is told.
 *
 * <p>The per cent say how much of an installation of usual size is behind whoever begins that step;
 * they are a rule of thumb. The step itself is the installer's own word. Lines of logs are those of
 * debian-installer's main-menu, of the dpkg that its debootstrap runs (what debootstrap itself says
 * there goes to the progress bar alone; it is in the log where it runs without one), of Anaconda
 * ({@code installation.py}, and the progress of its DNF payload), and the events of subiquity and
 * curtin.
 */
public final class InstallSteps {
  /** Whose words they are. */
  enum Installer {
    DEBIAN,
    ANACONDA,
    SUBIQUITY,
    CAST,
    /** Any other, of which no log is known: what its answer files report. */
    OTHER
  }

  /**
   * One row.
   *
   * @param words that are found in a line of the log, or in a report as the journal has it; two
   *     groups are a part and its whole, one is per cent
   * @param from per cent behind who begins it
   * @param to per cent behind who has done all of what the groups count; as {@code from} without
   */
  record Row(Pattern words, int from, int to, String step) {
    private Optional<Reached> in(String said) {
      Matcher found = words.matcher(said);
      if (!found.find()) {
        return Optional.empty();
      }
      double part =
          switch (found.groupCount()) {
            case 0 -> 0;
            case 1 -> Long.parseLong(found.group(1)) / 100.0;
            default -> share(Long.parseLong(found.group(1)), Long.parseLong(found.group(2)));
          };
      return Optional.of(
          new Reached((int) (from + (to - from) * Math.clamp(part, 0.0, 1.0)), step));
    }

    private static double share(long part, long whole) {
      return whole <= 0 ? 0 : (double) part / whole;
    }
  }

  /**
   * A step of an installation that was begun.
   *
   * @param percent 0..100, of all of it
   * @param step in a few words
   */
  public record Reached(int percent, String step) {}

  private static final String NUMBERS = "(\\d{1,18}) of (\\d{1,18}) bytes";

  private static final Map<Installer, List<Row>> TABLE =
      new EnumMap<>(
          Map.of(
              Installer.DEBIAN,
              List.of(
                  row("^report\\.installer-started\\b", 1, "the installer has its answers"),
                  menu("choose-mirror", 2, "choosing the mirror"),
                  menu("download-installer", 3, "fetching its own parts (anna)"),
                  menu("disk-detect", 7, "looking for disks"),
                  menu("partman-base", 8, "partitioning"),
                  row("^report\\.step partitioning\\b", 9, "partitioning"),
                  menu("bootstrap-base", 12, "installing the base system"),
                  row("debootstrap: (?:gpgv: )?Good signature ", 13, "fetching the base system"),
                  row("debootstrap: I: Retrieving ", 13, "fetching the base system"),
                  row("debootstrap: I: Extracting ", 20, "unpacking the base system"),
                  row("debootstrap: (?:I: )?Unpacking ", 24, "unpacking the base system"),
                  row(
                      "debootstrap: (?:I: Configuring|Setting up) ",
                      32,
                      "configuring the base system"),
                  row("^report\\.step base-installed\\b", 48, "the base system is installed"),
                  menu("apt-setup-udeb", 50, "setting up the package source"),
                  menu("pkgsel", 55, "installing packages"),
                  menu("grub-installer", 86, "installing the boot loader"),
                  menu("finish-install", 92, "finishing")),
              Installer.ANACONDA,
              List.of(
                  row("^report\\.installer-started\\b", 1, "the installer has its answers"),
                  queue("Early storage configuration", 5, "partitioning"),
                  row("^report\\.step partitioned\\b", 9, "partitioned"),
                  counted(
                      "Downloading \\d{1,9} RPMs, .{1,80}\\((\\d{1,3})%\\) done",
                      10, 38, "fetching packages"),
                  row("Preparing transaction from installation source", 38, "fetching packages"),
                  counted(
                      "\\bInstalling \\S{1,200} \\((\\d{1,9})/(\\d{1,9})\\)",
                      40,
                      76,
                      "installing packages"),
                  row(
                      "Performing post-installation setup tasks",
                      76,
                      "packages: post-installation tasks"),
                  queue("Installed system configuration", 84, "configuring the system"),
                  queue("Initramfs generation", 88, "making the initramfs"),
                  queue("Post installation scripts", 93, "the last scripts")),
              Installer.SUBIQUITY,
              List.of(
                  row("^report\\.installer-started\\b", 1, "the installer has its answers"),
                  event("cmd-install/stage-partitioning", 5, "partitioning"),
                  event("cmd-install/stage-extract", 9, "unpacking the image"),
                  event("cmd-install/stage-curthooks", 34, "configuring the system"),
                  event("cmd-curthooks/installing-kernel", 42, "installing the kernel"),
                  event("cmd-curthooks/configuring-bootloader", 58, "installing the boot loader"),
                  event("cmd-curthooks/install-grub", 60, "installing the boot loader"),
                  event("subiquity/Install/install/postinstall", 66, "configuring the system"),
                  event("postinstall/install_", 70, "installing packages"),
                  event("postinstall/run_unattended_upgrades", 80, "installing security updates"),
                  event("subiquity/Late/", 93, "the last commands")),
              Installer.CAST,
              List.of(
                  row("^report\\.installer-started\\b", 1, "the deployer has its answers"),
                  row("^report\\.step partitioned\\b", 3, "partitioned"),
                  counted("^report\\.progress .{0,300}?\\b" + NUMBERS, 4, 88, "writing the image"),
                  row("^report\\.step image-written\\b", 88, "the image is written"),
                  row("^report\\.step identity-written\\b", 93, "the identity is written"),
                  row(
                      "^report\\.step bootloader-installed\\b",
                      97,
                      "the boot loader is installed")),
              Installer.OTHER,
              List.of(
                  row("^report\\.step partitioned\\b", 10, "partitioned"),
                  row("^report\\.step partitioning\\b", 8, "partitioning"),
                  row("^report\\.step base-installed\\b", 50, "the base system is installed"),
                  row("^report\\.step image-written\\b", 85, "the image is written"),
                  row(
                      "^report\\.step bootloader-installed\\b",
                      95,
                      "the boot loader is installed"))));

  private InstallSteps() {}

  private static Row row(String words, int percent, String step) {
    return counted(words, percent, percent, step);
  }

  private static Row counted(String words, int from, int to, String step) {
    return new Row(Pattern.compile(words), from, to, step);
  }

  /** debian-installer goes through its menu, one item after the other. */
  private static Row menu(String item, int percent, String step) {
    return row("main-menu: .{0,40}Menu item '" + item + "' selected", percent, step);
  }

  private static Row queue(String name, int percent, String step) {
    return row("Queue started: " + name + " \\(", percent, step);
  }

  /** Events of curtin stand below those of subiquity that run it, or alone. */
  private static Row event(String name, int percent, String step) {
    return row("\\bstart: (?:\\S{0,200}/)?" + name, percent, step);
  }

  static List<Row> table(Installer installer) {
    return TABLE.getOrDefault(installer, List.of());
  }

  /** What installs a profile: its main answer file tells. */
  static Installer installer(Profile profile) {
    if (profile.kind() == Profile.Kind.CAST) {
      return Installer.CAST;
    }
    return switch (profile.files().values().stream()
        .findFirst()
        .map(Profile.FileTemplate::formatName)
        .orElse("")) {
      case "preseed" -> Installer.DEBIAN;
      case "kickstart" -> Installer.ANACONDA;
      case "autoinstall", "cloud-config" -> Installer.SUBIQUITY;
      default -> Installer.OTHER;
    };
  }

  /** The furthest of the steps that a line tells of; empty for what no row knows. */
  public static Optional<Reached> of(Profile profile, String said) {
    return of(installer(profile), said);
  }

  static Optional<Reached> of(Installer installer, String said) {
    Optional<Reached> furthest = Optional.empty();
    for (Row row : table(installer)) {
      Optional<Reached> found = row.in(said);
      if (found.isPresent()
          && furthest.filter(it -> it.percent() > found.get().percent()).isEmpty()) {
        furthest = found;
      }
    }
    return furthest;
  }
}
