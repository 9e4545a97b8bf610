#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The mesh of a machine put up by FoundryBot.
#
#   mesh join         makes keys and sends the public halves with the run's token; gets the bundle
#   mesh poll         puts in force what is here, and asks whether there is a newer one
#   mesh take FILE    takes a bundle that came by another way
#   mesh gates        runs the checks of this machine's role and shows them; reports nothing
#
# A bundle is verified by the key in mesh.conf before anything in it is looked at, each time that it
# is used; what is older than the one that is here, or another's, is refused. Power may be lost at
# any moment: whatever is here is whole, and every step can be repeated.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077

CONF=${FOUNDRYBOT_MESH_CONF:-/etc/foundrybot/mesh.conf}
RUN_CONF=${FOUNDRYBOT_CONF:-/etc/foundrybot/run.conf}
STATE=${FOUNDRYBOT_STATE:-/var/lib/foundrybot}/mesh
TLS=${FOUNDRYBOT_STATE:-/var/lib/foundrybot}/tls
OPEN=${FOUNDRYBOT_STATE:-/var/lib/foundrybot}/phase-open
RUN=${FOUNDRYBOT_RUN:-/run}
PLANES='wg0 wg1 wg2 wg3'
TPM=/dev/tpmrm0
MOST_BYTES=4300000
# One that is sealed is in base64.
MOST_REPLY=6000000
PATIENCE=60
PROXY=/usr/lib/systemd/systemd-socket-proxyd
MOST_RELAYED=256
# Seconds: a third of a certificate's year.
RENEW=10500000

log() { echo "foundrybot-mesh: $*"; }

fail() {
  log "$*" >&2
  exit 1
}

# setting NAME PATTERN: the value of the line NAME='..' in mesh.conf.
setting() {
  value=$(sed -n "s/^$1='\(.*\)'\$/\1/p" "$CONF" | head -n 1)
  printf '%s\n' "$value" | grep -Eqx "$2" || fail "$CONF: $1: missing or malformed"
  printf '%s\n' "$value"
}

