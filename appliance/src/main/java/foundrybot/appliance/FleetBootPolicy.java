// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.UnknownMachines;
import foundrybot.appliance.lifecycle.Mark;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.IpxeFeatures;
import foundrybot.bootserver.MacAddress;
import foundrybot.ipxe.BootProgram;
import foundrybot.ipxe.BootPrograms;
import foundrybot.ipxe.Platform;
import foundrybot.ipxe.SignedPrograms;
import java.net.Inet4Address;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Who boots what: firmware gets iPXE, iPXE gets its node's script, strangers get nothing unless the
 * rack file says otherwise. What the script then does depends on the node's stage, not on this.
 */
final class FleetBootPolicy implements BootPolicy {
  private final Fleet fleet;
  private final BootPrograms.Loaded programs;
  private final Map<String, BootProgram> byName;
  private final Supplier<FirmwareTable> firmware;
  private final Predicate<MacAddress> loaded;
  private final boolean signed;
  private final Ports ports;

  /** One per address of ours. */
  private final Map<Inet4Address, URI> appliances = new ConcurrentHashMap<>();

  private final Map<Inet4Address, URI> secureAppliances = new ConcurrentHashMap<>();

  /**
   * A policy.
   *
   * @param signed whether there are programs for machines with Secure Boot
   * @param loaded whether the iPXE that runs on a machine is the one it was given
   */
  FleetBootPolicy(
      Fleet fleet,
      BootPrograms.Loaded programs,
      Supplier<FirmwareTable> firmware,
      Predicate<MacAddress> loaded,
      boolean signed,
      Ports ports) {
    this.fleet = fleet;
    this.programs = programs;
    this.byName = Map.copyOf(programs.byName());
    this.firmware = firmware;
    this.loaded = loaded;
    this.signed = signed;
    this.ports = ports;
  }

  @Override
  public BootDecision decide(BootClient client, Inet4Address self) {
    Optional<Node> node = fleet.node(new Mac(client.mac().bits()));
    boolean guest = node.isEmpty() && fleet.isGuest(new Mac(client.mac().bits()));
    if (node.isEmpty() && !guest && fleet.rack().appliance().unknown() == UnknownMachines.IGNORE) {
      return new BootDecision.Ignore("not in the rack file");
    }
    String who =
        node.map(Node::name)
            .orElse(guest ? "probe of the operator" : "unknown machine, to be discovered");
    FirmwareTable.Choice choice = firmware.get().choose(client, node.map(Node::name));
    return choice
        .ignored()
        .<BootDecision>map(
            rule ->
                new BootDecision.Ignore(who + ": firmware table: " + rule + " says to ignore it"))
        .orElseGet(() -> decide(choice, who, self));
  }

  private BootDecision decide(FirmwareTable.Choice choice, String who, Inet4Address self) {
    if (choice.https() && ports.https() == Ports.OFF) {
      return new BootDecision.Ignore(
          who + ": https wanted, and ports.https is off in the rack file" + choice.because());
    }
    if (choice.verifiesImages() && !signs()) {
      return new BootDecision.Ignore(
          who
              + ": verifies-images wanted, and nothing is signed here: ports.https is off in the"
              + " rack file, or appliance.tls brings a certificate"
              + choice.because());
    }
    URI appliance = appliance(choice.https(), self);
    BootClient client = choice.client();
    Optional<Platform> platform = platform(client.architecture().firmware());
    boolean ipxe = client.program() == BootClient.Program.IPXE;
    boolean replaced =
        ipxe
            && (choice.replaceIpxe() || client.features().lacks(IpxeFeatures.Feature.HTTP))
            && client.transport() == BootClient.Transport.PXE
            && !loaded.test(client.mac());
    if (ipxe && !replaced && platform.isPresent()) {
      return new BootDecision.Url(
          scriptUrl(appliance, choice, platform.get()),
          Optional.of(choice.style()),
          who + ": iPXE runs, on to its script" + choice.because());
    }
    if (choice.secureBoot() && platform.equals(Optional.of(Platform.UEFI_X64))) {
      return signed
          ? offer(choice, SignedPrograms.SHIM, who + ": Secure Boot, first shim", appliance)
          : new BootDecision.Ignore(
              who
                  + ": Secure Boot: no shim of 15.8 or later with its GRUB here; "
                  + SignedPrograms.CURE);
    }
    Optional<BootProgram> program =
        choice.program().map(byName::get).or(() -> platform.flatMap(programs::defaultFor));
    if (program.isEmpty()) {
      return new BootDecision.Ignore(
          who + ": " + Mark.NO_PROGRAM_WORDS + " " + client.architecture() + choice.because());
    }
    String first = replaced ? " with an iPXE to replace, first ours" : " firmware, first iPXE";
    return offer(
        choice, program.get().name(), who + ": " + client.architecture() + first, appliance);
  }

  private URI appliance(boolean https, Inet4Address self) {
    return https
        ? secureAppliances.computeIfAbsent(self, own -> Https.url(own, ports.https()))
        : appliances.computeIfAbsent(self, own -> Appliance.url(own, ports.http()));
  }

  /** A program under the machine's own name, so that its transfer says whose it is. */
  private static BootDecision offer(
      FirmwareTable.Choice choice, String program, String why, URI appliance) {
    String file = choice.client().mac().hyphenated() + "/" + program;
    String reason = why + choice.because();
    return switch (choice.client().transport()) {
      case PXE -> new BootDecision.Program(file, Optional.of(choice.style()), reason);
      case HTTP ->
          new BootDecision.Url(
              appliance.resolve("/program/" + file), Optional.of(choice.style()), reason);
    };
  }

  /** Whether the appliance has a CA of its own; a change of either takes a restart. */
  private boolean signs() {
    return ports.https() != Ports.OFF && fleet.rack().appliance().tls().isEmpty();
  }

  /** The path says what the script is to be, so that nothing need be remembered of who asks. */
  private static URI scriptUrl(URI appliance, FirmwareTable.Choice choice, Platform platform) {
    return appliance.resolve(
        SignedScripts.folder(SignedScripts.trust(choice))
            + choice.client().mac().hyphenated()
            + "/"
            + ScriptKind.of(platform).file());
  }

  private static Optional<Platform> platform(Architecture.Firmware firmware) {
    return switch (firmware) {
      case BIOS_X86 -> Optional.of(Platform.BIOS_X86);
      case UEFI_X86 -> Optional.of(Platform.UEFI_X86);
      case UEFI_X64 -> Optional.of(Platform.UEFI_X64);
      case UEFI_ARM32 -> Optional.of(Platform.UEFI_ARM32);
      case UEFI_ARM64 -> Optional.of(Platform.UEFI_ARM64);
      case UEFI_RISCV64 -> Optional.of(Platform.UEFI_RISCV64);
      case UEFI_LOONGARCH64 -> Optional.of(Platform.UEFI_LOONGARCH64);
      case UEFI_RISCV32,
          UEFI_RISCV128,
          UEFI_LOONGARCH32,
          U_BOOT_ARM32,
          U_BOOT_ARM64,
          RASPBERRY_PI,
          OTHER ->
          Optional.empty();
    };
  }
}
