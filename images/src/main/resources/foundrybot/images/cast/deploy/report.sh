# SPDX-License-Identifier: Apache-2.0
# What a person at the console and the appliance are told.
# shellcheck shell=sh

STEP=start

say() {
  if ! echo "<3>foundrybot: $*" >/dev/kmsg 2>/dev/null; then
    echo "foundrybot: $*"
  fi
  echo "$*" >>"$LOG"
}

# log_up: from now on the kernel's log, in which these lines stand, too, goes to the appliance, with
# what was said so far. A log that cannot be sent stops nothing.
log_up() {
  case $LOG_TARGET in
    '') return 0 ;;
    *[!0-9.:]* | *:*:* | :* | *:)
      say "kernel argument foundrybot.log: '$LOG_TARGET' (expected: ADDRESS:PORT); no log is sent"
      return 0
      ;;
  esac
  if ! syslogd -R "$LOG_TARGET" || ! klogd; then
    say "no log is sent to $LOG_TARGET"
  fi
}

firmware() {
  if [ -d /sys/firmware/efi ]; then echo uefi; else echo bios; fi
}

# step NAME COMMAND...: one named step; a failure inside it is reported under this name.
step() {
  STEP=$1
  shift
  say "step $STEP ($(cut -d' ' -f1 /proc/uptime) s)"
  "$@"
}

# run COMMAND...: must succeed; its output is kept for the failure report.
run() {
  "$@" </dev/null >/run/last.log 2>&1
  run_status=$?
  cat /run/last.log >>"$LOG"
  if [ $run_status -ne 0 ]; then
    fail "$* : exit status $run_status: $(tail -n 5 /run/last.log)"
  fi
}

# http_post EVENT KEY=VALUE...: prints the status code, 000 when there was no answer.
http_post() {
  post_event=$1
  shift
  post_query=
  for pair in "$@"; do
    post_query="$post_query&${pair%%=*}=$(url_encode "${pair#*=}")"
  done
  code=$(/usr/bin/curl -sS -o /dev/null --connect-timeout 5 --max-time 15 -w '%{http_code}' \
    -X POST --data '' "$URL/report/$post_event?${post_query#&}" 2>>"$LOG")
  echo "${code:-000}"
}

# Every byte as %XX: correct for any text, and short enough not to need a table.
url_encode() {
  printf '%s' "$1" | head -c 1500 | od -An -v -tx1 | tr -d '\n' | tr ' ' '%'
}

# report EVENT DETAIL: tries a few times, then the work goes on; evidence lost is not a failure.
report() {
  report_event=$1
  for pause in 1 2 4 0; do
    case $(http_post "$report_event" "detail=$2") in
      2??) return 0 ;;
      4??) say "report $report_event: refused by the appliance"; return 0 ;;
    esac
    sleep $pause
  done
  say "report $report_event: the appliance does not answer; going on"
}

# report_until_taken EVENT DETAIL: the appliance must know this before the machine starts again,
# or it would offer the deployment once more. A refusal (4xx) is an answer too.
report_until_taken() {
  pause=1
  while :; do
    case $(http_post "$1" "detail=$2") in
      2??) return 0 ;;
      4??) say "report $1: refused by the appliance"; return 0 ;;
    esac
    say "report $1: the appliance does not answer; next try in $pause s"
    sleep $pause
    [ $pause -ge 30 ] || pause=$((pause * 2))
  done
}

# fail REASON: the only way out of a failed deployment.
fail() {
  trap - EXIT
  say "FAILED in step $STEP: $*"
  case $URL in
    http*)
      for pause in 2 5 10 20 0; do
        case $(http_post failed "step=$STEP" "reason=$*") in
          2?? | 4??) break ;;
        esac
        sleep $pause
      done
      ;;
  esac
  sync
  case $ONFAIL in
    reboot) say "restarting in 60 s"; sleep 60; reboot -f ;;
    poweroff) say "switching off in 60 s"; sleep 60; poweroff -f ;;
  esac
  say "waiting for an operator; the log is $LOG"
  while :; do sleep 3600; done
}
