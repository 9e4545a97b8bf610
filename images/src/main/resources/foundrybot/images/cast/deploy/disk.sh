# SPDX-License-Identifier: Apache-2.0
# Which disk, its partitions, and the image on it.
# shellcheck shell=sh

DISK_DEVICE=
TARGET=/mnt
# What the root file system needs, written beside the image when both were built.
ROOT_BYTES=$(cat $LIB/root-bytes)
# Room for the root file system, the ESP and something to live in.
DISK_MIN_BYTES=$((ROOT_BYTES + 1073741824))

TYPE_BIOS=21686148-6449-6E6F-744E-656564454649
TYPE_ESP=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
TYPE_LINUX=0FC63DAF-8483-4772-8E79-3D69D8477DE4

disk_bytes() { echo $(($(cat "/sys/block/$1/size") * 512)); }
disk_gib() { echo $(($(disk_bytes "$DISK_NAME") / 1073741824)); }

# usable_disk NAME: prints why not, or nothing.
usable_disk() {
  sys=/sys/block/$1
  case $1 in
    loop* | ram* | zram* | sr* | fd* | dm-* | md* | nbd* | mtdblock*) echo "not a disk"; return ;;
    mmcblk*boot* | mmcblk*rpmb*) echo "firmware partition"; return ;;
  esac
  [ -e "$sys/device" ] || { echo "not a disk"; return; }
  [ "$(cat "$sys/hidden" 2>/dev/null || echo 0)" = 0 ] || { echo "hidden path"; return; }
  [ "$(cat "$sys/ro")" = 0 ] || { echo "read-only"; return; }
  [ "$(cat "$sys/removable")" = 0 ] || { echo "removable"; return; }
  case $(readlink -f "$sys") in
    */usb[0-9]*) echo "on USB"; return ;;
  esac
  [ "$(disk_bytes "$1")" -ge $DISK_MIN_BYTES ] || echo "smaller than $DISK_MIN_BYTES bytes"
}

# auto_disk: of the fixed, writable disks that are large enough the smallest, and of equals the one
# whose name sorts first. Machines with one disk have no choice; in machines with a small system
# disk beside large data disks the data disks are left alone.
auto_disk() {
  for path in $(set +f; echo /sys/block/*); do
    name=${path##*/}
    why=$(usable_disk "$name")
    if [ -z "$why" ]; then
      echo "$(disk_bytes "$name") $name"
    elif [ "$why" != "not a disk" ]; then
      echo "disk $name: not used: $why" >>"$LOG"
    fi
  done | sort -k1,1n -k2,2 | head -n 1 | cut -d' ' -f2
}

choose_disk() {
  waited=0
  while :; do
    if [ "$DISK" = auto ]; then
      DISK_NAME=$(auto_disk)
    else
      DISK_NAME=
      [ -b "$DISK" ] && DISK_NAME=$(basename "$(readlink -f "$DISK")")
    fi
    [ -z "$DISK_NAME" ] || break
    # Controllers with many slots, and USB, take their time.
    [ $waited -lt 30 ] || fail "disk $DISK: not found; there are:" \
      "$(set +f; cd /sys/block && for d in *; do echo "$d ($(usable_disk "$d"))"; done)"
    sleep 2
    waited=$((waited + 2))
    /usr/bin/udevadm settle --timeout=10
  done
  [ -d "/sys/block/$DISK_NAME" ] || fail "disk $DISK: $DISK_NAME is a partition, not a whole disk"
  [ "$(disk_bytes "$DISK_NAME")" -ge $DISK_MIN_BYTES ] || fail "disk $DISK:" \
    "$(disk_bytes "$DISK_NAME") bytes (expected: at least $DISK_MIN_BYTES)"
  DISK_DEVICE=/dev/$DISK_NAME
  say "disk: $DISK_DEVICE, $(disk_gib) GiB, $(cat "/sys/block/$DISK_NAME/device/model" 2>/dev/null)"
}

# partition_device NUMBER: /dev/sda1, /dev/nvme0n1p1: the kernel knows the spelling.
partition_device() {
  for path in $(set +f; echo "/sys/block/$DISK_NAME/$DISK_NAME"*/partition); do
    if [ "$(cat "$path" 2>/dev/null)" = "$1" ]; then
      path=${path%/partition}
      echo "/dev/${path##*/}"
      return
    fi
  done
}

