#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lets each of the two disks of a RAID 1 start the machine. The argument after the word is for tests:
# the folder that the system lies in.
# boot-mirror install  in the new system, at the end of its installation: under BIOS each disk gets the
#                      boot loader; under UEFI this script is run at each start, as whoever installs
#                      puts the boot loader there last.
# boot-mirror copy     at a start: the other disk's EFI system partition gets a copy of the one that is
#                      mounted, which cannot be a mirror.
# Needs util-linux, and under BIOS grub2-install. Every step can be repeated.
set -eu
LC_ALL=C
export LC_ALL
root=${2:-}

fail() {
  echo "boot-mirror: $*" >&2
  exit 1
}

# The disks below the root file system, by line.
disks() {
  device=$(findmnt -nro SOURCE /)
  found=$(lsblk -nsrpo NAME,TYPE "$device" | sed -n 's/ disk$//p' | sort -u)
  [ "$(printf '%s\n' "$found" | wc -l)" -eq 2 ] ||
    fail "$device lies on: $found (expected: two disks)"
  printf '%s\n' "$found"
}

put() {
  for disk in $1; do
    grub2-install --target=i386-pc "$disk" || fail "$disk: no boot loader can be put there"
    echo "boot-mirror: $disk: has the boot loader"
  done
}

stay() {
  mkdir -p "$root/usr/local/lib/foundrybot" "$root/etc/systemd/system"
  cat "$0" >"$root/usr/local/lib/foundrybot/boot-mirror"
  chmod 0755 "$root/usr/local/lib/foundrybot/boot-mirror"
  cat >"$root/etc/systemd/system/foundrybot-boot-mirror.service" <<'END'
[Unit]
Description=Copy what UEFI reads to the other disk of the mirror
ConditionPathIsMountPoint=/boot/efi

[Service]
Type=oneshot
ExecStart=/bin/sh /usr/local/lib/foundrybot/boot-mirror copy

[Install]
WantedBy=multi-user.target
END
  systemctl enable foundrybot-boot-mirror.service
}

# Firmware that knows nothing of the other disk starts what is at the place for removable ones.
complete() {
  [ ! -e "$1/EFI/BOOT/BOOTX64.EFI" ] || return 0
  for loader in "$1"/EFI/*/shim.efi "$1"/EFI/*/grubx64.efi; do
    if [ -e "$loader" ]; then
      mkdir -p "$1/EFI/BOOT"
      cp "${loader%/*}"/* "$1/EFI/BOOT/"
      cp "$loader" "$1/EFI/BOOT/BOOTX64.EFI"
      return 0
    fi
  done
  fail "$1: no boot loader (expected: EFI/*/shim.efi or grubx64.efi)"
}

copy() {
  first=$(findmnt -nro SOURCE /boot/efi) || fail "/boot/efi: nothing is mounted there"
  for disk in $1; do
    esp=$(lsblk -nrpo NAME,PARTTYPE "$disk" |
      sed -n 's/ c12a7328-f81f-11d2-ba4b-00a0c93ec93b$//p' | sed -n 1p)
    [ -n "$esp" ] || fail "$disk: no EFI system partition"
    [ "$esp" != "$first" ] || continue
    at=$(mktemp -d)
    mount -t vfat "$esp" "$at" || fail "$esp: cannot be mounted"
    cp -R "$root/boot/efi/." "$at/" || fail "$esp: cannot be written"
    complete "$at"
    umount "$at"
    rmdir "$at"
    echo "boot-mirror: $esp: a copy of $first"
  done
}

both=$(disks)
case ${1:-} in
  install)
    if [ -d "$root/sys/firmware/efi" ]; then
      stay
    else
      put "$both"
    fi
    ;;
  copy) copy "$both" ;;
  *) fail "${1:-nothing} (expected: install or copy)" ;;
esac
exit 0
