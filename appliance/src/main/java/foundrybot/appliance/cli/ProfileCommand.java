// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.BuiltInProfiles;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.ProfileFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The systems that nodes can get. */
@Command(
    name = "profile",
    mixinStandardHelpOptions = true,
    description = "Profiles: the systems that nodes can get, built in and beside the rack file.",
    subcommands = {
      ProfileCommand.Listing.class,
      ProfileCommand.New.class,
      ProfileImportCommand.class,
      picocli.CommandLine.HelpCommand.class
    })
final class ProfileCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UserException(
        Main.USAGE, "profile: what? (expected: profile list, profile new or profile import)");
  }

  /** All profiles by name: a user's own takes the place of a built-in one. */
  static Map<String, Profile> all(Path rack) {
    ProfileSource.Found own = ProfileSource.beside(rack).read();
    if (!own.faults().isEmpty()) {
      throw new UserException(
          Main.FAILED,
          "profiles beside "
              + rack
              + ": "
              + RackSource.count(own.faults())
              + "\n"
              + RackSource.lines(own.faults()));
    }
    Map<String, Profile> all = new LinkedHashMap<>(Profile.builtIn());
    all.putAll(own.profiles());
    return all;
  }

  /** The profile of that name, or the end of the command. */
  static Profile named(Path rack, String name) {
    Map<String, Profile> all = all(rack);
    return Optional.ofNullable(all.get(name))
        .orElseThrow(
            () ->
                new UserException(
                    Main.FAILED,
                    "profile: "
                        + name
                        + " (expected: one of "
                        + String.join(", ", all.keySet())
                        + ")"));
  }

  /** {@code profile list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the built-in profiles and those beside the rack file.")
  static final class Listing implements Callable<Integer> {
    @Mixin private RackOption rack = new RackOption();

    @Override
    public Integer call() {
      System.out.printf("%-20s %-36s %-10s %s%n", "PROFILE", "SYSTEM", "WAY", "FROM");
      all(rack.source().path()).values().forEach(profile -> System.out.print(line(profile)));
      return 0;
    }

    private static String line(Profile profile) {
      boolean replaces = profile.ofUser() && BuiltInProfiles.names().contains(profile.name());
      return String.format(
          "%-20s %-36s %-10s %s%n",
          profile.name(),
          profile.system() + " " + profile.version(),
          profile.kind().name().toLowerCase(Locale.ROOT),
          profile.ofUser()
              ? profile.folder() + (replaces ? " (instead of the built-in one)" : "")
              : "built in");
    }
  }

  /** {@code profile new}. */
  @Command(
      name = "new",
      mixinStandardHelpOptions = true,
      description = {
        "Starts a profile of yours beside the rack file, with a built-in one's texts.",
        "The folder profiles/NAME has its profile.yaml and templates, to be changed. It boots that",
        "profile's files until its key 'artifacts' names others."
      })
  static final class New implements Callable<Integer> {
    @Mixin private RackOption rack = new RackOption();

    @Parameters(
        paramLabel = "NAME",
        description = "Its name; that of a built-in profile puts it in that one's place.")
    private String name = "";

    @Option(
        names = "--from",
        paramLabel = "PROFILE",
        required = true,
        description = "The built-in profile to start with, such as debian-12.")
    private String from = "";

    @Override
    public Integer call() {
      Profile model = Profile.builtIn().get(from);
      if (model == null) {
        String known = String.join(", ", BuiltInProfiles.names());
        throw new UserException(
            Main.USAGE, "--from: " + from + " (expected: one of " + known + ")");
      }
      if (!name.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
        throw new UserException(
            Main.USAGE,
            "profile: " + name + " (expected: lower-case letters, digits and inner hyphens)");
      }
      Path folder = ProfileSource.beside(rack.source().path()).folder().resolve(name);
      if (Files.exists(folder)) {
        throw new UserException(
            Main.FAILED, folder + ": is there already (expected: a new name); nothing was written");
      }
      write(folder, texts(model));
      System.out.println(
          folder + ": a copy of " + from + "; name it in the rack file as profile: " + name);
      return 0;
    }

    /** All of them in the one folder, also those that the model takes from another profile. */
    private Map<String, String> texts(Profile model) {
      Map<String, String> texts = new LinkedHashMap<>();
      String yaml = text(from, ProfileFiles.FILE);
      for (String other : BuiltInProfiles.names()) {
        yaml = yaml.replace("template: " + other + "/", "template: ");
      }
      if (!yaml.contains("\nartifacts:")) {
        yaml = yaml.stripTrailing() + "\n\nartifacts: " + model.artifacts() + "\n";
      }
      texts.put(ProfileFiles.FILE, yaml);
      for (Profile.FileTemplate file : model.files().values()) {
        String[] place = file.templateFile().split("/", -1);
        String owner = place[place.length - 2];
        String leaf = place[place.length - 1];
        texts.put(leaf, text(owner, leaf));
      }
      return texts;
    }

    private static String text(String profile, String file) {
      return BuiltInProfiles.text(profile, file)
          .orElseThrow(() -> new IllegalStateException(profile + "/" + file + " is built in"));
    }

    private static void write(Path folder, Map<String, String> texts) {
      try {
        Files.createDirectories(folder);
        for (Map.Entry<String, String> text : texts.entrySet()) {
          Files.writeString(folder.resolve(text.getKey()), text.getValue());
        }
      } catch (IOException e) {
        throw new UserException(Main.FAILED, folder + ": cannot be written: " + e.getMessage());
      }
    }
  }
}
