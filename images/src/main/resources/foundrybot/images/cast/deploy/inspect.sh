# SPDX-License-Identifier: Apache-2.0
# The inspection mode: what this machine is made of, from /sys and /proc alone, in JSON for the
# appliance. Nothing is written to any disk.
# shellcheck shell=sh

SYS=${SYS:-/sys}
PROC=${PROC:-/proc}
THEN="wait"

# first_line FILE: the file's first line, or nothing where there is none or it cannot be read.
first_line() { head -n 1 "$1" 2>/dev/null | tr -d '\000'; }

# json_text TEXT: in quotes, without what JSON or a log could trip over, and not too long.
json_text() {
  printf '"%s"' "$(printf '%s' "$1" | tr -cd ' !#-[]-~' | sed 's/^ *//; s/  *$//' | cut -c1-120)"
}

# json_number TEXT: 0 for what is none.
json_number() {
  case $1 in
    '' | *[!0-9]* | ???????????????????*) echo 0 ;;
    *) echo "$1" | sed 's/^0*\([0-9]\)/\1/' ;;
  esac
}

# json_flag TEXT: of the kernel's 1 and 0.
json_flag() { if [ "$1" = 1 ]; then echo true; else echo false; fi; }

dmi() { first_line "$SYS/class/dmi/id/$1"; }

# machine_disks: the names of all whole disks, also of those that nothing is ever installed on.
machine_disks() {
  for path in $(set +f; echo "$SYS"/block/*); do
    case ${path##*/} in
      loop* | ram* | zram* | sr* | fd* | dm-* | md* | nbd* | mtdblock*) continue ;;
      mmcblk*boot* | mmcblk*rpmb*) continue ;;
    esac
    [ -e "$path/device" ] || continue
    [ "$(first_line "$path/hidden")" != 1 ] || continue
    echo "${path##*/}"
  done
}

disk_size() { echo $(($(json_number "$(first_line "$SYS/block/$1/size")") * 512)); }

disk_model() {
  echo "$(first_line "$SYS/block/$1/device/vendor") $(first_line "$SYS/block/$1/device/model")" |
    sed 's/^ATA  *//; s/^0x[0-9a-f]* *//'
}

# disk_serial NAME: of NVMe, of virtio, or of SCSI and SATA: page 80h of their vital product data
# (SPC-4, 7.8.13), behind a header of four bytes.
disk_serial() {
  for file in "$SYS/block/$1/device/serial" "$SYS/block/$1/serial"; do
    serial=$(first_line "$file")
    [ -z "$serial" ] || break
  done
  [ -n "$serial" ] || serial=$(tail -c +5 "$SYS/block/$1/device/vpd_pg80" 2>/dev/null | tr -d '\000')
  echo "$serial"
}

disk_json() {
  printf '{"name":%s,"bytes":%s,"model":%s,"serial":%s,"rotational":%s,"removable":%s,"readOnly":%s}' \
    "$(json_text "$1")" "$(disk_size "$1")" "$(json_text "$(disk_model "$1")")" \
    "$(json_text "$(disk_serial "$1")")" \
    "$(json_flag "$(first_line "$SYS/block/$1/queue/rotational")")" \
    "$(json_flag "$(first_line "$SYS/block/$1/removable")")" \
    "$(json_flag "$(first_line "$SYS/block/$1/ro")")"
}

# machine_nics: those that have a device behind them.
machine_nics() {
  for path in $(set +f; echo "$SYS"/class/net/*/device); do
    [ -e "$path" ] || continue
    path=${path%/device}
    echo "${path##*/}"
  done
}

nic_driver() {
  driver=$(readlink "$SYS/class/net/$1/device/driver")
  echo "${driver##*/}"
}

nic_json() {
  printf '{"name":%s,"mac":%s,"driver":%s,"link":%s}' "$(json_text "$1")" \
    "$(json_text "$(first_line "$SYS/class/net/$1/address")")" "$(json_text "$(nic_driver "$1")")" \
    "$(json_flag "$(first_line "$SYS/class/net/$1/carrier")")"
}

# json_list COMMAND NAME...: what the command prints for each name.
json_list() {
  list_command=$1
  shift
  list_comma=
  printf '['
  for list_name in "$@"; do
    printf '%s' "$list_comma"
    "$list_command" "$list_name"
    list_comma=,
  done
  printf ']'
}

cpu_model() {
  sed -n 's/^\(model name\|cpu model\|Model\)[^:]*: *//p' "$PROC/cpuinfo" 2>/dev/null | head -n 1
}

# A processor of ARM has no model name, and every line that counts begins with the word.
cpu_count() { grep -c '^processor[^:]*:' "$PROC/cpuinfo" 2>/dev/null; }

memory_kib() { sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' "$PROC/meminfo" 2>/dev/null; }

sys_firmware() { if [ -d "$SYS/firmware/efi" ]; then echo uefi; else echo bios; fi; }

# Boards that have no UUID fill the field with a sentence.
sys_uuid() {
  uuid=$(dmi product_uuid)
  if matches "$uuid" '[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}'; then
    echo "$uuid"
  fi
}

inventory_json() {
  printf '{"firmware":"%s","uuid":%s,"serial":%s,"vendor":%s,"product":%s,' "$(sys_firmware)" \
    "$(json_text "$(sys_uuid)")" "$(json_text "$(dmi product_serial)")" \
    "$(json_text "$(dmi sys_vendor)")" "$(json_text "$(dmi product_name)")"
  printf '"cpus":%s,"cpuModel":%s,"memoryBytes":%s,' "$(json_number "$(cpu_count)")" \
    "$(json_text "$(cpu_model)")" $(($(json_number "$(memory_kib)") * 1024))
  # shellcheck disable=SC2046 # names of the kernel, without blanks
  printf '"disks":%s,' "$(json_list disk_json $(machine_disks))"
  # shellcheck disable=SC2046
  printf '"nics":%s}' "$(json_list nic_json $(machine_nics))"
}

# Only a card that is up knows whether there is a link.
raise_nics() {
  for nic in $(machine_nics); do ip link set "$nic" up 2>>"$LOG"; done
  sleep 5
}

# post_report NAME FILE: until the appliance has it on its disk. What it refuses is a fault here.
post_report() {
  pause=1
  lost=
  while :; do
    code=$(/usr/bin/curl -sS -o /run/answer --connect-timeout 5 --max-time 60 -w '%{http_code}' \
      -H 'Content-Type: application/json' --data-binary "@$2" "$URL/$1" 2>>"$LOG")
    case $code in
      2??) return 0 ;;
      # No answer at all came: the report may have arrived nevertheless.
      '' | 000) lost=yes ;;
      # An answer got lost, and the report has ended what its token was good for.
      404) [ -z "$lost" ] || return 0; fail "report $1: this token is good no more" ;;
      429) ;;
      4??) fail "report $1: HTTP status $code: $(head -c 300 /run/answer)" ;;
    esac
    say "report $1: HTTP status ${code:-000}; next try in $pause s"
    sleep $pause
    [ $pause -ge 30 ] || pause=$((pause * 2))
  done
}

# stop_here: nothing is left to do; who can be switched on from afar is off until then.
stop_here() {
  sync
  case $THEN in
    poweroff) say "done; switching off"; poweroff -f ;;
  esac
  say "done; this machine can be switched off, or restarted"
  while :; do sleep 3600; done
}

inspect() {
  raise_nics
  inventory_json >/run/inventory.json
  say "inventory: $(wc -c </run/inventory.json) bytes"
  post_report inventory /run/inventory.json
}
