// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.List;

/**
 * What an IPMI BMC tells of its machine.
 *
 * @param vendor in the FRU inventory, as the model
 * @param enterprise the vendor's IANA number, for Get Device ID
 * @param events what its event log holds, oldest first
 */
public record IpmiTraits(
    String vendor, String model, int enterprise, GuidOrder guidOrder, List<IpmiEvent> events) {

  /** In which order the sixteen bytes of a GUID are sent. */
  public enum GuidOrder {
    /** All reversed, as the specification has it (IPMI 2.0, 20.8). */
    IPMI,
    /** The first three fields reversed. */
    SMBIOS,
    /** As it is written. */
    RFC_4122
  }

  /** The number is that for examples (RFC 5612); the event log is empty. */
  public static final IpmiTraits USUAL =
      new IpmiTraits("Foundry", "Node 1", 32473, GuidOrder.IPMI, List.of());

  public IpmiTraits {
    events = List.copyOf(events);
  }

  public IpmiTraits with(GuidOrder other) {
    return new IpmiTraits(vendor, model, enterprise, other, events);
  }

  public IpmiTraits with(List<IpmiEvent> others) {
    return new IpmiTraits(vendor, model, enterprise, guidOrder, others);
  }
}