read_settings() {
  [ -r "$CONF" ] || fail "$CONF: missing; this machine was installed without a mesh"
  url=$(setting URL 'https://[0-9.]{7,15}(:[0-9]{1,5})?')
  node=$(setting NODE '[a-z0-9-]{1,63}')
  cluster_id=$(setting CLUSTER_ID '[0-9a-f]{32}')
  signer=$(setting SIGNER '[A-Za-z0-9+/=]{60}')
  ca=$(setting CA '[A-Za-z0-9+/=]+')
  host=${url#https://}
  port=443
  case $host in
    *:*)
      port=${host#*:}
      host=${host%:*}
      ;;
  esac
  printf '%s\n' '-----BEGIN PUBLIC KEY-----' "$signer" '-----END PUBLIC KEY-----' \
    >"$work/signer.pem"
  printf '%s' "$ca" | openssl base64 -d -A | openssl x509 -inform DER -out "$work/ca.pem" ||
    fail "$CONF: CA: no certificate"
}

# -- what this machine says ------------------------------------------------------------------------

# A private key is on the disk before anybody hears of its public half.
make_identity() {
  [ ! -f "$STATE/identity.pem" ] || return 0
  openssl genpkey -algorithm ED25519 -out "$STATE/identity.new"
  sync
  mv "$STATE/identity.new" "$STATE/identity.pem"
  sync
}

# make_keys ROTATION: those of all planes, so that a plane that comes later needs no new ones.
make_keys() {
  [ ! -d "$STATE/keys.$1" ] || return 0
  rm -rf "$STATE/keys.new"
  mkdir "$STATE/keys.new"
  for name in $PLANES; do
    wg genkey >"$STATE/keys.new/$name"
  done
  sync
  mv "$STATE/keys.new" "$STATE/keys.$1"
  sync
}

# write_request SERIAL ROTATION
write_request() {
  identity=$(openssl pkey -in "$STATE/identity.pem" -pubout -outform DER | openssl base64 -A)
  {
    printf '%s\n' foundrybot-request=1 "cluster-id=$cluster_id" "node=$node" "serial=$1" \
      "rotation=$2" "time=$(date +%s)" "nonce=$(openssl rand -hex 16)" "identity=$identity"
    for name in $PLANES; do
      printf '%s=%s\n' "$name" "$(wg pubkey <"$STATE/keys.$2/$name")"
    done
    [ ! -f "$work/tpm.lines" ] || cat "$work/tpm.lines"
  } >"$work/request"
  sign
}

# Signs the request as it is, by its last line.
sign() {
  signature=$(openssl pkeyutl -sign -inkey "$STATE/identity.pem" -rawin -in "$work/request" |
    openssl base64 -A)
  printf 'signature=%s\n' "$signature" >>"$work/request"
}

# ask PATH: posts the request; the answer's status is in $status, its body in $work/answer. By
# openssl, which is needed anyway: it trusts this one CA and no other, busybox's wget would trust
# anybody, and a token in the path is in nobody's arguments.
ask() {
  size=$(wc -c <"$work/request")
  {
    printf 'POST %s HTTP/1.1\r\nHost: %s:%s\r\n' "$1" "$host" "$port"
    printf 'Content-Type: text/plain\r\nContent-Length: %s\r\n' "$((size))"
    printf 'Connection: close\r\n\r\n'
    cat "$work/request"
  } >"$work/sent"
  connect=$(cat "$work/way" 2>/dev/null || echo "$host:$port")
  timeout "$PATIENCE" openssl s_client -quiet -verify_quiet -verify_return_error -noservername \
    -CAfile "$work/ca.pem" -no-CApath -no-CAstore -verify_ip "$host" -connect "$connect" \
    <"$work/sent" 2>"$work/said" | head -c "$MOST_REPLY" >"$work/reply" || true
  status=$(sed -n '1s:^HTTP/1\.[01] \([0-9][0-9][0-9]\) .*:\1:p' "$work/reply")
  sed "1,/^$(printf '\r')\$/d" "$work/reply" >"$work/answer"
  if [ -z "$status" ]; then
    # What follows is asked directly.
    rm -f "$work/way"
    fail "$url: no answer: $(head -n 1 "$work/said")"
  fi
}

refused() { fail "$url: $status: $(head -n 1 "$work/answer" | tr -cd ' -~' | head -c 400)"; }

# -- what its TPM proves ---------------------------------------------------------------------------

# tpm COMMAND...: one tool of tpm2-tools in the folder of this TPM's keys. Nothing stays loaded: a TPM
# has room for three keys.
tpm() {
  (
    cd "$work/tpm"
    "$@" >"$work/said" 2>&1 </dev/null || exit 1
    tpm2_flushcontext -t >/dev/null 2>&1 || true
  ) 9>&-
}

# Its endorsement key, the same each time, and an attestation key below it, made anew. The first is
# of ECC only where the TPM says that it has that and no RSA: one whose RSA failed for once must not
# seem to be another TPM.
tpm_keys() {
  mkdir "$work/tpm"
  kind=rsa
  if ! tpm tpm2_testparms rsa2048 && tpm tpm2_testparms ecc256; then
    kind=ecc
  fi
  tpm tpm2_createek -c ek.ctx -G "$kind" -u ek.pub &&
    tpm tpm2_createak -C ek.ctx -c ak.ctx -u ak.pub -n ak.name -G ecc -g sha256 -s ecdsa
}

has_tpm() {
  [ -n "${TPM2TOOLS_TCTI:-}" ] || [ -c "$TPM" ] || {
    echo "no $TPM" >"$work/said"
    return 1
  }
  command -v tpm2_activatecredential >/dev/null || {
    echo 'tpm2-tools are not installed' >"$work/said"
    return 1
  }
  export TPM2TOOLS_TCTI="${TPM2TOOLS_TCTI:-device:$TPM}"
}

# What a request says of the TPM, in $work/tpm.lines: nothing where there is none and none is needed.
show_tpm() {
  want=$(sed -n "s/^TPM='\(required\|off\)'\$/\1/p" "$CONF" | head -n 1)
  [ "$want" != off ] || return 0
  if has_tpm && tpm_keys; then
    for name in ek ak; do
      printf '%s=%s\n' "$name" "$(openssl base64 -A -in "$work/tpm/$name.pub")"
    done >"$work/tpm.lines"
    return 0
  fi
  why=$(tr -cd ' -~\n' <"$work/said" | grep -v '^WARN' | head -n 1 | head -c 300)
  [ "$want" != required ] || fail "a TPM is required, and does not work: $why"
  log "goes without a TPM: $why"
}

# follows LABEL: what follows from the secret, in hex.
follows() {
  { printf '%s\n' "$1"; cat "$work/tpm/secret"; } | openssl dgst -sha256 -r | cut -c 1-64
}

# Has the TPM open what only it can open, with the keys that were shown.
activate() {
  sed -n 's/^credential=//p' "$work/answer" | head -n 1 | openssl base64 -d -A \
    >"$work/tpm/credential"
  if ! { tpm tpm2_startauthsession --policy-session -S session.ctx &&
    tpm tpm2_policysecret -S session.ctx -c e &&
    tpm tpm2_activatecredential -c ak.ctx -C ek.ctx -i credential -o secret \
      -P session:session.ctx; }; then
    fail "the TPM does not open what came: $(head -n 1 "$work/said" | tr -cd ' -~' | head -c 300)"
  fi
  tpm tpm2_flushcontext session.ctx || true
  printf 'proof=%s\n' "$(follows foundrybot-proof)" >>"$work/tpm.lines"
  follows foundrybot-seal >"$work/tpm/password"
}

# unseal: the bundle in $work/answer, where it came sealed.
unseal() {
  [ "$(head -n 1 "$work/answer")" = foundrybot-sealed=1 ] || return 0
  sed 1d "$work/answer" | openssl base64 -d >"$work/tpm/sealed"
  openssl enc -d -aes-256-cbc -pbkdf2 -iter 1 -md sha256 -pass "file:$work/tpm/password" \
    -in "$work/tpm/sealed" -out "$work/answer" 2>/dev/null ||
    fail "refused: sealed for another TPM, or damaged"
}

# -- what it is told -------------------------------------------------------------------------------

# value KEY: the first line of that name in the bundle that was verified last.
value() { sed -n "s/^$1=//p" "$work/body" | head -n 1; }

# verify FILE: ends the program unless it is a bundle for this machine that the cluster has signed.
verify() {
  size=$(wc -c <"$1")
  [ "$((size))" -le "$MOST_BYTES" ] || fail "refused: $((size)) bytes (expected: <= $MOST_BYTES)"
  # shellcheck disable=SC2016 # these dollars are sed's
  sed '$d' "$1" >"$work/body"
  # shellcheck disable=SC2016
  sed -n '$s/^signature=//p' "$1" | openssl base64 -d -A >"$work/signature"
  openssl pkeyutl -verify -pubin -inkey "$work/signer.pem" -rawin -in "$work/body" \
    -sigfile "$work/signature" >/dev/null 2>&1 || fail "refused: not signed by this cluster's key"
  [ "$(sed -n 1p "$work/body")" = foundrybot-bundle=1 ] || fail "refused: another format"
  [ "$(value cluster-id)" = "$cluster_id" ] || fail "refused: of another cluster"
  [ "$(value node)" = "$node" ] || fail "refused: for another node"
  serial=$(value serial)
  rotation=$(value rotation)
  printf '%s %s\n' "$serial" "$rotation" | grep -Eqx '[1-9][0-9]{0,17} [0-9]{1,9}' ||
    fail "refused: serial or rotation is no number"
}

# take FILE: keeps a bundle if it is newer than the one that is here.
take() {
  verify "$1"
  if [ -f "$STATE/bundle" ] && ! cmp -s "$1" "$STATE/bundle"; then
    have=$(sed -n 's/^serial=//p' "$STATE/bundle" | head -n 1)
    [ "$serial" -gt "$have" ] || fail "refused: serial $serial, and $have is here already"
  fi
  cp "$1" "$STATE/bundle.new"
  sync
  mv "$STATE/bundle.new" "$STATE/bundle"
  sync
  log "serial $serial taken"
}

# -- what it does ----------------------------------------------------------------------------------

# create NAME: in the kernel, else by wireguard-go where that is installed. It must not inherit the
# lock, which it would hold for ever.
create() {
  ip link add "$1" type wireguard 2>"$work/said" && return 0
  command -v wireguard-go >/dev/null || fail "$1: $(head -n 1 "$work/said")"
  wireguard-go "$1" >"$work/said" 2>&1 9>&- </dev/null || fail "$1: $(tail -n 1 "$work/said")"
  tries=0
  until wg show "$1" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 10 ] || fail "$1: wireguard-go does not answer"
    sleep 1
  done
}

