# SPDX-License-Identifier: Apache-2.0
# deploy.conf: lines KEY='value' from the network. Nothing in it is evaluated here: each line must
# match one narrow pattern or the whole file is refused, and each value has a check of its own,
# because later steps put values into files that other programs read. SETTINGS_B64 alone is a script,
# which runs in the new system and can do there what the image of IMAGE_SHA256 could.
# shellcheck shell=sh

URL=
MODE=deploy
BOOTIF=
ONFAIL=wait
LOG_TARGET=
CONSOLES=

CONF_MAX_BYTES=65536

# conf_check FILE: prints what is wrong and returns 1, or returns 0.
conf_check() {
  if [ "$(wc -c <"$1")" -gt $CONF_MAX_BYTES ]; then
    echo "longer than $CONF_MAX_BYTES bytes"
    return 1
  fi
  if [ "$(tr -d '\000' <"$1" | wc -c)" -ne "$(wc -c <"$1")" ]; then
    echo "holds NUL bytes"
    return 1
  fi
  # Printable ASCII without the single quote; a comment or an empty line is fine.
  bad=$(grep -n -v -E "^[A-Z][A-Z0-9_]{0,31}='[ -&(-~]*'\$|^#[ -~]*\$|^\$" "$1" | head -n 1)
  if [ -n "$bad" ]; then
    echo "line ${bad%%:*} is not KEY='value' in printable ASCII"
    return 1
  fi
  twice=$(grep -o -E "^[A-Z][A-Z0-9_]*=" "$1" | sort | uniq -d | head -n 1)
  if [ -n "$twice" ]; then
    echo "${twice%=} is given twice"
    return 1
  fi
  return 0
}

# conf_value FILE KEY: the value, or nothing when the key is absent. FILE has passed conf_check.
conf_value() {
  sed -n "s/^$2='\(.*\)'\$/\1/p" "$1" | head -n 1
}

# matches VALUE EXTENDED-REGEX: the whole value, which must be one line.
matches() {
  case $1 in
    *"
"*) return 1 ;;
  esac
  printf '%s\n' "$1" | grep -q -E "^($2)\$"
}

