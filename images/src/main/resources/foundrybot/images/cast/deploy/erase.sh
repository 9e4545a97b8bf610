# SPDX-License-Identifier: Apache-2.0
# The erase mode: overwrites whole disks and proves it by reading them back. What is reported is
# what was read, never what a drive says of itself. Comes after inspect.sh.
# shellcheck shell=sh

DEV=${DEV:-/dev}
RUN=${RUN:-/run}
DISKS=all
PROOF=whole

MIB=1048576
# One read or write of a disk; slow ones take seconds for it, and are heard of in between.
CHUNK_MIB=256
# What a drive is told to zero at once.
ZEROES_BYTES=4294967296
SAMPLES=256
HEARD_SECONDS=10
heard=0

uptime_seconds() { cut -d. -f1 "$PROC/uptime"; }

# moving WHAT DONE TOTAL: now and then, since a silent machine counts as interrupted.
moving() {
  now=$(uptime_seconds)
  [ $((now - heard)) -ge $HEARD_SECONDS ] || return 0
  heard=$now
  say "$1: $(($2 / MIB)) of $(($3 / MIB)) MiB"
  http_post progress "detail=$1: $2 of $3 bytes" >/dev/null
}

# unerasable NAME: prints why, or nothing.
unerasable() {
  [ -e "$SYS/block/$1" ] || { echo "there is no such disk"; return; }
  [ "$(first_line "$SYS/block/$1/removable")" != 1 ] || { echo "removable"; return; }
  [ "$(first_line "$SYS/block/$1/ro")" != 1 ] || { echo "read-only"; return; }
  case $(readlink -f "$SYS/block/$1") in
    */usb[0-9]*) echo "on USB"; return ;;
  esac
  [ -z "$(ls "$SYS/block/$1/holders" 2>/dev/null)" ] || { echo "in use by another device"; return; }
  [ "$(disk_size "$1")" -gt 0 ] || echo "has no size"
}

# shared NAME: prints why it may be another machine's disk as well, or nothing.
shared() {
  case "$(readlink -f "$SYS/block/$1") $(readlink -f "$SYS/block/$1/device")" in
    */rport-*/*) echo "behind Fibre Channel"; return ;;
    */session[0-9]*/*) echo "behind iSCSI"; return ;;
  esac
  case $1 in nvme*) ;; *) return ;; esac
  # The kernel's multipathing has the controllers one level deeper.
  for file in "$SYS/block/$1/device/transport" \
    $(set +f; echo "$SYS/block/$1"/device/nvme*/transport) \
    "$SYS/class/nvme/${1%n*}/transport"; do
    transport=$(first_line "$file")
    case $transport in
      '' | pcie) ;;
      *) echo "NVMe over $transport"; return ;;
    esac
  done
}

# disks_to_erase: those that were named, whatever they are, or all that are fixed, writable and this
# machine's alone.
disks_to_erase() {
  if [ "$DISKS" != all ]; then
    echo "$DISKS" | tr ',' '\n'
    return
  fi
  left_alone=
  for name in $(machine_disks); do
    why=$(shared "$name")
    [ -n "$why" ] || why=$(unerasable "$name")
    case $why in
      '' | in*) echo "$name" ;;
      *)
        say "disk $name is left alone: $why"
        left_alone="$left_alone, $name ($why)"
        ;;
    esac
  done
  [ -z "$left_alone" ] || http_post progress "detail=left alone: ${left_alone#, }" >/dev/null
}

# is_lone_namespace NAME: whether its controller has no other; a format may reach them all.
is_lone_namespace() {
  # shellcheck disable=SC2046 # names of the kernel, without blanks
  set -- $(set +f; echo "$SYS/block/${1%n*}n"*)
  [ $# -eq 1 ]
}

# by_drive NAME: an NVMe drive erases its user data itself, if the image has the tool.
by_drive() {
  case $1 in nvme*) ;; *) return 1 ;; esac
  [ -x /usr/sbin/nvme ] || return 1
  is_lone_namespace "$1" || return 1
  /usr/sbin/nvme format "$DEV/$1" --ses=1 --force >>"$LOG" 2>&1 &
  drive_pid=$!
  while kill -0 $drive_pid 2>/dev/null; do
    sleep 2
    moving "format of $1" 0 "$(disk_size "$1")"
  done
  wait $drive_pid
}

# by_zeroes NAME: the drive writes zeroes by itself, where it says that it can.
by_zeroes() {
  [ "$(json_number "$(first_line "$SYS/block/$1/queue/write_zeroes_max_bytes")")" -gt 0 ] || return 1
  [ -x /usr/sbin/blkdiscard ] || return 1
  zeroed=0
  size=$(disk_size "$1")
  while [ $zeroed -lt "$size" ]; do
    length=$((size - zeroed))
    [ $length -le $ZEROES_BYTES ] || length=$ZEROES_BYTES
    /usr/sbin/blkdiscard -z -o $zeroed -l $length "$DEV/$1" >>"$LOG" 2>&1 || return 1
    zeroed=$((zeroed + length))
    moving "zeroing $1" $zeroed "$size"
  done
}

