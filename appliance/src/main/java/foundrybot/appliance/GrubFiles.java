// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.tftp.TftpAnswer;
import foundrybot.ipxe.GrubConfig;
import java.net.InetAddress;
import java.util.Optional;

/**
 * What GRUB fetches by TFTP from its machine's folder, under Secure Boot: its configuration, kernel
 * and initrd. The names hold no token, as names of TFTP are recorded; it is in the configuration,
 * as it is in iPXE's script.
 */
final class GrubFiles {
  private final Fleet fleet;
  private final ArtifactLibrary artifacts;
  private final FlightRecorder recorder;
  private final ScriptRoutes scripts;

  GrubFiles(Fleet fleet, ArtifactLibrary artifacts, FlightRecorder recorder, ScriptRoutes scripts) {
    this.fleet = fleet;
    this.artifacts = artifacts;
    this.recorder = recorder;
    this.scripts = scripts;
  }

  /**
   * The machine's file of that name, if GRUB has use for one.
   *
   * @param from who asks, as far as UDP tells
   */
  Optional<TftpAnswer> find(MacAddress mac, String file, InetAddress from) {
    return fleet.node(Answers.mac(mac)).flatMap(node -> find(mac, node, file, from));
  }

  private Optional<TftpAnswer> find(MacAddress mac, Node node, String file, InetAddress from) {
    if (file.equals(GrubConfig.OF_MACHINE)) {
      return Optional.of(
          new TftpAnswer.Later(
              scripts
                  .grub(node, from.getHostAddress())
                  .thenApply(config -> new TftpAnswer.Bytes(config.bytes(), Optional.of(mac)))));
    }
    boolean rescue = fleet.state(node.mac()).isInRescue();
    Profile profile = artifacts.booted(node, rescue);
    boolean kernel = file.equals(profile.kernel());
    if (!kernel && !profile.initrds().contains(file)) {
      return Optional.empty();
    }
    if (kernel) {
      recorder.noteClaimed(mac, FactKind.KERNEL_REQUESTED.text(), file);
    }
    return artifacts
        .find(node, rescue, file)
        .map(item -> new TftpAnswer.File(item.path(), item.size(), Optional.of(mac)));
  }
}