is_url() { matches "$1" 'https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?'; }
is_console() { matches "$1" '[A-Za-z0-9]{1,16}(,[A-Za-z0-9]{1,16})?'; }
is_label() { matches "$1" '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'; }
is_fqdn() { matches "$1" '[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*'; }
is_mac() { matches "$1" '[0-9a-f]{2}(:[0-9a-f]{2}){5}'; }
is_sha256() { matches "$1" '[0-9a-f]{64}'; }
is_size() { matches "$1" '[1-9][0-9]{0,14}'; }
OCTET='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
IPV4="$OCTET([.]$OCTET){3}"
is_address() { matches "$1" "($IPV4/(3[0-2]|[12]?[0-9]))?"; }
is_gateway() { matches "$1" "($IPV4)?"; }
is_dns() { matches "$1" "($IPV4( $IPV4)*)?"; }
is_ntp() { matches "$1" '[A-Za-z0-9.-]+( [A-Za-z0-9.-]+)*'; }
is_user() { matches "$1" '[a-z_][a-z0-9_-]{0,30}'; }
is_base64() { matches "$1" '[A-Za-z0-9+/]+={0,2}'; }
is_word() { matches "$1" '[A-Za-z0-9._-]*'; }
# Goes into a file that the shell reads (/etc/default/grub): no quote, dollar, backslash, backtick.
is_kernel_args() { matches "$1" '[A-Za-z0-9 ._,:;=/+@%-]*'; }
is_disk() {
  case $1 in
    auto) return 0 ;;
    *..*) return 1 ;;
  esac
  matches "$1" '/dev/[A-Za-z0-9._:+@/-]+'
}
is_timezone() {
  case $1 in
    *..* | /*) return 1 ;;
  esac
  matches "$1" '[A-Za-z0-9_+/-]*'
}

# take KEY CHECK EXPECTATION [required]: sets the variable KEY from the file, or says why not.
# 'eval' sees only KEY, which is a word of this script, and "$value" unexpanded.
take() {
  value=$(conf_value "$CONF_FILE" "$1")
  if [ -z "$value" ] && [ "${4:-}" = required ]; then
    CONF_FAULT="$1: missing (expected: $3)"
    return 1
  fi
  if [ -n "$value" ] && ! "$2" "$value"; then
    CONF_FAULT="$1: '$value' (expected: $3)"
    return 1
  fi
  eval "$1=\$value"
}

# conf_load FILE: sets the variables of the contract; returns 1 with CONF_FAULT set.
conf_load() {
  CONF_FILE=$1
  CONF_FAULT=$(conf_check "$1") || return 1
  take NODE is_label 'a host name in lower case' required &&
    take FQDN is_fqdn 'a full host name in lower case' &&
    take MAC is_mac '52:54:00:aa:00:01' &&
    take URL is_url 'http://HOST[:PORT]/PATH' &&
    take IMAGE_URL is_url 'http://HOST[:PORT]/PATH' required &&
    take IMAGE_SHA256 is_sha256 '64 hexadecimal digits' required &&
    take IMAGE_SIZE is_size 'bytes' required &&
    take DISK is_disk 'auto or /dev/NAME' required &&
    take ADDRESS is_address 'a.b.c.d/n, or empty for DHCP' &&
    take GATEWAY is_gateway 'a.b.c.d' &&
    take DNS is_dns 'addresses with a space between' &&
    take NTP is_ntp 'names or addresses with a space between' &&
    take ADMIN_USER is_user 'a user name' required &&
    take SSH_KEYS_B64 is_base64 'base64 of an authorized_keys file' required &&
    take TIMEZONE is_timezone 'Area/City' &&
    take ROLE is_word 'a word' &&
    take CLUSTER is_word 'a word' &&
    take KERNEL_ARGS is_kernel_args 'words without quotes or dollar signs' &&
    take MESH_CONF_B64 is_base64 'base64 of mesh.conf' &&
    take SETTINGS_B64 is_base64 'base64 of a script'
}

# conf_load_rescue FILE: the same for rescue.conf, which says less.
conf_load_rescue() {
  CONF_FILE=$1
  CONF_FAULT=$(conf_check "$1") || return 1
  take NODE is_label 'a host name in lower case' required &&
    take MAC is_mac '52:54:00:aa:00:01' required &&
    take SSH_KEYS_B64 is_base64 'base64 of an authorized_keys file' required
}

is_then() { matches "$1" 'poweroff|wait'; }

# conf_load_task FILE: the same for inspect.conf.
conf_load_task() {
  CONF_FILE=$1
  CONF_FAULT=$(conf_check "$1") || return 1
  take NODE is_label 'a host name in lower case' required &&
    take MAC is_mac '52:54:00:aa:00:01' required &&
    take THEN is_then 'poweroff or wait' required
}

is_disk_list() { matches "$1" 'all|[A-Za-z0-9][A-Za-z0-9!._-]*(,[A-Za-z0-9][A-Za-z0-9!._-]*)*'; }
is_proof() { matches "$1" 'whole|samples'; }

# conf_load_erase FILE: the same for erase.conf.
conf_load_erase() {
  conf_load_task "$1" &&
    take DISKS is_disk_list 'all, or names with a comma between' required &&
    take PROOF is_proof 'whole or samples' required
}

# conf_fetch NAME LOAD: the appliance's file NAME, read by LOAD.
conf_fetch() {
  fetch_file "$URL/$1" "/run/$1" $CONF_MAX_BYTES
  base_url=$URL
  "$2" "/run/$1" || fail "$1: $CONF_FAULT"
  : "${FQDN:=$NODE}" "${TIMEZONE:=Etc/UTC}" "${URL:=$base_url}"
  if [ -n "$MAC" ] && [ "$MAC" != "$(cat "/sys/class/net/$NIC/address")" ]; then
    fail "$1 is for $MAC but this machine came up on $NIC" \
      "$(cat "/sys/class/net/$NIC/address")"
  fi
}

read_kernel_arguments() {
  for word in $(cat /proc/cmdline); do
    case $word in
      foundrybot.url=*) URL=${word#*=} ;;
      foundrybot.log=*) LOG_TARGET=${word#*=} ;;
      foundrybot.onfail=wait | foundrybot.onfail=reboot | foundrybot.onfail=poweroff)
        ONFAIL=${word#*=} ;;
      # What this environment does not know it must not take for a deployment.
      foundrybot.mode=*) MODE=${word#*=} ;;
      BOOTIF=*) BOOTIF=${word#*=} ;;
      console=*) is_console "${word#*=}" && CONSOLES="$CONSOLES $word" ;;
    esac
  done
  is_url "$URL" || fail "kernel argument foundrybot.url: '$URL' (expected: http://HOST[:PORT]/PATH)"
}
