# SPDX-License-Identifier: Apache-2.0
# The devices of the machine and their drivers.
# shellcheck shell=sh

# The rules of udev load the drivers for every device that is there or appears later, and give the
# disks the same names under /dev/disk that the installed system will use.
start_devices() {
  /usr/lib/systemd/systemd-udevd --daemon --resolve-names=never || fail "udevd does not start"
  # af_packet: DHCP before there is an address; the rest: what is mounted later, named by no device.
  for module in af_packet ext4 vfat nls_cp437 nls_ascii nls_iso8859-1; do
    /usr/sbin/modprobe -q "$module"
  done
  /usr/bin/udevadm trigger --type=subsystems --action=add
  /usr/bin/udevadm trigger --type=devices --action=add
  /usr/bin/udevadm settle --timeout=60
}
