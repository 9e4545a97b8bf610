# SPDX-License-Identifier: Apache-2.0
# The network of the deploy environment.
# shellcheck shell=sh

NIC=

# physical_nics: every network card that has a device behind it.
physical_nics() {
  for path in $(set +f; echo /sys/class/net/*/device); do
    [ -e "$path" ] || continue
    path=${path%/device}
    echo "${path##*/}"
  done
}

# nic_with_mac MAC: prints its name.
nic_with_mac() {
  for nic in $(physical_nics); do
    if [ "$(cat "/sys/class/net/$nic/address")" = "$1" ]; then
      echo "$nic"
      return 0
    fi
  done
  return 1
}

# boot_nic: the card the firmware named in BOOTIF (type 01 and the MAC, with dashes).
boot_nic() {
  case $BOOTIF in
    01-*) nic_with_mac "$(echo "${BOOTIF#01-}" | tr 'A-F-' 'a-f:')" ;;
    *) return 1 ;;
  esac
}

# has_carrier NIC SECONDS: a switch port with spanning tree may need half a minute.
has_carrier() {
  ip link set "$1" up 2>>"$LOG"
  waited=0
  while [ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" != 1 ]; do
    [ $waited -lt "$2" ] || return 1
    sleep 1
    waited=$((waited + 1))
  done
}

# dhcp NIC: an address by DHCP; the client stays and renews it for as long as the work takes.
dhcp() {
  udhcpc -i "$1" -n -t 6 -T 3 -s $LIB/udhcpc.sh -p "/run/udhcpc.$1.pid" >>"$LOG" 2>&1
}

net_up() {
  ip link set lo up
  round=0
  while [ $round -lt 10 ]; do
    waited=0
    # Without BOOTIF any card will do; with it, its driver gets time to appear.
    until boot_nic >/dev/null || { [ -z "$BOOTIF" ] && [ -n "$(physical_nics)" ]; }; do
      [ $waited -lt 20 ] || break
      sleep 1
      waited=$((waited + 1))
    done
    first=$(boot_nic)
    if [ -n "$BOOTIF" ] && [ -z "$first" ]; then
      say "no network card answers to BOOTIF=$BOOTIF; trying every card with a link"
    fi
    for nic in $first $(physical_nics); do
      if has_carrier "$nic" 10 && dhcp "$nic"; then
        NIC=$nic
        say "network: $NIC $(cat "/sys/class/net/$NIC/address")" \
          "$(ip -4 -o addr show dev "$NIC" | sed -n 's/.*inet \([^ ]*\).*/\1/p' | head -n 1)"
        return 0
      fi
      say "network: no address on $nic (link: $(cat "/sys/class/net/$nic/carrier" 2>/dev/null))"
    done
    round=$((round + 1))
    sleep 5
  done
  fail "no network: cards: $(physical_nics | tr '\n' ' ')(no driver, no link or no DHCP answer)"
}

# fetch_file URL FILE MAX-BYTES: tries for about five minutes; a refusal (4xx) is final.
# Its last part alone is told, as a token comes before it.
fetch_file() {
  pause=1
  tries=0
  while [ $tries -lt 14 ]; do
    code=$(/usr/bin/curl -sS --connect-timeout 10 --max-time 60 --max-filesize "$3" -o "$2" \
      -w '%{http_code}' "$1" 2>/run/last.log)
    status=$?
    case "$status $code" in
      "0 200") return 0 ;;
      *" 4"??) fail "${1##*/}: refused with HTTP status $code" ;;
    esac
    say "no answer for ${1##*/} (HTTP status $code); next try in $pause s"
    sleep $pause
    [ $pause -ge 30 ] || pause=$((pause * 2))
    tries=$((tries + 1))
  done
  fail "${1##*/}: no answer: HTTP status $code, $(tail -n 1 /run/last.log)"
}

CHUNK_BYTES=16777216
CHUNK_TRIES=40
PROGRESS_SECONDS=10

# stream_image: the image on standard output, in ranges, so that a break of the connection or a
# restart of the appliance costs one range and not the whole. Failure leaves a reason in a file,
# because this runs in a pipeline.
stream_image() {
  offset=0
  reported=$(cut -d. -f1 /proc/uptime)
  while [ $offset -lt "$IMAGE_SIZE" ]; do
    last=$((offset + CHUNK_BYTES - 1))
    [ $last -lt "$IMAGE_SIZE" ] || last=$((IMAGE_SIZE - 1))
    tries=0
    pause=1
    until fetch_range $offset $last; do
      tries=$((tries + 1))
      if [ $tries -ge $CHUNK_TRIES ] || [ -e /run/image.refused ]; then
        echo "bytes $offset-$last: HTTP status $code, $(tail -n 1 /run/range.log)" >/run/image.fault
        return 1
      fi
      sleep $pause
      [ $pause -ge 15 ] || pause=$((pause * 2))
    done
    cat /tmp/range || return 1
    offset=$((last + 1))
    now=$(cut -d. -f1 /proc/uptime)
    if [ $((now - reported)) -ge $PROGRESS_SECONDS ]; then
      reported=$now
      say "image: $((offset / 1048576)) of $((IMAGE_SIZE / 1048576)) MiB" >&2
      http_post progress "detail=$offset of $IMAGE_SIZE bytes" "bytes=$offset" \
        "total=$IMAGE_SIZE" >/dev/null
    fi
  done
  rm -f /tmp/range
}

# fetch_range FIRST LAST: into /tmp/range, exactly that long. No byte for 30 s counts as a break.
fetch_range() {
  code=$(/usr/bin/curl -sS --connect-timeout 10 --speed-limit 1 --speed-time 30 -r "$1-$2" \
    --max-filesize $CHUNK_BYTES -o /tmp/range -w '%{http_code}' "$IMAGE_URL" 2>/run/range.log)
  case $code in
    206) [ "$(wc -c </tmp/range)" -eq $(($2 - $1 + 1)) ] ;;
    # A file of one range may be answered as a whole.
    200) [ "$1" -eq 0 ] && [ "$(wc -c </tmp/range)" -eq $(($2 + 1)) ] ;;
    4??) touch /run/image.refused; return 1 ;;
    *) return 1 ;;
  esac
}