exists() { ip link show dev "$1" >/dev/null 2>&1; }

# peer_lines FILE: the peers of a configuration, each in one line.
peer_lines() {
  sed -n '/^\[Peer\]$/,$p' "$1" | tr '\n' '|' | sed 's/|\[Peer\]/\n[Peer]/g; s/|$//'
  echo
}

keys_of() { sed -n 's/^\[Peer\]|PublicKey = \([^|]*\).*$/\1/p' "$1"; }

# regroup NAME: adds and removes peers of an interface of which nothing else is new. 'wg syncconf' says
# the port again; then wireguard-go opens its socket anew, and what arrives meanwhile is lost. False
# where more is new, or the interface is not as it was left.
regroup() {
  [ -s "$STATE/peers.$1" ] || return 1
  keys_of "$STATE/peers.$1" | sort >"$work/before"
  wg show "$1" peers | sort | cmp -s - "$work/before" || return 1
  for key in listen-port:ListenPort private-key:PrivateKey; do
    [ "$(wg show "$1" "${key%:*}")" = "$(sed -n "s/^${key#*:} = //p" "$work/$1.conf")" ] || return 1
  done
  grep -Fvx -f "$STATE/peers.$1" "$work/peers" >"$work/added" || true
  grep -Fvx -f "$work/peers" "$STATE/peers.$1" >"$work/gone" || true
  keys_of "$work/added" | sort >"$work/added.keys"
  keys_of "$work/gone" | sort >"$work/gone.keys"
  # A peer that stays with other settings.
  [ -z "$(sort "$work/added.keys" "$work/gone.keys" | uniq -d)" ] || return 1
  while read -r key; do
    wg set "$1" peer "$key" remove || return 1
  done <"$work/gone.keys"
  tr '|' '\n' <"$work/added" >"$work/added.conf"
  [ ! -s "$work/added.keys" ] || wg addconf "$1" "$work/added.conf"
}

# raise NAME ROTATION: makes an interface what the bundle says, without a packet lost of peers that
# stay.
raise() {
  exists "$1" || create "$1"
  {
    echo '[Interface]'
    printf 'PrivateKey = %s\n' "$(cat "$STATE/keys.$2/$1")"
    sed -n "s/^$1=//p" "$work/body" | sed 1d
  } >"$work/$1.conf"
  peer_lines "$work/$1.conf" >"$work/peers"
  regroup "$1" || wg syncconf "$1" "$work/$1.conf"
  cp "$work/peers" "$STATE/peers.$1"
  rm -f "$work/$1.conf"
  sed -n "s/^address=$1 //p" "$work/body" >"$work/addresses"
  ip -o addr show dev "$1" | sed -n 's/^.* inet6\{0,1\} \([^ ]*\) .*$/\1/p' | grep -v '^fe80:' |
    grep -Fvx -f "$work/addresses" >"$work/gone" || true
  while read -r address; do
    ip addr del "$address" dev "$1"
  done <"$work/gone"
  while read -r address; do
    ip addr replace "$address" dev "$1"
  done <"$work/addresses"
  ip link set dev "$1" mtu "$(sed -n "s/^interface=$1 [a-z]* //p" "$work/body")" up
  if grep -qx "forward=$1" "$work/body"; then
    # The rules let nothing through but what the mesh is for; IPv6 knows no forwarding by interface.
    echo 1 >"/proc/sys/net/ipv4/conf/$1/forwarding"
    ! grep -q : "$work/addresses" || echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
  fi
}

in_force() {
  [ "$(cat "$RUN/foundrybot-mesh.state" 2>/dev/null)" = "$serial $using" ] || return 1
  sed -n 's/^interface=\(wg[0-3]\) .*$/\1/p' "$work/body" >"$work/names"
  while read -r name; do
    exists "$name" || return 1
  done <"$work/names"
}

# Puts the bundle that is here in force, if it is not. The rules come first: no interface is ever
# open before them.
settle() {
  verify "$STATE/bundle"
  using=$(cat "$STATE/rotation" 2>/dev/null || echo 0)
  in_force && return 0
  sed -n 's/^nft=//p' "$work/body" >"$work/rules"
  nft -f "$work/rules"
  for name in $PLANES; do
    if grep -q "^interface=$name " "$work/body"; then
      raise "$name" "$using"
      touch "$STATE/raised.$name"
    elif [ -e "$STATE/raised.$name" ]; then
      ! exists "$name" || ip link del dev "$name"
      rm -f "$STATE/raised.$name"
    fi
  done
  echo "$serial $using" >"$RUN/foundrybot-mesh.state"
  log "serial $serial in force"
}

join() {
  # shellcheck disable=SC1087 # sed's brackets
  path=$(sed -n "s/^URL='http:\/\/[^\/]*\(\/node\/[0-9a-f]\{32\}\)'\$/\1/p" "$RUN_CONF" |
    head -n 1)
  [ -n "$path" ] || fail "$RUN_CONF: no line URL='http://HOST/node/TOKEN'"
  if [ ! -f "$STATE/bundle" ]; then
    make_identity
    make_keys 0
    show_tpm
    write_request 0 0
    ask "$path/mesh"
    if [ "$status" = 200 ] && [ "$(head -n 1 "$work/answer")" = foundrybot-challenge=1 ]; then
      [ -f "$work/tpm.lines" ] || fail "refused: a challenge, and no TPM was shown"
      activate
      write_request 0 0
      ask "$path/mesh"
    fi
    [ "$status" = 200 ] || refused
    unseal
    take "$work/answer"
  fi
}

# One request; a machine that was asked for new keys sends these, and goes over to them when the
# appliance has them. Who loses power in between sends the same ones again.
request_newer() {
  wanted=$using
  if [ "$rotation" -gt "$using" ]; then
    wanted=$rotation
    make_keys "$wanted"
  fi
  write_request "$serial" "$wanted"
  ask "/mesh/$node"
  case $status in
    200) take "$work/answer" ;;
    204) ;;
    *) refused ;;
  esac
  if [ "$wanted" != "$using" ]; then
    echo "$wanted" >"$STATE/rotation.new"
    sync
    mv "$STATE/rotation.new" "$STATE/rotation"
    sync
    rm -rf "$STATE/keys.$using"
  fi
  settle
}

