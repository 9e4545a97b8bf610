// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.util.Optional;
import java.util.UUID;

/**
 * What a machine says about itself in one boot request.
 *
 * @param mac from {@code chaddr}, or what stands for it
 * @param uuid SMBIOS UUID of option 97, if it was sent and is not all zeros
 * @param architecture of option 93, or read out of option 60 where 93 is missing
 * @param program who asks: firmware, or an iPXE that is already running
 * @param transport how it wants its boot program
 * @param vendorClass option 60 as text, printable ASCII, at most 64 characters
 * @param features of an iPXE
 */
public record BootClient(
    MacAddress mac,
    Optional<UUID> uuid,
    Architecture architecture,
    Program program,
    Transport transport,
    String vendorClass,
    IpxeFeatures features) {

  /** One that says nothing about iPXE. */
  public BootClient(
      MacAddress mac,
      Optional<UUID> uuid,
      Architecture architecture,
      Program program,
      Transport transport,
      String vendorClass) {
    this(mac, uuid, architecture, program, transport, vendorClass, IpxeFeatures.UNKNOWN);
  }

  /** The same machine, believed to be of another architecture than it says. */
  public BootClient as(Architecture other) {
    return new BootClient(mac, uuid, other, program, transport, vendorClass, features);
  }

  /** Who sent the request. */
  public enum Program {
    FIRMWARE,
    /** By its user class (option 77) or its own option 175. */
    IPXE
  }

  /** How the client fetches what it is offered; its option 60 says so, or else its architecture. */
  public enum Transport {
    /** By TFTP: option 60 begins with {@code PXEClient}. */
    PXE,
    /** By HTTP: option 60 begins with {@code HTTPClient}, as in UEFI HTTP Boot. */
    HTTP
  }
}