# by_writing NAME: every byte, from first to last.
by_writing() {
  size=$(disk_size "$1")
  whole=$((size / MIB))
  at=0
  while [ $at -lt $whole ]; do
    count=$((whole - at))
    [ $count -le $CHUNK_MIB ] || count=$CHUNK_MIB
    dd if=/dev/zero of="$DEV/$1" bs=$MIB seek=$at count=$count conv=notrunc,fsync \
      2>"$RUN/dd.log" || return 1
    at=$((at + count))
    moving "overwriting $1" $((at * MIB)) "$size"
  done
  [ $((size % MIB)) -eq 0 ] || dd if=/dev/zero of="$DEV/$1" bs=512 seek=$((whole * 2048)) \
    count=$((size % MIB / 512)) conv=notrunc,fsync 2>"$RUN/dd.log"
}

# read_back NAME BLOCK-BYTES FIRST COUNT: adds to READ and NONZERO; fails if not all came.
read_back() {
  other=$({ dd if="$DEV/$1" bs="$2" skip="$3" count="$4" 2>"$RUN/dd.log"; echo $? >"$RUN/dd.rc"; } |
    tr -d '\000' | wc -c)
  blocks=$(sed -n 's/^\([0-9]*\)+0 records in$/\1/p' "$RUN/dd.log")
  READ=$((READ + ${blocks:-0} * $2))
  NONZERO=$((NONZERO + other))
  [ "$(cat "$RUN/dd.rc")" = 0 ] && [ "${blocks:-0}" -eq "$4" ]
}

# random_below NUMBER
random_below() { echo $(($(od -An -N4 -tu4 /dev/urandom | tr -d ' ') % $1)); }

# What was written may still lie in memory alone, where it would prove nothing.
forget_cache() {
  [ "$DEV" = /dev ] || return 0
  sync
  blockdev --flushbufs "$DEV/$1" 2>>"$LOG"
  echo 3 >/proc/sys/vm/drop_caches
}

# prove NAME whole|samples: reads back, into READ and NONZERO; fails if it cannot be read.
prove() {
  READ=0
  NONZERO=0
  forget_cache "$1"
  size=$(disk_size "$1")
  whole=$((size / MIB))
  tail_blocks=$((size % MIB / 512))
  if [ "$2" = samples ] && [ $whole -gt $((SAMPLES + 2)) ]; then
    read_back "$1" $MIB 0 1 && read_back "$1" $MIB $((whole - 1)) 1 || return 1
    sample=0
    while [ $sample -lt $SAMPLES ]; do
      read_back "$1" $MIB "$(random_below $whole)" 1 || return 1
      sample=$((sample + 1))
      moving "reading $1 back" $((sample * MIB)) $((SAMPLES * MIB))
    done
  else
    at=0
    while [ $at -lt $whole ]; do
      count=$((whole - at))
      [ $count -le $CHUNK_MIB ] || count=$CHUNK_MIB
      read_back "$1" $MIB $at $count || return 1
      at=$((at + count))
      moving "reading $1 back" $((at * MIB)) "$size"
    done
  fi
  [ $tail_blocks -eq 0 ] || read_back "$1" 512 $((whole * 2048)) $tail_blocks
}

# looks_zero NAME: whether it is worth proving; a drive may have erased into something else.
looks_zero() { prove "$1" samples && [ $NONZERO -eq 0 ]; }

# erase_disk NAME: METHOD, READ, NONZERO and FAULT; the fastest way that leaves zeroes behind.
erase_disk() {
  METHOD=none
  READ=0
  NONZERO=0
  FAULT=$(unerasable "$1")
  [ -z "$FAULT" ] || return 0
  for METHOD in drive zeroes writing; do
    say "disk $1: by $METHOD"
    if "by_$METHOD" "$1" && { [ $METHOD = writing ] || looks_zero "$1"; }; then
      prove "$1" "$PROOF" || FAULT="cannot be read back: $(tail -n 1 "$RUN/dd.log")"
      return 0
    fi
  done
  FAULT="cannot be overwritten: $(tail -n 1 "$RUN/dd.log")"
}

# disk_result NAME: erases it, in JSON.
disk_result() {
  begun=$(uptime_seconds)
  erase_disk "$1" >&2
  printf '{"name":%s,"serial":%s,"model":%s,"bytes":%s,"method":"%s","readBytes":%s,"nonZero":%s,"seconds":%s,"fault":%s}' \
    "$(json_text "$1")" "$(json_text "$(disk_serial "$1")")" "$(json_text "$(disk_model "$1")")" \
    "$(disk_size "$1")" "$METHOD" "$READ" "$NONZERO" $(($(uptime_seconds) - begun)) \
    "$(json_text "$FAULT")"
}

erasure_json() {
  # shellcheck disable=SC2046 # names of the kernel, without blanks
  printf '{"proof":"%s","disks":%s}' "$PROOF" "$(json_list disk_result $(disks_to_erase))"
}

erase() {
  erasure_json >"$RUN/erasure.json"
  say "erasure: $(cat "$RUN/erasure.json")"
  post_report erasure "$RUN/erasure.json"
}
