// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.FirmwareRule;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootStyle;
import foundrybot.bootserver.BootStyle.VendorOptions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which boot program a machine gets and how it is told, beyond what is usual: the user's rows
 * first, then the built-in ones.
 */
public final class FirmwareTable {
  private static final HexFormat HEX = HexFormat.of();
  private static final int MAC_DIGITS = 12;

  private final List<FirmwareRule> rules;
  private final FirmwareIndex index;

  private FirmwareTable(List<FirmwareRule> rules) {
    this.rules = List.copyOf(rules);
    this.index = new FirmwareIndex(rules);
  }

  /** The built-in rows alone. */
  public static FirmwareTable builtIn() {
    return with(List.of());
  }

  /** The user's rows before the built-in ones. */
  public static FirmwareTable with(List<FirmwareRule> own) {
    List<FirmwareRule> all = new ArrayList<>(own);
    all.addAll(FirmwareFiles.builtIn());
    return new FirmwareTable(all);
  }

  /** Every program that a row names. */
  Set<String> programs() {
    return rules.stream()
        .flatMap(rule -> rule.program().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * What the rows say about one machine.
   *
   * @param client the machine, with the architecture that is to be believed
   * @param program the boot program to give instead of the platform's own
   * @param replaceIpxe whether an iPXE of the machine's own gets that program, too
   * @param secureBoot whether it runs signed programs only
   * @param https whether it is told URLs of HTTPS
   * @param verifiesImages whether its iPXE runs only what the appliance has signed
   * @param style how the answer is written
   * @param ignored the row that says never to answer it
   * @param rules the rows that decided something, in the order of the table
   */
  record Choice(
      BootClient client,
      Optional<String> program,
      boolean replaceIpxe,
      boolean secureBoot,
      boolean https,
      boolean verifiesImages,
      BootStyle style,
      Optional<String> ignored,
      List<FirmwareRule> rules) {
    /** Names of the deciding rows, for a reason; empty if all is as usual. */
    String because() {
      if (rules.isEmpty()) {
        return "";
      }
      StringBuilder names = new StringBuilder();
      for (FirmwareRule rule : rules) {
        names.append(names.isEmpty() ? "; firmware table: " : ", ").append(rule.name());
      }
      return names.toString();
    }
  }

  Choice choose(BootClient client, Optional<String> node) {
    List<FirmwareRule> about = about(client, node);
    if (about.isEmpty()) {
      BootStyle usual = BootStyle.usual(client);
      return new Choice(
          client, Optional.empty(), false, false, false, false, usual, Optional.empty(), about);
    }
    Rows rows = new Rows(about);
    BootClient believed =
        rows.first(FirmwareRule::treatAs)
            .map(code -> client.as(new Architecture(code)))
            .orElse(client);
    Optional<String> program = rows.first(FirmwareRule::program);
    boolean replaceIpxe = rows.first(FirmwareRule::replaceIpxe).orElse(false);
    boolean secureBoot = rows.first(FirmwareRule::secureBoot).orElse(false);
    boolean https = rows.first(FirmwareRule::https).orElse(false);
    boolean verifiesImages = rows.first(FirmwareRule::verifiesImages).orElse(false);
    BootStyle usual = BootStyle.usual(believed);
    BootStyle style =
        new BootStyle(
            rows.first(FirmwareRule::vendorOptions)
                .map(form -> VendorOptions.valueOf(form.name()))
                .orElse(usual.vendorOptions()),
            rows.first(FirmwareRule::bootFileOption).orElse(usual.bootFileOption()),
            rows.first(FirmwareRule::serverNameOption).orElse(usual.serverNameOption()),
            rows.first(FirmwareRule::classWithLease).orElse(usual.classWithLease()));
    return new Choice(
        believed,
        program,
        replaceIpxe,
        secureBoot,
        https,
        verifiesImages,
        style,
        rows.ignoring(),
        rows.deciding());
  }

  private List<FirmwareRule> about(BootClient client, Optional<String> node) {
    String mac = HEX.toHexDigits(client.mac().bits(), MAC_DIGITS);
    List<FirmwareRule> about = new ArrayList<>();
    for (FirmwareRule rule : index.candidates(client, mac, node)) {
      if (rule.isAbout(client.architecture().code(), mac, client.vendorClass(), node)) {
        about.add(rule);
      }
    }
    return about;
  }

  /** The rows that are about one machine, and which of them decided something. */
  private static final class Rows {
    private final List<FirmwareRule> about;
    private final boolean[] used;

    Rows(List<FirmwareRule> about) {
      this.about = about;
      this.used = new boolean[about.size()];
    }

    <T> Optional<T> first(Function<FirmwareRule, Optional<T>> property) {
      for (int i = 0; i < used.length; i++) {
        Optional<T> value = property.apply(about.get(i));
        if (value.isPresent()) {
          used[i] = true;
          return value;
        }
      }
      return Optional.empty();
    }

    Optional<String> ignoring() {
      for (FirmwareRule rule : about) {
        if (rule.ignore()) {
          return Optional.of(rule.name());
        }
      }
      return Optional.empty();
    }

    List<FirmwareRule> deciding() {
      List<FirmwareRule> deciding = new ArrayList<>(used.length);
      for (int i = 0; i < used.length; i++) {
        if (used[i]) {
          deciding.add(about.get(i));
        }
      }
      return List.copyOf(deciding);
    }
  }
}
