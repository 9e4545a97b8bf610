// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.UnknownMachines;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.BootPolicy;
import foundrybot.ipxe.BootProgram;
import foundrybot.ipxe.BootPrograms;
import foundrybot.ipxe.Platform;
import java.net.URI;
import java.util.Optional;

/**
 * Who boots what: firmware gets iPXE, iPXE gets its node's script, strangers get nothing unless the
 * rack file says otherwise. What the script then does depends on the node's stage, not on this.
 */
final class FleetBootPolicy implements BootPolicy {
  private final Fleet fleet;
  private final BootPrograms.Loaded programs;
  private final URI appliance;

  FleetBootPolicy(Fleet fleet, BootPrograms.Loaded programs, URI appliance) {
    this.fleet = fleet;
    this.programs = programs;
    this.appliance = appliance;
  }

  @Override
  public BootDecision decide(BootClient client) {
    Optional<Node> node = fleet.node(new Mac(client.mac().bits()));
    if (node.isEmpty() && fleet.rack().appliance().unknown() == UnknownMachines.IGNORE) {
      return new BootDecision.Ignore("not in the rack file");
    }
    String who = node.map(Node::name).orElse("unknown machine, to be discovered");
    Optional<Platform> platform = platform(client.architecture().firmware());
    if (platform.isEmpty()) {
      return new BootDecision.Ignore(
          who + ": no boot program for architecture " + client.architecture());
    }
    if (client.program() == BootClient.Program.IPXE) {
      return new BootDecision.Url(
          scriptUrl(client, platform.get()), who + ": iPXE runs, on to its script");
    }
    Optional<BootProgram> program = programs.defaultFor(platform.get());
    if (program.isEmpty()) {
      return new BootDecision.Ignore(who + ": no boot program for " + platform.get());
    }
    String file = client.mac().hyphenated() + "/" + program.get().name();
    String reason = who + ": " + platform.get() + " firmware, first iPXE";
    return switch (client.transport()) {
      case PXE -> new BootDecision.Program(file, reason);
      case HTTP -> new BootDecision.Url(appliance.resolve("/program/" + file), reason);
    };
  }

  private URI scriptUrl(BootClient client, Platform platform) {
    String firmware = platform.firmware() == Platform.Firmware.BIOS ? "bios" : "uefi";
    return appliance.resolve("/boot/" + client.mac().hyphenated() + "/" + firmware + ".ipxe");
  }

  private static Optional<Platform> platform(Architecture.Firmware firmware) {
    return switch (firmware) {
      case BIOS_X86 -> Optional.of(Platform.BIOS_X86);
      case UEFI_X86 -> Optional.of(Platform.UEFI_X86);
      case UEFI_X64 -> Optional.of(Platform.UEFI_X64);
      case UEFI_ARM64 -> Optional.of(Platform.UEFI_ARM64);
      case OTHER -> Optional.empty();
    };
  }
}