# -- its way to the appliance ----------------------------------------------------------------------

# A hub can pass on to the appliance what comes to it over the mesh. That is TLS, of which it learns
# nothing and in which it can change nothing: the appliance proves who it is on either way.

# relay_runs WHAT: whether the relay runs that was started for this.
relay_runs() {
  [ "$(sed -n 1p "$RUN/foundrybot-relay" 2>/dev/null)" = "$1" ] || return 1
  if [ -d "$RUN/systemd/system" ]; then
    systemctl -q is-active foundrybot-relay.service
  else
    # That of one which has ended leads nowhere, also before anybody has waited for it.
    readlink "/proc/$(sed -n 2p "$RUN/foundrybot-relay")/exe" >/dev/null 2>&1
  fi
}

stop_relay() {
  [ -f "$RUN/foundrybot-relay" ] || return 0
  if [ -d "$RUN/systemd/system" ]; then
    systemctl -q stop foundrybot-relay.service 2>/dev/null || true
  else
    kill "$(sed -n 2p "$RUN/foundrybot-relay")" 2>/dev/null || true
  fi
  rm -f "$RUN/foundrybot-relay"
}

# serve_relay ADDRESS PORT: listens there, at an address of the mesh alone, and passes on to the
# appliance. By systemd's own programs, as a service where it runs, as no user of the system's.
serve_relay() {
  what="$1:$2 $host:$port"
  ! relay_runs "$what" || return 0
  stop_relay
  if [ ! -x "$PROXY" ] || ! command -v systemd-socket-activate >/dev/null; then
    log "passes nothing on to the appliance: no systemd-socket-proxyd here; the others ask directly"
    return 0
  fi
  set -- systemd-socket-activate -l "$1:$2" "$PROXY" "--connections-max=$MOST_RELAYED" \
    "$host:$port"
  if [ -d "$RUN/systemd/system" ]; then
    # Noted first: what is killed in between leaves no unit of which the next poll knows nothing.
    printf '%s\n' "$what" >"$RUN/foundrybot-relay"
    if ! systemd-run -q --collect --unit=foundrybot-relay -p DynamicUser=yes -p Restart=always \
      -p RestartSec=5 "$@" >"$work/said" 2>&1; then
      log "passes nothing on to the appliance: $(head -n 1 "$work/said")"
      return 0
    fi
  else
    "$@" >/dev/null 2>&1 9>&- </dev/null &
    printf '%s\n' "$what" "$!" >"$RUN/foundrybot-relay"
  fi
  log "passes on to the appliance what comes to $what"
}

