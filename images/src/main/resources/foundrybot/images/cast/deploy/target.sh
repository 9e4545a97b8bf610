# SPDX-License-Identifier: Apache-2.0
# What makes the copied system this very machine: names, keys, users, network, boot loader.
# shellcheck shell=sh

in_target() { run chroot $TARGET /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }

write_identity() {
  for folder in proc sys dev; do
    run mount -o bind "/$folder" "$TARGET/$folder"
  done
  run mount -t tmpfs tmpfs $TARGET/run
  write_names
  write_network
  write_users
  write_mounts
  # RSA is left out: every client of the last decade knows these two, and it costs seconds.
  for type in ed25519 ecdsa; do
    rm -f "$TARGET/etc/ssh/ssh_host_${type}_key" "$TARGET/etc/ssh/ssh_host_${type}_key.pub"
    in_target ssh-keygen -q -t $type -N '' -C "root@$NODE" -f "/etc/ssh/ssh_host_${type}_key"
  done
  write_enrollment
  write_settings
}

write_names() {
  echo "$NODE" >$TARGET/etc/hostname
  # With a fixed address the name resolves to it; a lease may change, so 127.0.1.1 as Debian does.
  own=${ADDRESS%/*}
  names=$NODE
  [ "$FQDN" = "$NODE" ] || names="$FQDN $NODE"
  printf '%s\n' '127.0.0.1 localhost' "${own:-127.0.1.1} $names" \
    '::1 localhost ip6-localhost ip6-loopback' 'ff02::1 ip6-allnodes' 'ff02::2 ip6-allrouters' \
    >$TARGET/etc/hosts
  tr -d '-' </proc/sys/kernel/random/uuid >$TARGET/etc/machine-id
  chmod 0444 $TARGET/etc/machine-id
  mkdir -p $TARGET/var/lib/systemd
  head -c 512 /dev/urandom >$TARGET/var/lib/systemd/random-seed
  chmod 0600 $TARGET/var/lib/systemd/random-seed
  [ -f "$TARGET/usr/share/zoneinfo/$TIMEZONE" ] || fail "TIMEZONE: $TIMEZONE is not in the image"
  ln -sf "/usr/share/zoneinfo/$TIMEZONE" $TARGET/etc/localtime
  echo "$TIMEZONE" >$TARGET/etc/timezone
}

# The card is matched by its MAC: names may change with the firmware, the card does not. 'Kind'
# keeps VLANs and bridges out, which copy the MAC of the card below them.
write_network() {
  {
    printf '%s\n' '[Match]' "MACAddress=$(cat "/sys/class/net/$NIC/address")" 'Kind=!*' '' '[Network]'
    for server in $NTP; do echo "NTP=$server"; done
    if [ -n "$ADDRESS" ]; then
      echo "Address=$ADDRESS"
      [ -z "$GATEWAY" ] || echo "Gateway=$GATEWAY"
      for server in $DNS; do echo "DNS=$server"; done
      [ "$FQDN" = "$NODE" ] || echo "Domains=${FQDN#*.}"
    else
      # The MAC as client identifier, like the firmware's and the deploy environment's: one machine
      # keeps one address.
      printf '%s\n' 'DHCP=yes' '' '[DHCPv4]' 'ClientIdentifier=mac' 'UseDomains=yes'
    fi
  } >$TARGET/etc/systemd/network/10-foundrybot.network
}

write_users() {
  if ! chroot $TARGET /usr/bin/id -u "$ADMIN_USER" >/dev/null 2>&1; then
    # '*' is no password at all: keys only, which PAM does not take for a locked account.
    in_target useradd --create-home --shell /bin/bash --groups sudo,adm --password '*' "$ADMIN_USER"
  fi
  home=$(chroot $TARGET /usr/bin/getent passwd "$ADMIN_USER" | cut -d: -f6)
  case $home in
    /?*) ;;
    *) fail "ADMIN_USER: $ADMIN_USER has no home folder in the image" ;;
  esac
  mkdir -p "$TARGET$home/.ssh"
  printf '%s' "$SSH_KEYS_B64" | base64 -d >"$TARGET$home/.ssh/authorized_keys" ||
    fail "SSH_KEYS_B64: not base64"
  chmod 0700 "$TARGET$home/.ssh"
  chmod 0600 "$TARGET$home/.ssh/authorized_keys"
  in_target chown -R "$ADMIN_USER:" "$home/.ssh"
  echo "$ADMIN_USER ALL=(ALL:ALL) NOPASSWD: ALL" >$TARGET/etc/sudoers.d/90-foundrybot-admin
  chmod 0440 $TARGET/etc/sudoers.d/90-foundrybot-admin
}

write_mounts() {
  echo "UUID=$ROOT_UUID / ext4 errors=remount-ro 0 1" >$TARGET/etc/fstab
  if [ "$(firmware)" = uefi ]; then
    mkdir -p $TARGET/boot/efi
    echo "UUID=$ESP_UUID /boot/efi vfat umask=0077,nofail 0 1" >>$TARGET/etc/fstab
    run mount -t vfat "$ESP_DEVICE" $TARGET/boot/efi
  fi
}

# run.conf holds this run's token: root only, and gone once the machine is enrolled.
write_enrollment() {
  mkdir -p $TARGET/etc/foundrybot
  (umask 077 && echo "URL='$URL'" >$TARGET/etc/foundrybot/run.conf)
  printf '%s\n' "NODE='$NODE'" "ROLE='$ROLE'" "CLUSTER='$CLUSTER'" >$TARGET/etc/foundrybot/node.conf
  # What it will trust in the mesh; the program is in the image.
  if [ -n "$MESH_CONF_B64" ]; then
    printf '%s' "$MESH_CONF_B64" | base64 -d >$TARGET/etc/foundrybot/mesh.conf ||
      fail "MESH_CONF_B64: not base64"
  fi
}

# What role and node ask for beside packages: a script of the appliance's own making, which quotes
# every value that stands in the rack file.
write_settings() {
  [ -n "$SETTINGS_B64" ] || return 0
  (umask 077 && printf '%s' "$SETTINGS_B64" | base64 -d >$TARGET/etc/foundrybot/settings) ||
    fail "SETTINGS_B64: not base64"
  in_target sh /etc/foundrybot/settings
  rm -f $TARGET/etc/foundrybot/settings
}

install_bootloader() {
  words=$(echo $CONSOLES $KERNEL_ARGS)
  serial=$(echo "$CONSOLES" | tr ' ' '\n' | sed -n 's/^console=ttyS\([0-9]\)\(,\([0-9]*\).*\)*$/\1 \3/p' | tail -n 1)
  {
    printf '%s\n' "# Written by the deployment; 'update-grub' after a change." \
      'GRUB_DEFAULT=0' 'GRUB_TIMEOUT=1' 'GRUB_RECORDFAIL_TIMEOUT=1' 'GRUB_DISTRIBUTOR=Debian' \
      'GRUB_CMDLINE_LINUX_DEFAULT=""' "GRUB_CMDLINE_LINUX=\"$words\"" 'GRUB_DISABLE_OS_PROBER=true'
    if [ -n "$serial" ]; then
      speed=${serial#* }
      echo 'GRUB_TERMINAL="console serial"'
      echo "GRUB_SERIAL_COMMAND=\"serial --unit=${serial%% *} --speed=${speed:-115200}\""
    fi
  } >$TARGET/etc/default/grub
  if [ "$(firmware)" = uefi ]; then
    # The fallback path and no variable: it survives a cleared NVRAM and a moved disk, and leaves
    # the boot order (network first) to the operator and the appliance.
    in_target grub-install --target=x86_64-efi --efi-directory=/boot/efi --removable --no-nvram
  else
    in_target grub-install --target=i386-pc --no-floppy "$DISK_DEVICE"
  fi
  in_target grub-mkconfig -o /boot/grub/grub.cfg
  grep -q "^[[:space:]]*linux.*root=UUID=$ROOT_UUID" $TARGET/boot/grub/grub.cfg ||
    fail "grub.cfg: no kernel with root=UUID=$ROOT_UUID"
}

close_target() {
  [ "$(firmware)" != uefi ] || run umount $TARGET/boot/efi
  for folder in run dev sys proc; do
    run umount "$TARGET/$folder"
  done
  run umount $TARGET
  sync
}
