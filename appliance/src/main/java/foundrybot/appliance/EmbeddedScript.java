// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.RackFile;
import foundrybot.ipxe.Autoexec;
import foundrybot.ipxe.Script;
import foundrybot.ipxe.Trust;

/**
 * What an iPXE has built in that runs only what an appliance has signed: with it the first script
 * is one that nobody on the network has changed either.
 */
public final class EmbeddedScript {
  private EmbeddedScript() {}

  /** For any machine that reaches the appliance by the address of the rack file. */
  public static Script of(RackFile rack) {
    ApplianceSettings settings = rack.appliance();
    return Autoexec.signedOfAnyone(
        Appliance.url(settings.address(), settings.ports().http())
            .resolve(SignedScripts.folder(Trust.SIGNED)),
        BootFiles.PATIENCE);
  }
}
