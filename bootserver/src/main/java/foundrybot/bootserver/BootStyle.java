// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

/**
 * How a DHCP answer has to be written so that one kind of firmware takes it. What to boot is the
 * same in all of them.
 *
 * @param vendorOptions what option 43 says in an answer without an address
 * @param bootFileOption whether the boot file stands in option 67 too, closed by a NUL, though it
 *     fits the header; some firmware reads only the one, some only the other
 * @param serverNameOption whether our address stands in option 66 as text, without a NUL
 * @param classWithLease whether option 60 is sent together with a lease of our own; it sends most
 *     UEFI firmware to port 4011 for nothing
 */
public record BootStyle(
    VendorOptions vendorOptions,
    boolean bootFileOption,
    boolean serverNameOption,
    boolean classWithLease) {

  /** Forms of option 43 (PXE 2.1 table 2-1). */
  public enum VendorOptions {
    /** No option 43: UEFI firmware comes to port 4011, where it is answered. */
    NONE,
    /** Sub-option 6 with bit 3: use the boot file of this offer, ask no boot server. */
    SKIP_DISCOVERY,
    /** The same, with a menu prompt (10) of no delay, which some EDK2 builds need beside it. */
    SKIP_DISCOVERY_PROMPT,
    /** Menu (9) and prompt (10) by the names that a Raspberry Pi's boot ROM compares. */
    RASPBERRY_PI
  }

  /** Nothing extra: what UEFI firmware and iPXE take. */
  public static final BootStyle PLAIN = new BootStyle(VendorOptions.NONE, false, false, false);

  /** BIOS ROMs are told to skip the discovery of boot servers; they would wait for it. */
  public static final BootStyle BIOS =
      new BootStyle(VendorOptions.SKIP_DISCOVERY, false, false, false);

  /** A Raspberry Pi wants the server in option 66, too. */
  public static final BootStyle RASPBERRY_PI =
      new BootStyle(VendorOptions.RASPBERRY_PI, false, true, false);

  /** What a client gets of which nothing else is known. */
  public static BootStyle usual(BootClient client) {
    if (client.program() == BootClient.Program.IPXE) {
      return PLAIN;
    }
    return switch (client.architecture().firmware()) {
      case BIOS_X86 -> BIOS;
      case RASPBERRY_PI -> RASPBERRY_PI;
      default -> PLAIN;
    };
  }
}