# reaches HOST:PORT: whether it is the appliance that answers there.
reaches() {
  timeout 5 openssl s_client -brief -verify_return_error -noservername -CAfile "$work/ca.pem" \
    -no-CApath -no-CAstore -verify_ip "$host" -connect "$1" </dev/null >/dev/null 2>&1
}

# say_way WORDS: when they are others than the last time.
say_way() {
  [ "$(cat "$RUN/foundrybot-mesh.way" 2>/dev/null)" != "$1" ] || return 0
  echo "$1" >"$RUN/foundrybot-mesh.way"
  log "$1"
}

# The mesh first, where there is a relay, and the direct way where that does not lead to the
# appliance. Looked at before anything is asked: what may have arrived must not be sent again.
choose_way() {
  rm -f "$work/way"
  relay=$(sed -n 's/^relay=\(wg[0-3] [0-9.]\{7,15\} [1-9][0-9]\{0,4\}\)$/\1/p' "$work/body" |
    head -n 1)
  if [ -z "$relay" ]; then
    stop_relay
    return 0
  fi
  # shellcheck disable=SC2086 # three words
  set -- $relay
  if grep -qF "address=$1 $2/" "$work/body"; then
    serve_relay "$2" "$3"
    return 0
  fi
  stop_relay
  if reaches "$2:$3"; then
    echo "$2:$3" >"$work/way"
    say_way "asks over $1, by $2"
  else
    say_way "asks directly, as over $1 by $2 no appliance is reached"
  fi
}

