// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.butane.ButaneInput;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads profiles: {@code profile.yaml}, and the templates that it names. */
public final class ProfileFiles {
  /** The file that makes a folder a profile. */
  public static final String FILE = "profile.yaml";

  /** Characters of one template. */
  public static final int LONGEST_TEMPLATE = 256 << 10;

  private static final int MOST_FILES = 64;
  private static final int MOST_IN_LIST = 256;
  private static final String FILE_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";
  private static final String TEMPLATE = "([a-z0-9-]{1,63}/)?" + FILE_NAME;

  /** What a node asks for below its URL that is no answer file. */
  private static final List<String> TAKEN = List.of("enroll", "report", "artifact", "boot", "mesh");

  /** The reports that mean something to the appliance. */
  static final List<String> EVENTS =
      List.of(
          "installer-started",
          "partitioning",
          "partitioned",
          "base-installed",
          "image-written",
          "identity-written",
          "bootloader-installed",
          "progress",
          "installed",
          "first-boot",
          "failed");

  private static final Rule SENTENCE =
      Rule.matching("1..400 characters", ".{1,400}", text -> text.length() <= 400);
  private static final Rule SERVED =
      Rule.matching(
          "a file name, none of " + String.join(", ", TAKEN),
          FILE_NAME,
          text -> text.matches(FILE_NAME) && !TAKEN.contains(text));
  private static final Rule TEMPLATE_FILE =
      Rule.pattern(
          "a file of the profile's folder such as late.sh.mustache, or with its name before a"
              + " slash one of a built-in profile",
          TEMPLATE);
  private static final Rule FORMAT =
      Rule.oneOf(TextFormat.ofFiles().stream().map(TextFormat::word).toList());
  private static final Rule ARGUMENT =
      Rule.pattern(
          "one kernel argument without blanks outside of {{ and }}, such as url={{nodeUrl}}/x",
          "([!-~]|\\{\\{[^{}]*\\}\\}){1,1024}");
  private static final Rule SOURCE =
      Rule.pattern(
          "site, or the URL of a package source, such as http://deb.example/debian",
          "site|https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~+-]+)*/?");
  private static final Rule SUITE =
      Rule.pattern("a release's name, such as bookworm", "[A-Za-z0-9][A-Za-z0-9._/-]{0,63}");
  private static final Rule VALUE_NAME =
      Rule.matching(
          "a name of letters and digits that no common name has, such as diskLayout",
          "[a-z][A-Za-z0-9]{0,63}",
          text -> text.matches("[a-z][A-Za-z0-9]{0,63}") && !AnswerValues.NAMES.contains(text));
  private static final Rule VALUE =
      Rule.matching("0..4000 characters", ".{0,4000}", text -> text.length() <= 4000);

