#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rescue mode of the deploy environment: a shell on every console, SSH for the operator's keys,
# and all disks read-only, so that looking at a machine changes nothing on it.
#
#   rescue.sh            in place of /init: devices and consoles, then busybox's init
#   rescue.sh console    one console
#   rescue.sh online     network, SSH, report; the consoles do not wait for it
LIB=/usr/lib/foundrybot
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C
set -f

LOG=/run/foundrybot.log
. $LIB/report.sh
. $LIB/conf.sh
. $LIB/devices.sh
. $LIB/net.sh

# fail REASON: the consoles are there all the same.
fail() {
  say "FAILED in step $STEP: $*"
  [ -z "$NIC" ] || http_post failed "step=$STEP" "reason=$*" >/dev/null
  exit 1
}

# Also a file system that is mounted read-only replays its journal, unless the device itself
# cannot be written. By a rule, because disks may come later; only when they come, so that an
# engineer's 'blockdev --setrw' holds.
protect_disks() {
  mkdir -p /run/udev/rules.d
  echo 'ACTION=="add", SUBSYSTEM=="block", KERNEL!="loop*|ram*|zram*",' \
    'RUN+="/usr/bin/busybox blockdev --setro $devnode"' >/run/udev/rules.d/10-rescue.rules
}

greeting() {
  cat <<EOF

FoundryBot rescue of $(cat /run/rescue.node 2>/dev/null || echo 'this machine')
  All disks are read-only; 'blockdev --setrw /dev/NAME' makes one writable.
  $(cat /run/rescue.ssh 2>/dev/null || echo "no remote access yet; the log is $LOG")
  The way back: 'bootserver rescue --end NODE' on the appliance.

EOF
}

# Where the kernel writes a person can type; tty0 stands for the screen's first terminal.
consoles() {
  for console in $(cat /sys/class/tty/console/active); do
    case $console in
      tty0) console=tty1 ;;
    esac
    echo "$console::respawn:$LIB/rescue.sh console"
  done | sort -u
}

begin() {
  # As the kernel unpacks it, anybody may write here, and sshd trusts no keys below such a folder.
  chmod 0755 /
  protect_disks
  step devices start_devices
  {
    consoles
    echo "::once:$LIB/rescue.sh online"
    echo "::ctrlaltdel:/usr/bin/busybox reboot -f"
  } >/etc/inittab
  printf '%s\n' "PATH=$PATH" "PS1='rescue # '" 'export PATH PS1' "$LIB/rescue.sh greeting" \
    >/etc/profile
  exec /usr/bin/busybox init
}

remote_access() {
  mkdir -p /run/sshd /run/ssh
  printf '%s' "$SSH_KEYS_B64" | base64 -d >/run/ssh/authorized_keys
  run /usr/bin/ssh-keygen -q -t ed25519 -N '' -C "rescue of $NODE" -f /run/ssh/host_key
  cat >/run/ssh/config <<EOF
HostKey /run/ssh/host_key
AuthorizedKeysFile /run/ssh/authorized_keys
PermitRootLogin prohibit-password
AuthenticationMethods publickey
UsePAM no
Subsystem sftp internal-sftp
EOF
  run /usr/sbin/sshd -f /run/ssh/config
}

# Of a key that is as old as this start: who logs in can compare it with what was reported.
host_key() { /usr/bin/ssh-keygen -l -f /run/ssh/host_key.pub | cut -d' ' -f2; }

own_address() {
  ip -4 -o addr show dev "$NIC" | sed -n 's/.*inet \([^ /]*\).*/\1/p' | head -n 1
}

online() {
  step kernel-arguments read_kernel_arguments
  step network net_up
  log_up
  step configuration conf_fetch rescue.conf conf_load_rescue
  hostname "$NODE"
  echo "$NODE" >/run/rescue.node
  step remote-access remote_access
  access="ssh root@$(own_address), host key $(host_key)"
  echo "$access" >/run/rescue.ssh
  say "rescue: $access"
  report rescue "$access"
}

case ${1:-} in
  '') begin ;;
  console) exec /bin/sh -l ;;
  online) online ;;
  greeting) greeting ;;
esac
