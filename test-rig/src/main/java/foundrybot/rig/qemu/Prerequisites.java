// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a rack needs of the machine that it stands on. */
public final class Prerequisites {
  /** A file that must be there, and the Debian package that brings it. */
  private record Needed(List<String> anyOf, String debianPackage) {}

  private static final List<Needed> RACK =
      List.of(
          new Needed(List.of("/usr/bin/qemu-system-x86_64"), "qemu-system-x86"),
          new Needed(
              List.of("/usr/lib/ipxe/qemu/pxe-virtio.rom", "/usr/share/qemu/pxe-virtio.rom"),
              "ipxe-qemu"),
          new Needed(List.of(MachineSpec.OVMF_CODE.toString()), "ovmf"),
          new Needed(List.of(MachineSpec.OVMF_VARS.toString()), "ovmf"),
          new Needed(List.of("/usr/lib/ipxe/snponly.efi"), "ipxe"),
          new Needed(List.of("/usr/sbin/dnsmasq"), "dnsmasq-base"),
          new Needed(List.of("/usr/sbin/ip", "/sbin/ip", "/bin/ip"), "iproute2"));

  private static final List<Needed> INSTALLER =
      List.of(
          new Needed(
              List.of(
                  "/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/linux"),
              "debian-installer-12-netboot-amd64"));

  private static final List<Needed> CAST =
      List.of(
          new Needed(List.of("/usr/bin/mmdebstrap"), "mmdebstrap"),
          new Needed(List.of("/usr/bin/zstd"), "zstd"),
          new Needed(List.of("/usr/sbin/mke2fs", "/sbin/mke2fs"), "e2fsprogs"));

  private static final List<Needed> MATRIX =
      List.of(
          new Needed(List.of("/usr/sbin/kea-dhcp4"), "kea-dhcp4-server"),
          new Needed(List.of("/usr/sbin/dhcrelay"), "isc-dhcp-relay"),
          new Needed(List.of("/usr/lib/ipxe/qemu/pxe-e1000.rom"), "ipxe-qemu"),
          new Needed(List.of("/usr/lib/shim/shimx64.efi.signed"), "shim-signed"),
          new Needed(
              List.of("/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed"),
              "grub-efi-amd64-signed"),
          new Needed(List.of("/usr/bin/qemu-system-aarch64"), "qemu-system-arm"),
          new Needed(List.of(MachineSpec.ARM_CODE.toString()), "qemu-efi-aarch64"),
          new Needed(
              List.of(
                  "/usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64/linux"),
              "debian-installer-12-netboot-arm64"));

  private static final List<Needed> BMCS =
      List.of(
          new Needed(List.of("/usr/bin/ipmi_sim"), "openipmi"),
          new Needed(List.of("/usr/bin/curl"), "curl"));

  private static final List<Needed> LIBVIRT =
      List.of(
          new Needed(List.of("/usr/sbin/libvirtd"), "libvirt-daemon-system"),
          new Needed(List.of("/usr/bin/virsh"), "libvirt-clients"),
          new Needed(List.of("/usr/bin/qemu-img"), "qemu-utils"),
          new Needed(List.of("/usr/bin/swtpm_setup"), "swtpm-tools"),
          new Needed(List.of("/usr/lib/x86_64-linux-gnu/qemu/block-curl.so"), "qemu-block-extra"),
          new Needed(List.of("/usr/bin/xorriso"), "xorriso"),
          new Needed(List.of("/usr/lib/ISOLINUX/isolinux.bin"), "isolinux"));

  private static final List<Needed> TPM =
      List.of(
          new Needed(List.of("/usr/bin/swtpm"), "swtpm"),
          new Needed(List.of("/usr/bin/tpm2_activatecredential"), "tpm2-tools"),
          new Needed(List.of("/usr/bin/busybox"), "busybox-static"),
          new Needed(List.of("/usr/bin/cpio", "/bin/cpio"), "cpio"),
          new Needed(List.of("/usr/bin/curl"), "curl"),
          new Needed(List.of("/usr/bin/flock"), "util-linux"),
          new Needed(List.of("/usr/bin/openssl"), "openssl"),
          new Needed(List.of("/usr/bin/wg"), "wireguard-tools"));

  private Prerequisites() {}

  /** What is missing for a rack that boots Debian's installer: one line each, with the cure. */
  public static List<String> missingForInstaller() {
    return missing(Stream.concat(RACK.stream(), INSTALLER.stream()).toList());
  }

  /** What is missing for that, with machines that are switched through their BMCs. */
  public static List<String> missingForBmcs() {
    return missing(Stream.of(RACK, INSTALLER, BMCS).flatMap(List::stream).toList());
  }

  /** What is missing for a rack whose machines are libvirt's. */
  public static List<String> missingForLibvirt() {
    return missing(Stream.of(RACK, INSTALLER, LIBVIRT).flatMap(List::stream).toList());
  }

  /** What is missing for a machine with a TPM, and a system that uses it. */
  public static List<String> missingForTpm() {
    return missing(Stream.of(RACK, INSTALLER, TPM).flatMap(List::stream).toList());
  }

  /** What is missing for a rack that is cast, the building of the image included. */
  public static List<String> missingForCast() {
    return missing(Stream.concat(RACK.stream(), CAST.stream()).toList());
  }

  /** What is missing for a load of pretended clients. */
  public static List<String> missingForLoad() {
    Needed perfdhcp = new Needed(List.of("/usr/sbin/perfdhcp"), "kea-admin");
    return missing(
        Stream.concat(Stream.of(perfdhcp), Stream.of(RACK, INSTALLER).flatMap(List::stream))
            .toList());
  }

  /** What is missing for every firmware on every network. */
  public static List<String> missingForMatrix() {
    return missing(Stream.of(RACK, INSTALLER, MATRIX).flatMap(List::stream).toList());
  }

  private static List<String> missing(List<Needed> needed) {
    List<String> missing = new ArrayList<>();
    if (!"root".equals(System.getProperty("user.name"))) {
      missing.add("not root: network namespaces need it; run as root");
    }
    if (!Files.isWritable(Path.of("/dev/net/tun"))) {
      missing.add("/dev/net/tun: not there or not writable; taps need it");
    }
    for (Needed one : needed) {
      if (one.anyOf().stream().noneMatch(file -> Files.exists(Path.of(file)))) {
        missing.add(one.anyOf().getFirst() + ": missing; apt install " + one.debianPackage());
      }
    }
    return missing.stream().distinct().toList();
  }
}
