// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.MacAddress;
import java.net.Inet4Address;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Remembers how each machine asked to boot the last time, for what it fetches after that and says
 * nothing of its firmware with. It hears that on the way to the policy, and changes nothing of it.
 *
 * <p>After a restart of the appliance, until a machine asks again, it is taken for UEFI of x64: a
 * row that names nodes or beginnings of MACs is found all the same.
 */
final class LastAsked implements BootPolicy {
  private final Fleet fleet;
  private final Supplier<FirmwareTable> firmware;
  private final BootPolicy policy;

  // Only machines of the rack file: bounded by it.
  private final Map<MacAddress, BootClient> clients = new ConcurrentHashMap<>();

  LastAsked(Fleet fleet, Supplier<FirmwareTable> firmware, BootPolicy policy) {
    this.fleet = fleet;
    this.firmware = firmware;
    this.policy = policy;
  }

  @Override
  public BootDecision decide(BootClient client, Inet4Address self) {
    if (fleet.node(Answers.mac(client.mac())).isPresent()) {
      clients.put(client.mac(), client);
    }
    return policy.decide(client, self);
  }

  /** Whether the machine's iPXE runs only what the appliance has signed. */
  boolean verifiesImages(MacAddress mac) {
    BootClient known = clients.get(mac);
    return firmware
        .get()
        .choose(known == null ? unheard(mac) : known, fleet.node(Answers.mac(mac)).map(Node::name))
        .verifiesImages();
  }

  private static BootClient unheard(MacAddress mac) {
    return new BootClient(
        mac,
        Optional.empty(),
        Architecture.UEFI_X64,
        BootClient.Program.FIRMWARE,
        BootClient.Transport.PXE,
        "PXEClient:Arch:00007:UNDI:003000");
  }
}
