#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# First boot of a machine put up by FoundryBot: says that it is up, sends its keys of the mesh where
# there is one, enrolls, forgets its token.
#
# Power may be lost at any moment: every step can be repeated, and the token is deleted last. Until
# the appliance has answered 200 this asks again, for ever, beside the rest of the system and not
# in its way. /etc/foundrybot/run.conf holds URL='..' (one line, written at installation).
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077

CONF=${FOUNDRYBOT_CONF:-/etc/foundrybot/run.conf}
STATE=${FOUNDRYBOT_STATE:-/var/lib/foundrybot}
MESH=${FOUNDRYBOT_MESH:-/usr/local/lib/foundrybot/mesh}
MESH_CONF=${FOUNDRYBOT_MESH_CONF:-/etc/foundrybot/mesh.conf}
MAX_PAUSE=60

log() { echo "foundrybot: $*"; }

# field NAME VALUE: one form field, every byte of the value as %XX.
field() {
  printf '%s=' "$1"
  printf '%s' "$2" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%'
}

# post URL BODY-FILE ANSWER-FILE: succeeds when the appliance answers 200.
post() {
  if command -v curl >/dev/null; then
    code=$(curl -sS --connect-timeout 10 --max-time 60 --max-filesize 1048576 -o "$3" \
      -w '%{http_code}' --data-binary "@$2" "$1") || return 1
    [ "$code" = 200 ] || { log "$(echo "$1" | sed 's:.*/::'): HTTP status $code"; return 1; }
  elif command -v wget >/dev/null; then
    wget -q -T 30 -t 1 -O "$3" --post-file="$2" "$1"
  else
    log "neither curl nor wget is installed; install one"
    return 1
  fi
}

first_line() { head -n 1 "$1" 2>/dev/null || true; }

facts() {
  field hostname "$(hostname)"
  printf '&'; field time "$(date +%s)"
  printf '&'; field machine_id "$(first_line /etc/machine-id)"
  printf '&'; field boot_id "$(first_line /proc/sys/kernel/random/boot_id)"
  printf '&'; field kernel "$(uname -r)"
  printf '&'; field os "$(sed -n 's/^PRETTY_NAME="\(.*\)"$/\1/p' /etc/os-release)"
  printf '&'; field product_uuid "$(first_line /sys/class/dmi/id/product_uuid)"
  printf '&'; field product_serial "$(first_line /sys/class/dmi/id/product_serial)"
  for nic in /sys/class/net/*; do
    [ -e "$nic/device" ] || continue
    printf '&'; field mac "$(first_line "$nic/address")"
  done
  for key in /etc/ssh/ssh_host_*_key.pub; do
    [ -e "$key" ] || continue
    printf '&'; field ssh_host_key "$(first_line "$key")"
  done
}

# The token opens nothing after the enrollment, so the keys go before it.
joined() { [ ! -e "$MESH_CONF" ] || "$MESH" join; }

forget_token() {
  rm -f "$CONF"
  sync
}

mkdir -p "$STATE"
if [ -e "$STATE/enrolled" ]; then
  forget_token
  exit 0
fi
url=$(sed -n "s/^URL='\(https\{0,1\}:\/\/[A-Za-z0-9._~:\/-]*\)'\$/\1/p" "$CONF" | head -n 1)
if [ -z "$url" ]; then
  log "$CONF: no line URL='http://..'; cannot enroll"
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pause=2
reported=no
while :; do
  facts >"$work/body"
  if [ $reported = no ] && post "$url/report/first-boot" "$work/body" "$work/answer"; then
    reported=yes
  fi
  if joined && post "$url/enroll" "$work/body" "$work/answer"; then
    break
  fi
  log "not enrolled yet; next try in $pause s"
  sleep $pause
  pause=$((pause * 2))
  [ $pause -le $MAX_PAUSE ] || pause=$MAX_PAUSE
done

# The answer is kept for whoever configures the machine next; durable before the token goes.
mv "$work/answer" "$STATE/enrollment"
sync
touch "$STATE/enrolled"
sync
forget_token
log "enrolled"
[ ! -e "$MESH_CONF" ] || "$MESH" poll || log "the mesh is not in force yet; its timer tries again"
