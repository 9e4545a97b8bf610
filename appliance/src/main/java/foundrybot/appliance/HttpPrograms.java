// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.BmcSettings.Processor;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.power.ProgramSource;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.MacAddress;
import foundrybot.images.BuildException;
import java.net.URI;
import java.util.Optional;

/** What a BMC is told for HTTP boot: that which its machine would be told by DHCP. */
final class HttpPrograms implements ProgramSource {
  private final Fleet fleet;
  private final BootPolicy policy;

  HttpPrograms(Fleet fleet, BootPolicy policy) {
    this.fleet = fleet;
    this.policy = policy;
  }

  @Override
  public URI program(Node node, Processor processor) {
    Architecture architecture =
        switch (processor) {
          case X64 -> Architecture.UEFI_X64_HTTP;
          case ARM64 -> Architecture.UEFI_ARM64_HTTP;
        };
    BootClient client =
        new BootClient(
            new MacAddress(node.mac().bits()),
            Optional.empty(),
            architecture,
            BootClient.Program.FIRMWARE,
            BootClient.Transport.HTTP,
            "HTTPClient:Arch:%05d:UNDI:003000".formatted(architecture.code()));
    BootDecision decision =
        policy.decide(client, BootMedia.addressFor(fleet.rack().appliance(), node));
    return switch (decision) {
      case BootDecision.Url url -> url.url();
      case BootDecision.Program _, BootDecision.Ignore _ ->
          throw new BuildException(
              "no program for HTTP boot (expected: one): "
                  + decision.reason()
                  + "; write boot: pxe or media under the node's bmc, or see docs/firmware.md");
    };
  }
}
