#!/bin/sh
# The last step of the installer on this one machine, for systems with systemd and RPM; runs inside
# the new system, or outside with its folder as the first argument. The second one, later, says that
# somebody else reports, who knows when the disk is finished. Every step can be repeated.
set -eu
umask 022
target=${1:-}
report=${2:-now}

# The token of this run: root only, and deleted by the first boot once the machine is enrolled.
mkdir -p "$target/etc/foundrybot"
run_conf=$target/etc/foundrybot/run.conf
rm -f "$run_conf"
(
  umask 077
  printf '%s' 'URL='\''http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef'\''
NODE='\''n'\''
FQDN='\''n.alpha.rack'\''
MAC='\''52:54:00:aa:00:01'\''
ROLE='\''worker'\''
CLUSTER='\''alpha'\''
' >"$run_conf"
)
chmod 0600 "$run_conf"
# What stays: who this machine is.
printf '%s' 'NODE='\''n'\''
ROLE='\''worker'\''
CLUSTER='\''alpha'\''
' >"$target/etc/foundrybot/node.conf"

# The account for people: its keys, and sudo without the password that it does not have.
user='ops'
account=$(grep "^$user:" "$target/etc/passwd" | cut -d: -f3,4,6)
owner=${account%:*}
home=${account##*:}
case $home in
  /?*) ;;
  *) echo "late.sh: $user has no home folder" >&2; exit 1 ;;
esac
mkdir -p "$target$home/.ssh"
printf '%s\n' 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILewWhH5CTUU3in33UCXnZpwKItYQiqYj2VFSj6dsC8/ me@desk' >"$target$home/.ssh/authorized_keys"
chmod 0700 "$target$home/.ssh"
chmod 0600 "$target$home/.ssh/authorized_keys"
chown -R "$owner" "$target$home/.ssh"
mkdir -p "$target/etc/sudoers.d"
printf '%s\n' "$user ALL=(ALL:ALL) NOPASSWD: ALL" >"$target/etc/sudoers.d/90-foundrybot-admin"
chmod 0440 "$target/etc/sudoers.d/90-foundrybot-admin"

# The first boot reports by itself.
mkdir -p "$target/usr/local/lib/foundrybot" "$target/etc/systemd/system"
printf '%s\n' '#!/bin/sh
# it'\''s $(hostile) `too`
echo "up"' >"$target/usr/local/lib/foundrybot/first-boot"
chmod 0755 "$target/usr/local/lib/foundrybot/first-boot"
printf '%s\n' '[Service]
ExecStart=/usr/local/lib/foundrybot/first-boot' >"$target/etc/systemd/system/foundrybot-first-boot.service"
chmod 0644 "$target/etc/systemd/system/foundrybot-first-boot.service"
systemctl --root="${target:-/}" enable foundrybot-first-boot.service

# The mesh: whose bundles this machine takes, and the program that asks for them.
printf '%s\n' 'URL='\''https://10.77.0.1'\''
NODE='\''n'\''
MAC='\''52:54:00:aa:00:01'\''
CLUSTER_ID='\''0123456789abcdef0123456789abcdef'\''
SIGNER='\''MCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='\''
CA='\''MIIB'\''
GATES='\''cG9ydCBsb2dpbiAxMCAwIE1qST0gZDJjeAo='\''' >"$target/etc/foundrybot/mesh.conf"
printf '%s\n' '#!/bin/sh
echo '\''mesh'\''' >"$target/usr/local/lib/foundrybot/mesh"
chmod 0755 "$target/usr/local/lib/foundrybot/mesh"
printf '%s\n' '[Service]
ExecStart=/x poll' >"$target/etc/systemd/system/foundrybot-mesh.service"
printf '%s\n' '[Timer]
OnBootSec=5s' >"$target/etc/systemd/system/foundrybot-mesh.timer"
chmod 0644 "$target/etc/systemd/system/foundrybot-mesh.service" \
  "$target/etc/systemd/system/foundrybot-mesh.timer"
systemctl --root="${target:-/}" enable foundrybot-mesh.timer

# With SELinux: files made by an installer have no label of their own, and sshd would not read them.
if command -v restorecon >/dev/null && [ -z "$target" ]; then
  restorecon -RF "$home/.ssh" /etc/foundrybot /etc/sudoers.d /etc/systemd/system \
    /usr/local/lib/foundrybot
fi
sync
[ "$report" != later ] || exit 0

# The report: without it the appliance would install this machine again, so it must arrive.
tries=0
until curl -fsS --max-time 30 -o /dev/null 'http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef/report/installed'; do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then
    echo 'late.sh: the appliance does not take the report' >&2
    exit 1
  fi
  sleep 5
done
exit 0
