// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.power.BootNic;
import foundrybot.appliance.power.Surveyed;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.Inventory.Nic;
import foundrybot.redfish.discover.FoundBmc;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Lines of a rack file for BMCs that were found. What nobody but the operator knows stands there as
 * {@code FILL-IN}, at which {@code validate} points; what only might be right is a comment.
 */
final class RackProposal {
  private static final String ROLE = "role: FILL-IN";

  private final StringBuilder text = new StringBuilder();
  private final List<Surveyed> all;

  private RackProposal(List<Surveyed> all) {
    this.all = all;
  }

  /**
   * The YAML.
   *
   * @param defaults the line of {@code bmc-defaults}; empty for none
   */
  static String of(List<Surveyed> all, Optional<String> defaults) {
    RackProposal proposal = new RackProposal(all);
    proposal.head();
    defaults.ifPresent(line -> proposal.text.append(line).append('\n'));
    boolean usable = all.stream().anyMatch(one -> !nics(one).isEmpty());
    proposal.text.append(usable ? "nodes:\n" : "# nodes:\n");
    all.forEach(proposal::node);
    return proposal.text.toString();
  }

  private void head() {
    comment("Proposed by 'bootserver bmc discover', for the rack file. Choose a role for each");
    comment("machine; 'bootserver validate' points at what is left to do.");
    if (all.stream().anyMatch(one -> !one.bmc().redfish().isEmpty())) {
      warning().forEach(this::comment);
    }
  }

  /** What the operator must know of fingerprints that nobody has compared. */
  static List<String> warning() {
    return List.of(
        "ATTENTION: each 'trust: sha256:...' is what was SEEN ON FIRST CONTACT, which proves",
        "nothing: whoever sits in between would have shown one of his own. Compare it with what",
        "the BMC itself says: the certificate page of its web interface over a cable of your own,",
        "or from a host next to it:",
        "  openssl s_client -connect ADDRESS:443 </dev/null | openssl x509 -noout -fingerprint"
            + " -sha256");
  }

  private void comment(String line) {
    text.append("# ").append(line).append('\n');
  }

  private void note(String line) {
    text.append("  # ").append(BmcOfNode.shown(line)).append('\n');
  }

  private static List<Nic> nics(Surveyed one) {
    return one.machine().map(m -> BootNic.ranked(m.inventory().nics())).orElse(List.of());
  }

  private void node(Surveyed one) {
    note(title(one));
    if (!one.trouble().isEmpty()) {
      note("  " + one.trouble());
    }
    List<Nic> nics = nics(one);
    if (nics.isEmpty()) {
      note("  MAC: { " + ROLE + ", " + bmc(one.bmc()) + " }");
      return;
    }
    note("  boot card, as it seems: " + words(nics.getFirst()));
    text.append("  ")
        .append(nics.getFirst().mac())
        .append(": { " + ROLE + ", ")
        .append(bmc(one.bmc()))
        .append(" }\n");
    nics.stream().skip(1).forEach(nic -> note("  or: " + nic.mac() + "  " + words(nic)));
  }

  private static String title(Surveyed one) {
    List<String> words = new ArrayList<>(List.of(one.bmc().address().getHostAddress() + ":"));
    one.bmc()
        .redfish()
        .forEach(r -> words.add("Redfish " + r.version() + " " + r.vendor() + " " + r.product()));
    one.bmc().ipmi().ifPresent(url -> words.add("IPMI"));
    one.machine()
        .ifPresent(
            machine -> {
              Inventory inventory = machine.inventory();
              words.add("- " + inventory.vendor() + " " + inventory.model());
              words.add("serial " + orUnknown(inventory.serial()) + ",");
              words.add("UUID " + orUnknown(inventory.uuid()));
            });
    return String.join(" ", words).replaceAll(" +", " ");
  }

  private static String orUnknown(String told) {
    return told.isEmpty() ? "not told" : told;
  }

  private static String words(Nic nic) {
    List<String> words = new ArrayList<>();
    if (!nic.name().isEmpty()) {
      words.add(nic.name());
    }
    words.add("link " + (nic.link().isEmpty() ? "not told" : nic.link()));
    if (!nic.netBoot().isEmpty()) {
      words.add("network boot " + nic.netBoot());
    }
    return String.join(", ", words);
  }

  /** Addresses and digests alone, so nothing that a BMC says is outside of a comment. */
  private static String bmc(FoundBmc found) {
    return found.redfish().stream()
        .findFirst()
        .map(r -> "bmc: { url: \"" + r.url() + "\", trust: \"sha256:" + r.fingerprint() + "\" }")
        .or(() -> found.ipmi().map(URI::toString).map(url -> "bmc: \"" + url + "\""))
        .stream()
        .collect(Collectors.joining());
  }
}
