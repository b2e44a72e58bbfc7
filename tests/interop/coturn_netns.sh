#!/usr/bin/env bash
# The same as coturn.sh, and more, behind real NATs: two clients in network namespaces of their own,
# each behind a namespace that translates by nftables, and coturn on the network outside.
#
#   left 10.1.0.2 -- NAT 198.51.100.11 --+-- coturn 198.51.100.1
#   right 10.2.0.2 - NAT 198.51.100.12 --+
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./lib.bash
need turnserver openssl ice_wire nat_probe ip nft
[ "$(id -u)" = 0 ] || { echo "network namespaces need root"; exit 77; }
ns=lucid$$
tear_down() { for each in left right nat1 nat2 out; do ip netns del "$ns$each" 2>/dev/null; done; }
ip netns add "${ns}out" 2>/dev/null || { echo "no network namespaces here"; exit 77; }
for each in left right nat1 nat2; do ip netns add "$ns$each"; done
in_ns() { ip netns exec "$ns$1" "${@:2}"; }
for each in left right nat1 nat2 out; do in_ns $each ip link set lo up; done
in_ns out ip link add bridge type bridge
in_ns out ip addr add 198.51.100.1/24 dev bridge
in_ns out ip addr add 198.51.100.2/24 dev bridge
in_ns out ip link set bridge up
# coturn 4.6 drops an allocation when a packet to its peer finds no route at all.
in_ns out ip route add default dev bridge
home() {  # NUMBER CLIENT
  local nat=nat$1
  ip -n "$ns$2" link add eth0 type veth peer name inside netns "$ns$nat"
  ip -n "$ns$nat" link add outside type veth peer name "port$1" netns "${ns}out"
  in_ns "$2" ip addr add "10.$1.0.2/24" dev eth0
  in_ns $nat ip addr add "10.$1.0.1/24" dev inside
  in_ns $nat ip addr add "198.51.100.1$1/24" dev outside
  in_ns out ip link set "port$1" master bridge up
  in_ns "$2" ip link set eth0 up
  in_ns $nat ip link set inside up
  in_ns $nat ip link set outside up
  in_ns "$2" ip route add default via "10.$1.0.1"
  in_ns $nat sysctl -qw net.ipv4.ip_forward=1
}
home 1 left
home 2 right
# A port is kept where it is free, so that the NAT looks like a port-restricted cone; with
# fully-random each destination sees another port, as behind a symmetric one.
# What comes unasked is dropped at once: were it tracked, it would take the port that the other way needs.
nat() {  # NUMBER MASQUERADE-OPTIONS [FORWARD-RULE]
  in_ns "nat$1" nft -f - <<<"flush ruleset
    table ip lucid {
      chain in { type filter hook input priority filter; iifname outside drop; }
      chain out { type nat hook postrouting priority srcnat; oifname outside masquerade $2; }
      chain through { type filter hook forward priority filter; ct state established,related accept; iifname outside drop; ${3:-} }
    }" || { echo "nft cannot translate here"; exit 77; }
}
coturn_prefix=(ip netns exec "${ns}out") left_prefix=(ip netns exec "${ns}left") right_prefix=(ip netns exec "${ns}right")
server=198.51.100.1 port=3478 tls_port=5349 host_options=--no-tcp
second_server=198.51.100.2 left_address=10.1.0.2 expected_nat=symmetric

nat 1 fully-random
nat 2 fully-random
source ./turn_cases.bash

# Both kinds of help; the pair chosen is what theory says of the NATs.
port=3488 tls_port=5359
coturn $server --listening-ip $second_server --cert "$scratch/cert.pem" --pkey "$scratch/key.pem"
all() { echo "$host_options --ca $scratch/cert.pem --stun $server $port --turn udp $server $port user secret --turn ${1:-tcp} $server $([ "${1:-}" = tls ] && echo $tls_port || echo $port) user secret"; }
meet() {  # NAME WHAT RELAYED
  pair "$1" $(all) --stay 1 -- $(all tls) --stay 1
  expect_greetings "$1" "$2"
  local last
  last=$(grep ^selected: "$scratch/$1.left" | tail -n 1)
  if [ "$(grep -c relay <<<"$last")" = "$3" ]; then passed "$2: $last"; else wrong "$2: $last"; fi
}
nat 1 ""
nat 2 ""
ip netns exec "${ns}left" nat_probe --from 10.1.0.2 "$server:$port" >"$scratch/probe2" 2>&1 &
probe=$!
meet cones "two cones meet without a relay" 0
wait "$probe"
expect "$scratch/probe2" "that is      port-restricted" "nat_probe finds: port-restricted"
nat 1 fully-random
meet mixed "a symmetric NAT and a port-restricted one meet over a relay" 1
nat 2 fully-random
meet symmetric "two symmetric NATs meet over a relay" 1
nat 2 "" "meta l4proto udp drop;"
meet blocked "behind a firewall without UDP the relay is reached over TLS" 1

[ "$problems" = 0 ]
