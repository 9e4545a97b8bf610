#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the DHCP client of the deploy environment does with a lease.
case $1 in
  deconfig)
    ip -4 addr flush dev "$interface"
    ip link set "$interface" up
    ;;
  bound | renew)
    ip -4 addr flush dev "$interface"
    ip addr add "$ip/${mask:-24}" dev "$interface"
    [ -z "$mtu" ] || ip link set "$interface" mtu "$mtu"
    for gateway in $router; do
      # A /32 lease (clouds, some routed racks) has its gateway outside the subnet.
      ip route replace default via "$gateway" dev "$interface" ||
        ip route replace default via "$gateway" dev "$interface" onlink
      break
    done
    : >/etc/resolv.conf
    for server in $dns; do
      echo "nameserver $server" >>/etc/resolv.conf
    done
    ;;
esac
exit 0
