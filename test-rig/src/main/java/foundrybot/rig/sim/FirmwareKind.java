// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

/** What a simulated machine's firmware is, and so what it says in its first DHCP message. */
public enum FirmwareKind {
  /** A BIOS with a PXE ROM: takes the file of the offer, boots disks by {@code sanboot}. */
  BIOS("PXEClient:Arch:00000:UNDI:002001", 0),
  /** UEFI on x86-64 that boots by PXE, asks port 4011 and probes a file's size first. */
  UEFI("PXEClient:Arch:00007:UNDI:003016", 7),
  /** UEFI on x86-64 that boots by HTTP: its boot program has a URL. */
  UEFI_HTTP("HTTPClient:Arch:00016:UNDI:003016", 16);

  private final String vendorClass;
  private final int architecture;

  FirmwareKind(String vendorClass, int architecture) {
    this.vendorClass = vendorClass;
    this.architecture = architecture;
  }

  /** Option 60 of the firmware's own request. */
  String vendorClass() {
    return vendorClass;
  }

  /** Option 93. */
  int architecture() {
    return architecture;
  }

  public boolean isUefi() {
    return this != BIOS;
  }

  /** What iPXE says in option 60 once it runs there: it always asks by PXE. */
  String ipxeVendorClass() {
    return isUefi() ? UEFI.vendorClass : BIOS.vendorClass;
  }

  int ipxeArchitecture() {
    return isUefi() ? UEFI.architecture : BIOS.architecture;
  }
}
