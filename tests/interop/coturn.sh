#!/usr/bin/env bash
# The TURN client against Debian's coturn on loopback: over UDP, TCP and TLS an allocation carries
# data between two agents; each refusal is told clearly.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./lib.bash
need turnserver openssl ice_wire nat_probe
coturn_prefix=() left_prefix=() right_prefix=()
port=34780 tls_port=34790
server=127.0.0.1 host_options=--loopback
second_server=127.0.0.2 left_address=127.0.0.1 expected_nat="no NAT" second_relay=::1
source ./turn_cases.bash

[ "$problems" = 0 ]
