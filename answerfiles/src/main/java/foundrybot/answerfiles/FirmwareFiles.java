// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.FirmwareRule.VendorOptions;
import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import foundrybot.answerfiles.Tree.Branch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads firmware tables: {@code firmware.yaml}, and the one that is built in. */
public final class FirmwareFiles {
  private static final int MOST_RULES = 10_000;
  private static final int MOST_IN_LIST = 1_000;

  private static final Rule ARCHITECTURE = Rule.number(0, 65535);
  private static final Rule TRUTH = Rule.oneOf(List.of("true", "false"));
  private static final Rule MAC_PREFIX =
      Rule.pattern(
          "the first 1..6 bytes of a MAC, such as b8:27:eb",
          "[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){0,5}");
  private static final Rule PRINTABLE =
      Rule.pattern("1..64 printable ASCII characters", "[ -~]{1,64}");
  private static final Rule SENTENCE =
      Rule.matching("1..400 characters", ".{1,400}", text -> text.length() <= 400);
  private static final Rule VENDOR_OPTIONS =
      Rule.oneOf(List.of("none", "skip-discovery", "skip-discovery-prompt", "raspberry-pi"));

  private static final Mapping ROW =
      new Mapping(
          List.of(
              Shape.Key.optional(
                  "architecture",
                  new Items(ARCHITECTURE, 1, MOST_IN_LIST),
                  "all",
                  "For machines that send one of these codes in option 93."),
              Shape.Key.optional(
                  "oui",
                  new Items(MAC_PREFIX, 1, MOST_IN_LIST),
                  "all",
                  "For machines whose MAC begins so."),
              Shape.Key.optional(
                  "vendor-class",
                  new Scalar(PRINTABLE),
                  "all",
                  "For machines whose option 60 begins so."),
              Shape.Key.optional(
                  "nodes",
                  new Items(Rules.LABEL_NAME, 1, MOST_IN_LIST),
                  "all",
                  "For the nodes of these names."),
              Shape.Key.optional(
                  "treat-as",
                  new Scalar(ARCHITECTURE),
                  "what it sends",
                  "The code of option 93 to believe instead."),
              Shape.Key.optional(
                  "program",
                  new Scalar(Rules.FILE_NAME),
                  "the platform's own",
                  "The boot program; one that is not built in needs its digest in the rack file's"
                      + " boot-programs."),
              Shape.Key.optional(
                  "replace-ipxe",
                  new Scalar(TRUTH),
                  "false",
                  "Whether an iPXE in the machine's own ROM is to load the boot program first."),
              Shape.Key.optional(
                  "secure-boot",
                  new Scalar(TRUTH),
                  "false",
                  "Whether the firmware runs signed programs only: it gets shim and GRUB."),
              Shape.Key.optional(
                  "https",
                  new Scalar(TRUTH),
                  "false",
                  "Whether firmware and iPXE trust the appliance's CA: they are told URLs of"
                      + " HTTPS."),
              Shape.Key.optional(
                  "verifies-images",
                  new Scalar(TRUTH),
                  "false",
                  "Whether the boot program is an iPXE with IMAGE_TRUST_CMD and the appliance's CA:"
                      + " it runs only what is signed."),
              Shape.Key.optional(
                  "vendor-options",
                  new Scalar(VENDOR_OPTIONS),
                  "skip-discovery on a BIOS, else none",
                  "What option 43 says in an answer without an address."),
              Shape.Key.optional(
                  "boot-file-option",
                  new Scalar(TRUTH),
                  "false",
                  "The boot file in option 67, too, closed by a NUL."),
              Shape.Key.optional(
                  "server-name-option",
                  new Scalar(TRUTH),
                  "false",
                  "The server's address in option 66, too."),
              Shape.Key.optional(
                  "class-with-lease",
                  new Scalar(TRUTH),
                  "false",
                  "Option 60 also in an answer that gives an address."),
              Shape.Key.optional(
                  "ignore", new Scalar(TRUTH), "false", "Never answer these machines."),
              Shape.Key.optional(
                  "reason", new Scalar(SENTENCE), "none", "Why the row is there; shown.")));

  private static final Mapping ROOT =
      new Mapping(
          List.of(
              Shape.Key.required(
                  "rules",
                  new Table(Rules.LABEL_NAME, ROW, 0, MOST_RULES),
                  "Rows by name, the first one that names a property wins.")));

  private FirmwareFiles() {}

  /** Reads the text of a table; {@code sourceName} is what faults call it. */
  public static FirmwareReading read(String yaml, String sourceName) {
    Faults faults = new Faults(sourceName);
    Optional<Tree> tree =
        YamlText.compose(yaml, sourceName, faults)
            .map(root -> new ShapeReader(faults).read(root, ROOT, ""));
    if (!faults.isEmpty()) {
      return new FirmwareReading.Invalid(faults.sorted());
    }
    List<FirmwareRule> rules = new ArrayList<>();
    if (tree.isPresent() && tree.get() instanceof Branch root) {
      root.branch("rules").map(Branch::entries).orElse(Map.of()).entrySet().stream()
          .filter(entry -> entry.getValue().value() instanceof Branch)
          .map(entry -> rule(entry.getKey(), (Branch) entry.getValue().value()))
          .forEach(rules::add);
    }
    return new FirmwareReading.Valid(rules);
  }

  /** The rows that hold unless the user's own say otherwise. */
  public static List<FirmwareRule> builtIn() {
    String name = "firmware-built-in.yaml";
    return switch (read(builtInText(), name)) {
      case FirmwareReading.Valid valid -> valid.rules();
      case FirmwareReading.Invalid invalid ->
          throw new IllegalStateException(RackFiles.report(invalid.faults()));
    };
  }

  /** The built-in table as it can be read, and copied from. */
  public static String builtInText() {
    try (InputStream in =
        FirmwareFiles.class.getResourceAsStream("/foundrybot/answerfiles/firmware-built-in.yaml")) {
      if (in == null) {
        throw new IllegalStateException("firmware-built-in.yaml: not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FirmwareRule rule(String name, Branch row) {
    Set<Integer> architectures =
        row.texts("architecture").stream().map(Integer::parseInt).collect(Collectors.toSet());
    List<String> prefixes =
        row.texts("oui").stream()
            .map(text -> text.replaceAll("[:-]", "").toLowerCase(Locale.ROOT))
            .toList();
    return new FirmwareRule(
        name,
        architectures,
        prefixes,
        row.text("vendor-class"),
        Set.copyOf(row.texts("nodes")),
        row.text("treat-as").map(Integer::parseInt),
        row.text("program"),
        row.text("replace-ipxe").map(Boolean::parseBoolean),
        row.text("secure-boot").map(Boolean::parseBoolean),
        row.text("https").map(Boolean::parseBoolean),
        row.text("verifies-images").map(Boolean::parseBoolean),
        row.text("vendor-options").map(FirmwareFiles::vendorOptions),
        row.text("boot-file-option").map(Boolean::parseBoolean),
        row.text("server-name-option").map(Boolean::parseBoolean),
        row.text("class-with-lease").map(Boolean::parseBoolean),
        row.text("ignore").map(Boolean::parseBoolean).orElse(false),
        row.text("reason").orElse(""));
  }

  private static VendorOptions vendorOptions(String text) {
    return VendorOptions.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