partition_disk() {
  # Old signatures inside old partitions would make later tools see a RAID or LVM that is gone.
  for path in $(set +f; echo "/sys/block/$DISK_NAME/$DISK_NAME"*/partition); do
    [ -e "$path" ] || continue
    path=${path%/partition}
    run /usr/sbin/wipefs --all --force --quiet "/dev/${path##*/}"
  done
  run /usr/sbin/wipefs --all --force --quiet "$DISK_DEVICE"
  # FAT32 needs 65525 clusters of at least one sector: 4 KiB sectors need a larger ESP.
  esp_mib=128
  [ "$(cat "/sys/block/$DISK_NAME/queue/logical_block_size")" -le 512 ] || esp_mib=320
  # Both a BIOS and an EFI partition whatever the firmware is today: it may be switched later.
  printf '%s\n' 'label: gpt' "size=1MiB, type=$TYPE_BIOS, name=bios" \
    "size=${esp_mib}MiB, type=$TYPE_ESP, name=esp" "type=$TYPE_LINUX, name=root" >/run/table
  run sh -c '/usr/sbin/sfdisk --quiet --wipe always --wipe-partitions always "$1" </run/table' \
    sfdisk "$DISK_DEVICE"
  /usr/bin/udevadm settle --timeout=30
  waited=0
  until [ -b "$(partition_device 3)" ]; do
    [ $waited -lt 15 ] || fail "$DISK_DEVICE: the kernel does not see the new partitions"
    sleep 1
    waited=$((waited + 1))
  done
  ESP_DEVICE=$(partition_device 2)
  ROOT_DEVICE=$(partition_device 3)
  run /usr/sbin/mkfs.fat -F 32 -n ESP "$ESP_DEVICE"
}

# The image goes to the partition while its digest is taken. On a mismatch the start of the file
# system is erased, so that nothing can boot or mount what was not verified.
write_image() {
  rm -f /run/image.* && mkfifo /run/image.fifo
  sha256sum </run/image.fifo >/run/image.sha256 &
  digest_pid=$!
  { stream_image; echo $? >/run/image.fetched; } | tee /run/image.fifo |
    { /usr/bin/zstd -q -d -c --no-sparse >"$ROOT_DEVICE" 2>/run/zstd.log; echo $? >/run/image.unpacked; }
  wait $digest_pid
  if [ "$(cat /run/image.fetched)" != 0 ]; then
    erase_root
    fail "$IMAGE_URL: $(cat /run/image.fault 2>/dev/null || cat /run/zstd.log)"
  fi
  digest=$(cut -d' ' -f1 /run/image.sha256)
  if [ "$digest" != "$IMAGE_SHA256" ]; then
    erase_root
    fail "$IMAGE_URL: sha256 $digest (expected: $IMAGE_SHA256); the disk was not made bootable"
  fi
  if [ "$(cat /run/image.unpacked)" != 0 ]; then
    erase_root
    fail "$IMAGE_URL: cannot be unpacked to $ROOT_DEVICE: $(tail -n 3 /run/zstd.log)"
  fi
  sync
}

erase_root() {
  dd if=/dev/zero of="$ROOT_DEVICE" bs=1M count=4 >>"$LOG" 2>&1
  sync
}

# Checked, with a UUID of its own (all nodes get the same image), and as large as its partition.
grow_root() {
  run /usr/sbin/e2fsck -f -y "$ROOT_DEVICE"
  run /usr/sbin/tune2fs -U random "$ROOT_DEVICE"
  run /usr/sbin/resize2fs "$ROOT_DEVICE"
  ROOT_UUID=$(/usr/sbin/blkid -p -o value -s UUID "$ROOT_DEVICE")
  ESP_UUID=$(/usr/sbin/blkid -p -o value -s UUID "$ESP_DEVICE")
  [ -n "$ROOT_UUID" ] || fail "$ROOT_DEVICE: has no UUID after tune2fs"
  /usr/bin/udevadm trigger --action=change "$ROOT_DEVICE" "$ESP_DEVICE"
  /usr/bin/udevadm settle --timeout=30
  run mount -t ext4 -o noatime "$ROOT_DEVICE" $TARGET
}