  static final Mapping ROOT =
      new Mapping(
          List.of(
              Shape.Key.required("system", new Scalar(SENTENCE), "The system's name, for people."),
              Shape.Key.required("version", new Scalar(SENTENCE), "Its release."),
              Shape.Key.optional(
                  "suite",
                  new Scalar(SUITE),
                  "none",
                  "The name under which the package source knows the release."),
              Shape.Key.optional(
                  "way",
                  new Scalar(Rule.oneOf(List.of("installer", "cast", "mboot"))),
                  "installer",
                  "installer: the system's own, driven by answer files; cast: a finished root"
                      + " image (root.img.zst of the artifacts), streamed to the disk; mboot: the"
                      + " kernel is VMware's mboot.efi, which boots what boot.cfg of the artifacts"
                      + " lists, under UEFI only."),
              Shape.Key.optional(
                  "artifacts",
                  new Scalar(Rules.LABEL_NAME),
                  "the profile's name",
                  "The folder of the data folder's artifacts with its boot files."),
              Shape.Key.required("kernel", new Scalar(Rules.FILE_NAME), "Its name there."),
              Shape.Key.required(
                  "initrd",
                  new Items(Rules.FILE_NAME, 0, 8),
                  "Names there, in the order in which the kernel unpacks them."),
              Shape.Key.optional(
                  "arguments",
                  new Items(ARGUMENT, 0, MOST_IN_LIST),
                  "none",
                  "Of the kernel, each a template; one that comes to nothing is left out."
                      + " BOOTIF, the node's own and the consoles follow them."),
              Shape.Key.required(
                  "files",
                  new Table(SERVED, file(), 1, MOST_FILES),
                  "What the machine may ask for below its URL, by name."),
              Shape.Key.optional(
                  "package-source",
                  new Scalar(SOURCE),
                  "site",
                  "site: the rack file's site.mirror or the appliance's own; or a URL."),
              Shape.Key.optional(
                  "packages",
                  new Items(Rules.PACKAGE, 0, MOST_IN_LIST),
                  "none",
                  "What every node gets, beside the packages of its role."),
              Shape.Key.optional(
                  "package-names",
                  new Table(Rules.PACKAGE, new Scalar(Rules.PACKAGE), 0, MOST_IN_LIST),
                  "none",
                  "What packages of roles are called in this system, by Debian's name."),
              Shape.Key.optional(
                  "callbacks",
                  new Items(Rule.oneOf(EVENTS), 0, MOST_IN_LIST),
                  "none",
                  "What the installer reports at nodeUrl/report/EVENT; each must stand in a"
                      + " template (with way: cast the deployer reports by itself)."),
              Shape.Key.optional(
                  "secure-boot",
                  new Scalar(Rules.SWITCH),
                  "on",
                  "Whether its kernel is signed so that Secure Boot lets it run."),
              Shape.Key.optional(
                  "layouts",
                  new Items(DiskKeys.ABILITY, 0, MOST_IN_LIST),
                  "single",
                  "What its templates make of the rack file's layout; any other is refused."),
              Shape.Key.optional(
                  "networks",
                  new Items(LinkKeys.ABILITY, 0, MOST_IN_LIST),
                  "none",
                  "What its templates make of the rack file's network; any other is refused."),
              Shape.Key.optional(
                  "carries",
                  new Items(HostKeys.ABILITY, 0, MOST_IN_LIST),
                  "packages",
                  "What its templates put on a system of what roles and nodes ask for; any other is"
                      + " refused."),
              Shape.Key.optional(
                  "file-folders",
                  new Items(HostKeys.FOLDER, 0, MOST_IN_LIST),
                  "all",
                  "The folders below which files of roles and nodes can be made."),
              Shape.Key.optional(
                  "values",
                  new Table(VALUE_NAME, new Scalar(VALUE), 0, MOST_IN_LIST),
                  "none",
                  "Names of yours and their values, for the templates."),
              Shape.Key.optional(
                  "fetches-by-https",
                  new Items(SERVED, 0, MOST_FILES),
                  "none",
                  "Of its files, those that its installer fetches by HTTPS where the appliance has"
                      + " its own CA; each must stand behind secureNodeUrl in a template."),
              Shape.Key.optional(
                  "butane",
                  new Scalar(Rules.FILE_NAME),
                  "none",
                  "A file of the profile's folder with Butane's keys, merged into the files that"
                      + " take it.")));

  private ProfileFiles() {}

  private static Mapping file() {
    return new Mapping(
        List.of(
            Shape.Key.required(
                "format", new Scalar(FORMAT), "How values enter it, and how it is checked."),
            Shape.Key.required("template", new Scalar(TEMPLATE_FILE), "The file it is made of."),
            Shape.Key.optional(
                "butane",
                new Scalar(Rule.oneOf(ButaneInput.variants())),
                "none",
                "Of format ignition: the variant of Butane that is merged into it.")));
  }

  /** Whether a file of a profile's folder can have this name. */
  public static boolean isFileName(String name) {
    return name.matches(FILE_NAME);
  }

  /**
   * Reads a profile of the user's.
   *
   * @param name the folder's
   * @param folder where it lies, for messages
   * @param texts the text of a file of the folder by its name; empty if there is none
   */
  public static ProfileReading read(
      String name, String folder, Function<String, Optional<String>> texts) {
    return read(name, true, folder, texts);
  }

  static ProfileReading builtIn(String name) {
    return read(name, false, "built-in:profiles/" + name, file -> BuiltInProfiles.text(name, file));
  }

  private static ProfileReading read(
      String name, boolean ofUser, String folder, Function<String, Optional<String>> texts) {
    String source = folder + "/" + FILE;
    Faults faults = new Faults(source);
    Optional<Branch> root =
        YamlText.compose(texts.apply(FILE).orElse(""), source, faults)
            .map(node -> new ShapeReader(faults).read(node, ROOT, ""))
            .filter(Branch.class::isInstance)
            .map(Branch.class::cast);
    if (root.isEmpty()) {
      return new ProfileReading.Invalid(faults.sorted());
    }
    ProfileBuilder builder = new ProfileBuilder(name, ofUser, folder, texts, faults);
    return builder.build(root.get());
  }

  /** The profile's keys, as the documentation lists them: name, default, meaning. */
  static Map<String, Shape.Key> keys() {
    Map<String, Shape.Key> keys = new java.util.LinkedHashMap<>();
    ROOT.keys().forEach(key -> keys.put(key.name(), key));
    file().keys().forEach(key -> keys.put("files.*." + key.name(), key));
    return keys;
  }
}
