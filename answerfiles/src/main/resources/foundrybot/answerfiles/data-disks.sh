#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Wipes a machine's data disks and proves them blank, at the end of its installation.
# data-disks [system:DEVICE...] CHOICE...  each a device, larger:BYTES, smaller:BYTES, or others
# Needs util-linux. A disk that holds the system is never touched, nor one that something still uses;
# where the system is not mounted, its disks are told.
set -eu

# Of each end, in sectors of 512 bytes: 4 MiB, more than any partition table or RAID keeps there.
ends=8192
chosen=
system=

fail() {
  echo "data-disks: $*" >&2
  exit 1
}

# Whole disks that can be written, as /dev/NAME,BYTES: no stick, no card reader, no memory.
disks() {
  lsblk -dnrbo NAME,TYPE,RO,RM,SIZE | while read -r name type ro rm size; do
    case $type/$ro/$rm/$name in
      disk/0/0/zram* | disk/0/0/*boot[01] | disk/0/0/*rpmb) ;;
      disk/0/0/*) [ "$size" -le 0 ] || echo "/dev/$name,$size" ;;
    esac
  done
}

# Whether the disk was told, or it or anything made of it is mounted, used as swap, or in a pool of ZFS.
is_system() {
  case " $system " in
    *" $1 "*) return 0 ;;
  esac
  if lsblk -nro MOUNTPOINT "$1" | grep -q .; then
    return 0
  fi
  command -v zpool >/dev/null || return 1
  zpool status -LP 2>/dev/null | grep -qF "$1"
}

choose() {
  case " $chosen " in
    *" $1 "*) ;;
    *) chosen="$chosen $1" ;;
  esac
}

# A device by its name; what it is said to be is not what it must not be.
choose_device() {
  disk=$(readlink -f "$1" || true)
  [ -b "$disk" ] || fail "$1: there is no such disk"
  [ "$(lsblk -dnro TYPE "$disk")" != part ] || fail "$1: a partition (expected: a whole disk)"
  ! is_system "$disk" || fail "$1: holds the system (expected: another disk)"
  choose "$disk"
}

is_wanted() {
  case $1 in
    others) return 0 ;;
    larger:*) [ "$2" -gt "${1#*:}" ] ;;
    smaller:*) [ "$2" -lt "${1#*:}" ] ;;
    *) fail "$1: not a choice" ;;
  esac
}

choose_all() {
  found=
  for line in $(disks); do
    disk=${line%,*}
    if is_wanted "$1" "${line#*,}" && ! is_system "$disk"; then
      found=1
      choose "$disk"
    fi
  done
  [ -n "$found" ] || [ "$1" = others ] || fail "$1: no disk of this size but the system's"
}

# Arrays and volumes of an earlier system, which the kernel may have started: from the top down.
release() {
  lsblk -nrpo NAME,TYPE "$1" | tac | while read -r name type; do
    case $type in
      raid* | linear) echo clear >"/sys/block/${name##*/}/md/array_state" || return 1 ;;
      lvm | crypt | dm) dmsetup remove "$name" || return 1 ;;
    esac
  done
}

parts() { lsblk -nrpo NAME,TYPE "$1" | sed -n 's/ part$//p'; }

# Nothing is forced: what is in use is busy, and that stops everything.
wipe() {
  size=$(blockdev --getsize64 "$1")
  [ "$size" -ge $((4 * ends * 512)) ] || fail "$1: $size bytes, too small to be a data disk"
  release "$1" || fail "$1: an array or a volume on it cannot be stopped"
  [ -z "$(parts "$1")" ] || blockdev --rereadpt "$1" || fail "$1: in use"
  for part in $(parts "$1"); do
    wipefs --all --quiet "$part" || fail "$part: in use"
  done
  wipefs --all --quiet "$1" || fail "$1: in use"
  dd if=/dev/zero of="$1" bs=512 count=$ends conv=notrunc,fsync 2>/dev/null
  dd if=/dev/zero of="$1" bs=512 count=$ends seek=$((size / 512 - ends)) conv=notrunc,fsync \
    2>/dev/null
}

# What is read back comes from the disk, as nothing of it is kept in memory.
bytes_left() { dd if="$1" bs=512 count=$ends skip="$2" 2>/dev/null | tr -d '\000' | wc -c; }

prove() {
  blockdev --flushbufs "$1"
  blockdev --rereadpt "$1" 2>/dev/null || true
  [ "$(bytes_left "$1" 0)" -eq 0 ] || fail "$1: not blank: its beginning"
  [ "$(bytes_left "$1" $((size / 512 - ends)))" -eq 0 ] || fail "$1: not blank: its end"
  [ -z "$(wipefs --noheadings "$1")" ] || fail "$1: not blank: a signature"
  [ -z "$(parts "$1")" ] || fail "$1: not blank: a partition"
  echo "data-disks: $1, $size bytes: blank"
}

for choice; do
  case $choice in
    system:*)
      disk=$(readlink -f "${choice#*:}" || true)
      [ -b "$disk" ] || fail "$choice: there is no such disk"
      system="$system $disk"
      ;;
  esac
done
for choice; do
  case $choice in
    system:*) ;;
    /*) choose_device "$choice" ;;
    *) choose_all "$choice" ;;
  esac
done
for disk in $chosen; do
  wipe "$disk"
  prove "$disk"
done
exit 0
