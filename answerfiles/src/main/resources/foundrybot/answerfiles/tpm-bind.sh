#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Binds the encrypted disk of a new system to the machine's TPM 2.0, at the end of its installation,
# and takes away the passphrase by which it was made. tpm-bind <PASSPHRASE
# Needs cryptsetup, clevis with its pin tpm2, and util-linux. The passphrase is no argument of any
# program. Every step can be repeated: who finds the passphrase gone and the TPM in place is done.
set -eu
LC_ALL=C
export LC_ALL

fail() {
  echo "tpm-bind: $*" >&2
  exit 1
}

passphrase=$(cat)
[ -n "$passphrase" ] || fail "no passphrase at the input"
[ -e /dev/tpmrm0 ] || fail "no TPM 2.0: /dev/tpmrm0 (expected: one that the firmware shows)"

# Whether what comes by standard input opens the disk.
opens() { cryptsetup open --test-passphrase --key-file - "$1" 2>/dev/null; }
say_passphrase() { printf %s "$passphrase"; }

# The first slot that the TPM opens, by a number.
slot() { clevis luks list -d "$1" | sed -n 's/^\([0-9][0-9]*\): tpm2 .*/\1/p' | head -n 1; }
tpm_opens() { [ -n "$(slot "$1")" ] && clevis luks pass -d "$1" -s "$(slot "$1")" | tr -d '\n' | opens "$1"; }

bind() {
  cryptsetup isLuks --type luks2 "$1" || fail "$1: not LUKS2"
  if ! tpm_opens "$1"; then
    say_passphrase | clevis luks bind -f -y -k - -d "$1" tpm2 '{}' >/dev/null ||
      fail "$1: clevis cannot bind it to the TPM"
  fi
  # Proved before there is no way back.
  tpm_opens "$1" || fail "$1: the TPM does not give back the key that it was given"
  say_passphrase | cryptsetup luksRemoveKey --batch-mode --key-file - "$1" ||
    fail "$1: the passphrase cannot be taken away"
  if say_passphrase | opens "$1"; then
    fail "$1: the passphrase still opens it"
  fi
  echo "tpm-bind: $1: opened by this machine's TPM, and by nothing else"
}

# A disk that this passphrase does not open is another system's, or done.
ready=
for disk in $(lsblk -nrpo NAME,FSTYPE | sed -n 's/ crypto_LUKS$//p' | sort -u); do
  if say_passphrase | opens "$disk"; then
    bind "$disk"
    ready=1
  elif [ -n "$(slot "$disk")" ]; then
    ready=1
  fi
done
[ -n "$ready" ] || fail "no LUKS disk here is opened by the passphrase of this installation"
exit 0
