#!/bin/sh
# What the node's role and the node itself ask of its system beside packages: files, sysctls, labels
# and services. Made for one node; run as root in the new system. Every step can be repeated, and
# whatever cannot be done ends it with the reason. The first argument is the folder that the system
# lies in, if that is not this one; the second, live, says that the system runs.
set -eu
umask 022
root=${1:-}
live=${2:-}

fail() {
  echo "settings: $*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# put_file PATH MODE OWNER GROUP TEXT: the whole file or nothing of it; a link in its place is
# replaced and not followed.
put_file() {
  at=$root$1
  [ ! -d "$at" ] || fail "$1: a folder (expected: a file, or nothing)"
  mkdir -p "${at%/*}"
  new=$at.foundrybot-new
  rm -f "$new"
  (umask 077 && printf '%s' "$5" >"$new")
  if [ "$3:$4" != root:root ]; then
    chown "$3:$4" "$new" || {
      rm -f "$new"
      fail "$1: owner $3:$4 (expected: an account and a group that this system has by now)"
    }
  fi
  chmod "$2" "$new"
  mv -f "$new" "$at"
  # With SELinux: a file of an installer has no label of its own.
  if [ -z "$root" ] && has restorecon; then restorecon -F "$at"; fi
  # Alpine's installed system gets /etc, and what is named.
  if has lbu; then
    case $1 in
      /etc/*) ;;
      *) lbu include "$1" ;;
    esac
  fi
}

# load_sysctls FILE: for a system that runs; others read it when they start.
load_sysctls() {
  [ -z "$live" ] || sysctl -q -p "$root$1" ||
    echo "settings: $1: not all of it can be set before the next start" >&2
}

ctl() { systemctl ${root:+--root="$root"} "$@"; }

read_units() {
  [ -z "$live" ] || ! has systemctl || systemctl daemon-reload
}

# openrc_name UNIT: what OpenRC calls a service.
openrc_name() {
  case $1 in
    *.service) echo "${1%.service}" ;;
    *) fail "$1: no service (expected: one, as this system has OpenRC)" ;;
  esac
}

unit_on() {
  if has systemctl; then
    ctl enable "$1" || fail "$1: cannot be enabled (expected: a unit of a package or of files)"
    [ -z "$live" ] || systemctl start --no-block "$1"
  elif has rc-update; then
    name=$(openrc_name "$1")
    rc-update add "$name" default ||
      fail "$name: cannot be enabled (expected: a service of a package or of files)"
  else
    fail "$1: neither systemd nor OpenRC is here"
  fi
}

# What is not there is disabled enough.
unit_off() {
  if has systemctl; then
    case $(ctl is-enabled "$1" 2>/dev/null || true) in
      '' | not-found) return 0 ;;
    esac
    ctl disable "$1" || fail "$1: cannot be disabled"
    [ -z "$live" ] || systemctl stop "$1"
  elif has rc-update; then
    name=$(openrc_name "$1")
    rc-update del "$name" || true
  else
    fail "$1: neither systemd nor OpenRC is here"
  fi
}

