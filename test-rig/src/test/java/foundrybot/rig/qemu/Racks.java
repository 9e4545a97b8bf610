// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Racks of the tests: the product as it was built, and a rack file for the machines. */
final class Racks {
  private static final Duration BUILD = Duration.ofMinutes(15);
  // Made for this file; nobody has the private half.
  static final String SSH_KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEPcG9ET9+/PDxejT9bvmKcMjtXEkoXsZ/oCTPCXFMyz rig";

  private Racks() {}

  static QemuRack create(
      String name, String profile, Optional<Path> built, MachineSpec... machines) {
    return create(
        name,
        Wiring.PROXY_BESIDE_DNSMASQ,
        built,
        Optional.empty(),
        List.of(machines).stream().map(machine -> new Node(machine, profile)).toList());
  }

  /**
   * A machine and the profile that it gets.
   *
   * @param more of its keys in the rack file, each with a comma before it
   */
  record Node(MachineSpec machine, String profile, String more) {
    Node(MachineSpec machine, String profile) {
      this(machine, profile, "");
    }
  }

  /** A rack without machines, whose rack file knows these MACs: for clients that pretend. */
  static QemuRack ofMacs(String name, Wiring wiring, List<String> macs) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < macs.size(); i++) {
      nodes.add(
          new Node(MachineSpec.of("n" + i, macs.get(i), Firmware.BIOS_IPXE_ROM), "debian-12"));
    }
    return withoutMachines(name, wiring, nodes);
  }

  /** A rack whose nodes' machines are somebody else's to make. */
  static QemuRack withoutMachines(String name, Wiring wiring, List<Node> nodes) {
    buildProduct();
    return QemuRack.create(
        new QemuRack.Setup(
            QemuFolders.logs(name),
            QemuFolders.bootserver(),
            Optional.empty(),
            wiring,
            yaml(wiring, SSH_KEY, nodes),
            Optional.empty(),
            List.of()));
  }

  static QemuRack create(
      String name,
      Wiring wiring,
      Optional<Path> built,
      Optional<String> firmwareYaml,
      List<Node> nodes) {
    return create(name, wiring, built, firmwareYaml, SSH_KEY, nodes);
  }

  /**
   * A rack whose operator is somebody.
   *
   * @param sshKey the operator's, as OpenSSH writes it
   */
  static QemuRack create(
      String name,
      Wiring wiring,
      Optional<Path> built,
      Optional<String> firmwareYaml,
      String sshKey,
      List<Node> nodes) {
    buildProduct();
    return QemuRack.create(
        new QemuRack.Setup(
            QemuFolders.logs(name),
            QemuFolders.bootserver(),
            built,
            wiring,
            yaml(wiring, sshKey, nodes),
            firmwareYaml,
            nodes.stream().map(Node::machine).toList()));
  }

  /** Before the namespaces, in which a build could fetch nothing. */
  static void buildProduct() {
    List<String> command = List.of(QemuFolders.bootserver().toString(), "--version");
    Child.Outcome outcome = Child.run(Path.of("/dev/stderr"), BUILD, command);
    if (outcome.status() != 0) {
      throw new RigException("bin/bootserver --version: exit status " + outcome.status());
    }
  }

  private static String yaml(Wiring wiring, String sshKey, List<Node> nodes) {
    List<String> lines = new ArrayList<>();
    lines.add("cluster: alpha");
    lines.add("domain: alpha.rack");
    lines.add(wiring.applianceYaml());
    lines.add("admin: { user: ops, ssh-keys: [\"" + sshKey + "\"] }");
    lines.add("nodes:");
    for (Node node : nodes) {
      // Mitigations guard nothing in an emulated processor and cost a third of its time.
      lines.add(
          "  "
              + node.machine().mac()
              + ": { role: worker, name: "
              + node.machine().name()
              + ", profile: "
              + node.profile()
              + ", kernel-arguments: [mitigations=off]"
              + node.more()
              + " }");
    }
    return String.join("\n", lines) + "\n";
  }
}
