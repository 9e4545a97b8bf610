#!/bin/sh
# The last step of the Ubuntu installer on this one machine; runs in the installer's environment,
# with the new system at the first argument (default /target). Every step can be repeated.
# The account and its keys are made by the system itself at its first boot, from user-data.
set -eu
umask 022
target=${1:-/target}

inside() { chroot "$target" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }

# The token of this run: root only, and deleted by the first boot once the machine is enrolled.
mkdir -p "$target/etc/foundrybot"
run_conf=$target/etc/foundrybot/run.conf
rm -f "$run_conf"
(
  umask 077
  printf '%s' 'URL='\''http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef'\''
NODE='\''w1'\''
FQDN='\''w1.alpha.rack'\''
MAC='\''52:54:00:aa:00:01'\''
ROLE='\''worker'\''
CLUSTER='\''alpha'\''
' >"$run_conf"
)
chmod 0600 "$run_conf"
# What stays: who this machine is.
printf '%s' 'NODE='\''w1'\''
ROLE='\''worker'\''
CLUSTER='\''alpha'\''
' >"$target/etc/foundrybot/node.conf"

# Time servers.
mkdir -p "$target/etc/systemd/timesyncd.conf.d"
printf '%s\n' '[Time]' 'NTP=10.77.0.1' >"$target/etc/systemd/timesyncd.conf.d/foundrybot.conf"

# The first boot reports by itself.
mkdir -p "$target/usr/local/lib/foundrybot" "$target/etc/systemd/system"
printf '%s\n' '#!/bin/sh
# it'\''s $(hostile) `too`
echo "up"' >"$target/usr/local/lib/foundrybot/first-boot"
chmod 0755 "$target/usr/local/lib/foundrybot/first-boot"
printf '%s\n' '[Service]
ExecStart=/usr/local/lib/foundrybot/first-boot' >"$target/etc/systemd/system/foundrybot-first-boot.service"
chmod 0644 "$target/etc/systemd/system/foundrybot-first-boot.service"
inside systemctl enable foundrybot-first-boot.service

# The mesh: whose bundles this machine takes, and the program that asks for them.
printf '%s\n' 'URL='\''https://10.77.0.1'\''
NODE='\''w1'\''
MAC='\''52:54:00:aa:00:01'\''
CLUSTER_ID='\''0123456789abcdef0123456789abcdef'\''
SIGNER='\''MCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='\''
CA='\''MIIB'\''
GATES='\''aGFuZHNoYWtlIG1lc2ggMTAgMCBkMmN4CnBvcnQgbG9naW4gMTAgMCBNakk9IGQyY3gK'\''' >"$target/etc/foundrybot/mesh.conf"
printf '%s\n' '#!/bin/sh
echo '\''mesh'\''' >"$target/usr/local/lib/foundrybot/mesh"
chmod 0755 "$target/usr/local/lib/foundrybot/mesh"
printf '%s\n' '[Service]
ExecStart=/x poll' >"$target/etc/systemd/system/foundrybot-mesh.service"
printf '%s\n' '[Timer]
OnBootSec=5s' >"$target/etc/systemd/system/foundrybot-mesh.timer"
chmod 0644 "$target/etc/systemd/system/foundrybot-mesh.service" \
  "$target/etc/systemd/system/foundrybot-mesh.timer"
inside systemctl enable foundrybot-mesh.timer
sync

# The report: without it the appliance would install this machine again, so it must arrive.
tries=0
until wget -q -O /dev/null 'http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef/report/installed'; do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then
    echo 'late.sh: the appliance does not take the report' >&2
    exit 1
  fi
  sleep 5
done
exit 0