# -- its certificate -------------------------------------------------------------------------------

# write_wish: what asks for a certificate of this machine's key.
write_wish() {
  identity=$(openssl pkey -in "$STATE/identity.pem" -pubout -outform DER | openssl base64 -A)
  csr=$(openssl req -new -key "$TLS/node.key" -subj "/CN=$node" -outform DER | openssl base64 -A)
  printf '%s\n' foundrybot-certificate=1 "cluster-id=$cluster_id" "node=$node" \
    "time=$(date +%s)" "nonce=$(openssl rand -hex 16)" "identity=$identity" "csr=$csr" \
    >"$work/request"
  sign
}

# Asks for a certificate where there is none, or a third of its life is left. The mesh works without
# one, so what is wrong with it is said and no more.
certify() {
  if [ -f "$TLS/node.crt" ] &&
    openssl x509 -in "$TLS/node.crt" -noout -checkend "$RENEW" >/dev/null 2>&1; then
    return 0
  fi
  mkdir -p "$TLS"
  if [ ! -f "$TLS/node.key" ]; then
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$TLS/node.key.new"
    sync
    mv "$TLS/node.key.new" "$TLS/node.key"
    sync
  fi
  write_wish
  ask "/mesh/$node/certificate"
  if [ "$status" != 200 ]; then
    log "no certificate: $status: $(head -n 1 "$work/answer" | tr -cd ' -~' | head -c 400)"
    return 0
  fi
  if ! openssl verify -CAfile "$work/ca.pem" "$work/answer" >/dev/null 2>&1 ||
    [ "$(openssl x509 -in "$work/answer" -noout -pubkey)" != \
      "$(openssl pkey -in "$TLS/node.key" -pubout)" ]; then
    log "no certificate: the one that came is not for this key, or not by this cluster's CA"
    return 0
  fi
  cp "$work/ca.pem" "$TLS/ca.crt"
  cp "$work/answer" "$TLS/node.crt.new"
  sync
  mv "$TLS/node.crt.new" "$TLS/node.crt"
  sync
  log "certificate $(openssl x509 -in "$TLS/node.crt" -noout -enddate)"
}

# -- what it proves --------------------------------------------------------------------------------

# The checks are lines of GATES in mesh.conf: kind, name, seconds, exit status, and words in base64.
# No shell ever reads what the words say.
CHECK='(service|port|handshake|command) [a-z0-9-]{1,63} [0-9]{1,2} [0-9]{1,3}( [A-Za-z0-9+/]+={0,2})+'

# saw NAME passed|failed TEXT: what one check came to, at most 500 bytes of text on one line.
saw() {
  printf '%s' "$3" | tail -n 5 | tr '\n' ' ' | tr -cd ' -~' | tail -c 500 >"$work/$1.text"
  printf 'check=%s %s %s\n' "$1" "$2" "$(openssl base64 -A <"$work/$1.text")" >"$work/gates/$1"
}

