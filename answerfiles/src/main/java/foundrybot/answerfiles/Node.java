// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.butane.ButaneInput;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One machine of the rack, and what it is to become.
 *
 * @param name its host name, without the domain
 * @param address its static address; absent means it uses DHCP
 * @param disk the disk to install on, such as {@code /dev/vda}, or {@link #AUTO}
 * @param kernelArguments added to those of the installer or deployer, and of the installed system
 * @param dhcpOptions what its leases have beside the usual options: its role's, then its own
 * @param bmc its power switch; absent: people switch it on
 * @param machine what it is made of; absent: it is there already
 * @param disks what its disks become
 * @param network the installed system's interfaces
 * @param deadlines how long it may be silent, by the name of a stage: its role's, then its own
 * @param attempts how often it is power-cycled, by the name of a stage, or for its run: its role's,
 *     then its own; {@link RackFile#retriesOf}
 * @param endpoint where other nodes of the mesh reach it, if not at its address
 * @param tpm what is asked of its TPM, if it is in the mesh; {@link RackFile#tpmOf}
 * @param place where it is mounted, if that is said
 * @param packages beside those of its profile: its own, or its role's
 * @param settings what its system gets beside packages: its role's, then its own
 * @param ready what it has to prove beside the checks of its phase: its role's, then its own
 * @param butane what is merged into those of its profile's files that take it: its role's, its own
 */
public record Node(
    Mac mac,
    String name,
    Role role,
    Profile profile,
    Optional<Cidr> address,
    String disk,
    List<String> kernelArguments,
    List<DhcpOptionValue> dhcpOptions,
    Optional<BmcSettings> bmc,
    Optional<MachineSettings> machine,
    Optional<InetAddress> endpoint,
    DiskPlan disks,
    NodeNetwork network,
    TpmRule tpm,
    Optional<RackPlace> place,
    Map<String, Duration> deadlines,
    Map<String, Integer> attempts,
    List<String> packages,
    HostSettings settings,
    List<NodeCheck> ready,
    List<ButaneInput> butane) {
  /** The node's first disk that can be written, whatever its name. */
  public static final String AUTO = "auto";

  public Node {
    kernelArguments = List.copyOf(kernelArguments);
    dhcpOptions = List.copyOf(dhcpOptions);
    deadlines = Map.copyOf(deadlines);
    attempts = Map.copyOf(attempts);
    packages = List.copyOf(packages);
    ready = List.copyOf(ready);
    butane = List.copyOf(butane);
  }

  /** The same with another system. */
  public Node with(Profile other) {
    return new Node(
        mac,
        name,
        role,
        other,
        address,
        disk,
        kernelArguments,
        dhcpOptions,
        bmc,
        machine,
        endpoint,
        disks,
        network,
        tpm,
        place,
        deadlines,
        attempts,
        packages,
        settings,
        ready,
        butane);
  }

  /** Where other nodes of the mesh can reach it first; empty if they have to wait for it. */
  public Optional<InetAddress> meshEndpoint() {
    return endpoint.or(() -> address.map(Cidr::address));
  }

  /** Whether a deployment boots it from a medium that its BMC plays. */
  public boolean isByMedium() {
    return bmc.filter(own -> own.boot() instanceof BmcSettings.Boot.Media).isPresent();
  }
}
