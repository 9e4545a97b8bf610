// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.snippet;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.BootAnswers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Configuration for the site's own DHCP server, for firmware that takes all from one answer and
 * merges no two.
 */
public final class Snippet {
  /** For which server. */
  public enum Format {
    DNSMASQ,
    KEA,
    ISC,
    WINDOWS,
    MIKROTIK,
    /** In words, for a form to be filled in, as UniFi has it. */
    GENERIC;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * For whom.
   *
   * @param mac with colons; empty for all machines
   */
  record Target(String name, String mac, List<BootRow> rows) {}

  private Snippet() {}

  /**
   * The text.
   *
   * @param allMachines for every machine that the server serves, not only those of the rack file
   * @throws IllegalArgumentException if the server cannot tell these machines from others
   */
  public static String of(Format format, RackFile rack, BootAnswers answers, boolean allMachines) {
    BootTable table = new BootTable(rack, answers);
    List<Target> targets = new ArrayList<>();
    if (allMachines) {
      targets.add(new Target("all", "", table.ofAnyone()));
    } else {
      for (Node node : rack.nodes()) {
        targets.add(new Target(node.name(), node.mac().toString(), table.of(node)));
      }
    }
    return switch (format) {
      case DNSMASQ -> OpenServers.dnsmasq(targets);
      case KEA -> OpenServers.kea(targets);
      case ISC -> OpenServers.isc(targets);
      case WINDOWS -> ClosedServers.windows(macs(rack, allMachines), table.ofAnyone());
      case MIKROTIK -> ClosedServers.mikrotik(requireAll(allMachines), table.ofAnyone());
      case GENERIC -> ClosedServers.generic(macs(rack, allMachines), table.ofAnyone());
    };
  }

  private static List<String> macs(RackFile rack, boolean allMachines) {
    return allMachines
        ? List.of()
        : rack.nodes().stream().map(node -> node.mac().toString()).toList();
  }

  private static List<String> requireAll(boolean allMachines) {
    if (!allMachines) {
      throw new IllegalArgumentException(
          "mikrotik: RouterOS tells machines by architecture or by MAC, not by both (expected:"
              + " --all-machines, which is for every machine on that server)");
    }
    return List.of();
  }
}
