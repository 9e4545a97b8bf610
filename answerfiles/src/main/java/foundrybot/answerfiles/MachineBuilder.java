// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.MachineSettings.Disk;
import foundrybot.answerfiles.MachineSettings.Firmware;
import foundrybot.answerfiles.MachineSettings.Format;
import foundrybot.answerfiles.MachineSettings.Link;
import foundrybot.answerfiles.MachineSettings.Nic;
import foundrybot.answerfiles.Tree.Branch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** The machine that a node is to be, from its own keys and those that the whole rack shares. */
final class MachineBuilder {
  private static final String IN_POOL = " in ";

  private final Faults faults;
  private final Optional<Branch> defaults;

  /** Lines of the cards that are no node's own. */
  private final Map<Mac, Integer> macs = new HashMap<>();

  MachineBuilder(Faults faults, Optional<Branch> defaults) {
    this.faults = faults;
    this.defaults = defaults;
    defaults.ifPresent(branch -> notBoth(branch, "machine-defaults"));
  }

  /**
   * Reads a node's.
   *
   * @param path of the node in the file
   */
  Optional<MachineSettings> build(Branch node, Mac mac, Optional<BmcSettings> bmc, String path) {
    return node.branch("machine").flatMap(own -> settings(own, node, mac, bmc, path + ".machine"));
  }

  private Optional<MachineSettings> settings(
      Branch own, Branch node, Mac mac, Optional<BmcSettings> bmc, String path) {
    notBoth(own, path);
    Firmware firmware =
        Firmware.valueOf(
            inherited(own, "firmware").orElse("uefi").toUpperCase(Locale.ROOT).replace('-', '_'));
    checkBmc(own, node, bmc, firmware, path);
    Optional<Link> link = link(own).or(() -> defaults.flatMap(MachineBuilder::link));
    if (link.isEmpty()) {
      String expected = "bridge: NAME or network: NAME, here or in machine-defaults";
      faults.add(own.at(), path + ".bridge", "missing", expected);
      return Optional.empty();
    }
    List<Nic> nics = new ArrayList<>();
    nics.add(new Nic(mac, link.get()));
    nics.addAll(nics(own, path + ".nics"));
    return Optional.of(
        new MachineSettings(
            Integer.parseInt(inherited(own, "cores").orElse(MachineKeys.CORES)),
            MachineKeys.mebibytes(inherited(own, "memory").orElse(MachineKeys.MEMORY)),
            disks(own),
            nics,
            firmware,
            inherited(own, "tpm").filter("on"::equals).isPresent()));
  }

  /** It is made where its BMC's URL points, and must be what that says of its firmware. */
  private void checkBmc(
      Branch own, Branch node, Optional<BmcSettings> bmc, Firmware firmware, String path) {
    if (bmc.isEmpty() && node.has("bmc")) {
      return;
    }
    Optional<String> scheme = bmc.map(settings -> settings.url().getScheme());
    if (scheme.filter(BmcUrls.HYPERVISORS::contains).isEmpty()) {
      String expected =
          "a bmc of "
              + String.join(", ", BmcUrls.HYPERVISORS)
              + " beside it, since the machine is made there";
      faults.add(own.at(), path, scheme.orElse("no bmc"), expected);
      return;
    }
    BmcSettings.Firmware told = bmc.orElseThrow().firmware();
    BmcSettings.Firmware made =
        firmware == Firmware.BIOS ? BmcSettings.Firmware.LEGACY : BmcSettings.Firmware.UEFI;
    if (told != BmcSettings.Firmware.AS_IS && told != made) {
      String word = firmware.name().toLowerCase(Locale.ROOT).replace('_', '-');
      String expected = "what bmc.firmware says: " + told.name().toLowerCase(Locale.ROOT);
      faults.add(own.at("firmware"), path + ".firmware", word, expected);
    }
  }

  private List<Disk> disks(Branch own) {
    Optional<String> pool = inherited(own, "pool");
    Optional<Format> format =
        inherited(own, "format").map(text -> Format.valueOf(text.toUpperCase(Locale.ROOT)));
    Optional<Branch> where =
        own.has("disks") ? Optional.of(own) : defaults.filter(branch -> branch.has("disks"));
    return where.map(branch -> branch.texts("disks")).orElse(List.of(MachineKeys.DISK)).stream()
        .map(text -> disk(text, pool, format))
        .toList();
  }

  private static Disk disk(String text, Optional<String> pool, Optional<Format> format) {
    int at = text.indexOf(IN_POOL);
    return new Disk(
        MachineKeys.mebibytes(text),
        at < 0 ? pool : Optional.of(text.substring(at + IN_POOL.length())),
        format);
  }

  private List<Nic> nics(Branch own, String path) {
    List<Nic> nics = new ArrayList<>();
    own.branch("nics")
        .ifPresent(
            table -> table.entries().forEach((key, entry) -> nic(key, entry, path, nics::add)));
    return nics;
  }

  private void nic(String key, Tree.Entry entry, String path, Consumer<Nic> made) {
    Mac mac = Mac.parse(key).orElseThrow(() -> new IllegalStateException("unchecked MAC " + key));
    Integer earlier = macs.putIfAbsent(mac, entry.keyAt().line());
    if (earlier != null) {
      again(entry.keyAt(), path, key, earlier);
    }
    if (!(entry.value() instanceof Branch branch)) {
      return;
    }
    notBoth(branch, path + "." + key);
    Optional<Link> link = link(branch);
    if (link.isEmpty() && !branch.has("bridge") && !branch.has("network")) {
      faults.add(branch.at(), path + "." + key, "missing", "bridge: NAME or network: NAME");
    }
    link.ifPresent(plugged -> made.accept(new Nic(mac, plugged)));
  }

  /** Holds the further cards against the nodes' own, when all are known. */
  void check(Function<Mac, Optional<Integer>> lineOfNode) {
    macs.forEach(
        (mac, line) ->
            lineOfNode
                .apply(mac)
                .ifPresent(node -> again(new Position(line, 1), "nodes", mac.toString(), node)));
  }

  private void again(Position at, String path, String key, int earlier) {
    faults.add(at, path, key, "each MAC once; line " + earlier + " has it already");
  }

  private void notBoth(Branch branch, String path) {
    if (branch.has("bridge") && branch.has("network")) {
      String value = branch.text("network").orElse("");
      faults.add(branch.at("network"), path + ".network", value, "either bridge or network");
    }
  }

  private static Optional<Link> link(Branch branch) {
    return branch
        .text("bridge")
        .<Link>map(name -> new Link.Bridge(Values.interfaceName(name)))
        .or(() -> branch.text("network").map(Link.Network::new));
  }

  private Optional<String> inherited(Branch own, String key) {
    return own.text(key).or(() -> defaults.flatMap(branch -> branch.text(key)));
  }
}