# for_a_while SECONDS PROGRAM...: its status is in $ended, the end of what it said in $said. What it
# leaves running keeps neither this program nor its lock.
for_a_while() {
  patience=$1
  shift
  {
    ended=0
    timeout -s KILL "$patience" "$@" </dev/null 2>&1 9>&- || ended=$?
    echo "$ended" >"$work/$name.ended"
  } 2>/dev/null | { timeout -s KILL "$((patience + 2))" tail -c 2000 >"$work/$name.said"; } \
    2>/dev/null || true
  ended=$(cat "$work/$name.ended" 2>/dev/null || echo 137)
  said=$(cat "$work/$name.said")
}

check_service() {
  if [ -d "$RUN/systemd/system" ]; then
    for_a_while "$seconds" systemctl is-active -- "$1"
  elif command -v rc-service >/dev/null; then
    for_a_while "$seconds" rc-service "${1%.service}" status
  else
    ended=1
    said='neither systemd nor OpenRC here'
  fi
  if [ "$ended" = 0 ]; then
    saw "$name" passed ''
  else
    saw "$name" failed "${said:-not active}"
  fi
}

# address_of INTERFACE: the first one, in $address; empty if there is none.
address_of() {
  address=127.0.0.1
  [ "$1" != lo ] || return 0
  address=$(ip -o -4 addr show dev "$1" 2>/dev/null |
    sed -n '1s/^.* inet \([0-9.]*\).*$/\1/p')
  [ -n "$address" ] || address=$(ip -o -6 addr show dev "$1" scope global 2>/dev/null |
    sed -n '1s/^.* inet6 \([0-9a-fA-F:]*\).*$/\1/p')
}

# Bash, where there is one, else busybox: both only connect, which is all that is asked.
check_port() {
  address_of "$2"
  if [ -z "$address" ]; then
    saw "$name" failed "$2 has no address"
    return 0
  fi
  if command -v bash >/dev/null; then
    # shellcheck disable=SC2016 # these dollars are bash's
    for_a_while "$seconds" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$address" "$1"
  else
    for_a_while "$((seconds + 1))" busybox nc -z -w "$seconds" "$address" "$1"
  fi
  case $ended:$said in
    0:*) saw "$name" passed '' ;;
    137:*) saw "$name" failed "no answer in $seconds s" ;;
    *refused*) saw "$name" failed refused ;;
    *) saw "$name" failed "${said:-no connection}" ;;
  esac
}

# A tunnel shakes hands when there is something to send, and what came of it holds for three minutes
# (WireGuard whitepaper, section 6.1).
FRESH=180
MOST_NUDGED=8

# reachable INTERFACE: endpoint, addresses and latest handshake of each peer that has an endpoint.
reachable() {
  wg show "$1" dump | sed 1d | cut -f 3-5 | grep -v '^(none)' || true
}

# behind ADDRESSES: where something is sent to reach a peer, in words. Of the subnet behind a hub
# two are taken, as one may be this machine's own.
behind() {
  base=${1%%/*}
  case ${1%%,*} in
    */32 | */128) echo "$base" ;;
    *.*) echo "${base%.*}.$((${base##*.} + 1)) ${base%.*}.$((${base##*.} + 2))" ;;
  esac
}

# nudge ADDRESS: a SYN, which nobody need answer.
nudge() {
  if command -v bash >/dev/null; then
    # shellcheck disable=SC2016 # these dollars are bash's
    timeout -s KILL 2 bash -c 'exec 3<>"/dev/tcp/$0/9"' "$1" || true
  else
    timeout -s KILL 3 busybox nc -z -w 2 "$1" 9 || true
  fi
} </dev/null >/dev/null 2>&1 9>&-

nudge_all() {
  head -n "$MOST_NUDGED" "$work/$name.peers" | while read -r _ addresses _; do
    for address in $(behind "$addresses"); do
      nudge "$address" &
    done
  done
}

check_handshake() {
  if ! wg show "$1" >/dev/null 2>&1; then
    saw "$name" failed "no interface $1"
    return 0
  fi
  nudged=no
  end=$(($(date +%s) + seconds))
  while :; do
    reachable "$1" >"$work/$name.peers"
    now=$(date +%s)
    while read -r _ _ latest; do
      [ "$latest" -le "$((now - FRESH))" ] || break 2
    done <"$work/$name.peers"
    if [ ! -s "$work/$name.peers" ]; then
      break
    elif [ "$now" -ge "$end" ]; then
      read -r endpoint addresses _ <"$work/$name.peers"
      saw "$name" failed "no handshake with any of $(wc -l <"$work/$name.peers") peers on $1, \
such as ${addresses%%,*} by $endpoint"
      return 0
    fi
    [ "$nudged" = yes ] || nudge_all
    nudged=yes
    sleep 1
  done
  saw "$name" passed ''
}

