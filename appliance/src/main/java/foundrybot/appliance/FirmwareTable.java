// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.FirmwareRule;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootStyle;
import foundrybot.bootserver.BootStyle.VendorOptions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
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
   * @param style how the answer is written
   * @param ignored the row that says never to answer it
   * @param rules the rows that decided something, in the order of the table
   */
  record Choice(
      BootClient client,
      Optional<String> program,
      boolean replaceIpxe,
      boolean secureBoot,
      BootStyle style,
      Optional<String> ignored,
      List<FirmwareRule> rules) {
    /** Names of the deciding rows, for a reason; empty if all is as usual. */
    String because() {
      return rules.isEmpty()
          ? ""
          : rules.stream()
              .map(FirmwareRule::name)
              .collect(Collectors.joining(", ", "; firmware table: ", ""));
    }
  }

  Choice choose(BootClient client, Optional<String> node) {
    String mac = client.mac().hyphenated().replace("-", "");
    List<FirmwareRule> about =
        index.candidates(client, mac, node).stream()
            .filter(
                rule -> rule.isAbout(client.architecture().code(), mac, client.vendorClass(), node))
            .toList();
    Set<FirmwareRule> used = new LinkedHashSet<>();
    Optional<String> ignored =
        about.stream().filter(FirmwareRule::ignore).findFirst().map(FirmwareRule::name);
    BootClient believed =
        first(about, FirmwareRule::treatAs, used)
            .map(code -> client.as(new Architecture(code)))
            .orElse(client);
    Optional<String> program = first(about, FirmwareRule::program, used);
    boolean replaceIpxe = first(about, FirmwareRule::replaceIpxe, used).orElse(false);
    boolean secureBoot = first(about, FirmwareRule::secureBoot, used).orElse(false);
    BootStyle usual = BootStyle.usual(believed);
    BootStyle style =
        new BootStyle(
            first(about, FirmwareRule::vendorOptions, used)
                .map(form -> VendorOptions.valueOf(form.name()))
                .orElse(usual.vendorOptions()),
            first(about, FirmwareRule::bootFileOption, used).orElse(usual.bootFileOption()),
            first(about, FirmwareRule::serverNameOption, used).orElse(usual.serverNameOption()),
            first(about, FirmwareRule::classWithLease, used).orElse(usual.classWithLease()));
    List<FirmwareRule> inOrder = about.stream().filter(used::contains).toList();
    return new Choice(believed, program, replaceIpxe, secureBoot, style, ignored, inOrder);
  }

  private static <T> Optional<T> first(
      List<FirmwareRule> about,
      Function<FirmwareRule, Optional<T>> property,
      Set<FirmwareRule> used) {
    for (FirmwareRule rule : about) {
      Optional<T> value = property.apply(rule);
      if (value.isPresent()) {
        used.add(rule);
        return value;
      }
    }
    return Optional.empty();
  }
}