check_command() {
  for_a_while "$seconds" "$@"
  case $ended in
    "$expect") saw "$name" passed "$said" ;;
    137) saw "$name" failed "no end in $seconds s: ${said%Killed}" ;;
    *) saw "$name" failed "exit status $ended (expected: $expect): $said" ;;
  esac
}

# check KIND NAME SECONDS STATUS WORDS
check() {
  kind=$1
  name=$2
  seconds=$3
  expect=$4
  words=$5
  set --
  for word in $words; do
    set -- "$@" "$(printf '%s' "$word" | openssl base64 -d -A)"
  done
  "check_$kind" "$@"
}

# All at the same time, so that they take no longer than the slowest one.
run_checks() {
  mkdir "$work/gates"
  sed -n "s/^GATES='\([A-Za-z0-9+/=]*\)'\$/\1/p" "$CONF" | head -n 1 | openssl base64 -d -A |
    grep -Ex "$CHECK" >"$work/checks" || true
  while read -r kind name seconds expect words; do
    check "$kind" "$name" "$seconds" "$expect" "$words" </dev/null &
  done <"$work/checks"
  wait
  for file in "$work"/gates/*; do
    [ ! -f "$file" ] || cat "$file"
  done >"$work/outcomes"
}

show_checks() {
  while read -r check outcome text; do
    echo "$outcome ${check#check=} $(printf '%s' "$text" | openssl base64 -d -A)"
  done <"$work/outcomes"
}

start_target() {
  printf '%s\n' '[Unit]' 'Description=The phase of this machine is open' \
    >"$RUN/systemd/system/foundrybot-phase-open.target" &&
    chmod 644 "$RUN/systemd/system/foundrybot-phase-open.target" &&
    systemctl daemon-reload &&
    systemctl start --no-block foundrybot-phase-open.target
}

# What must wait for the phases before this machine's hooks on this target, or on the file. Once
# open it stays so: what fails elsewhere later stops nothing here.
open_phase() {
  [ ! -e "$RUN/foundrybot-phase-open" ] || return 0
  if [ -d "$RUN/systemd/system" ] && ! start_target; then
    log "the phase of this machine is open, and systemd does not start its target; next poll again"
    return 0
  fi
  touch "$RUN/foundrybot-phase-open"
  log "the phase of this machine is open"
}

# Says what the checks came to, and hears whether the phase of this machine is open.
report_gates() {
  run_checks
  [ -s "$work/outcomes" ] || [ ! -e "$OPEN" ] || return 0
  identity=$(openssl pkey -in "$STATE/identity.pem" -pubout -outform DER | openssl base64 -A)
  {
    printf '%s\n' foundrybot-gates=1 "cluster-id=$cluster_id" "node=$node" "time=$(date +%s)" \
      "nonce=$(openssl rand -hex 16)" "identity=$identity"
    cat "$work/outcomes"
  } >"$work/request"
  sign
  ask "/mesh/$node/gates"
  [ "$status" = 200 ] || refused
  if [ "$(head -n 1 "$work/answer")" = open ] && [ ! -e "$OPEN" ]; then
    touch "$OPEN"
    sync
    open_phase
  fi
}

poll() {
  [ ! -e "$OPEN" ] || open_phase
  if [ ! -f "$STATE/bundle" ]; then
    log "not joined yet"
    return 0
  fi
  # Who is told nothing new still says how it is. No '||' here: it would end 'set -e' inside.
  set +e
  (
    set -e
    renew
  )
  renewed=$?
  set -e
  report_gates
  return "$renewed"
}

renew() {
  settle
  choose_way
  request_newer
  # That very bundle may have asked for new keys.
  [ "$rotation" -le "$using" ] || request_newer
  certify
}

mkdir -p "$STATE"
exec 9>"$STATE/lock"
flock 9
work=$(mktemp -d "$RUN/foundrybot-mesh.XXXXXX")
trap 'rm -rf "$work"' EXIT
read_settings
case ${1:-} in
  join) join ;;
  poll) poll ;;
  take)
    [ -r "${2:-}" ] || fail "take: ${2:-nothing}: cannot be read (expected: a bundle)"
    take "$2"
    settle
    ;;
  gates)
    run_checks
    show_checks
    ;;
  *) fail "${1:-nothing} (expected: join, poll, take FILE or gates)" ;;
esac
