# What a TURN client must do with coturn at $server, whatever lies between: sourced by the scripts
# beside it, which set $server, $port, $tls_port, $host_options and the prefixes.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$scratch/key.pem" -out "$scratch/cert.pem" \
  -days 2 -subj /CN=lucid.test -addext "subjectAltName=IP:$server" 2>/dev/null
first_port=$port
common=(--allow-loopback-peers --cert "$scratch/cert.pem" --pkey "$scratch/key.pem")
turn() { echo "$host_options --relay --ca $scratch/cert.pem --turn $1 $server $([ "$1" = tls ] && echo $tls_port || echo $port) user ${2:-secret}"; }

# Nonces that live a second, allocations that live four: all is renewed on the way, with stale nonces.
coturn $server "${common[@]}" --stale-nonce=1 --max-allocate-lifetime=4
for transport in udp tcp tls; do pair $transport $(turn $transport) --stay 4 -- $(turn $transport) --stay 4; sets+=("$transport $left $right"); done
for set in "${sets[@]}"; do
  read -r transport left right <<<"$set"
  expect_greetings "$transport" "data through allocations over $transport, for longer than these last"
  expect "$scratch/$transport.left" "selected: relay/relay" "over $transport the pair is relay to relay"
done
expect "$coturn_log" "error 438" "nonces went stale on the way"

pair password $(turn udp guess) -- $(turn udp guess)
wait_for "$scratch/password.left" server:
kill "$left" "$right" 2>/dev/null
expect "$scratch/password.left" "server: 401 TURN allocation at turn:$server ($server:$first_port over udp) failed: the server answered 401" "a wrong password is told"
expect "$scratch/password.left" "check user name and password" "and what to do about it"

pair name $host_options --relay --turn tls $server $tls_port user secret -- $host_options
wait_for "$scratch/name.left" server:
kill "$left" "$right" 2>/dev/null
expect "$scratch/name.left" "certificate" "a certificate of nobody we trust is told"

# It vanishes: noticed by the errors that come back on UDP, by the end of the connection on TCP.
pair vanish $(turn udp) --stay 60 -- $(turn tcp) --stay 60
wait_for "$scratch/vanish.left" received:
end_coturn
wait_for "$scratch/vanish.left" server:
wait_for "$scratch/vanish.right" server:
expect "$scratch/vanish.left" "server: 701 TURN refresh at turn:$server ($server:$first_port over udp) failed: the way to the server broke" "over UDP a server that vanishes is told"
expect "$scratch/vanish.right" "server: 701 TURN refresh at turn:$server ($server:$first_port over tcp) failed: the way to the server broke" "over TCP too"
kill "$left" "$right" 2>/dev/null

port=$((first_port + 1)) tls_port=$((tls_port + 1))
coturn $server "${common[@]}" --user-quota=1
pair quota $(turn udp) --stay 60 -- $host_options
wait_for "$coturn_log" "ALLOCATE processed, success"
before=("$left" "$right")
pair over $(turn udp) -- $host_options
wait_for "$scratch/over.left" server:
expect "$scratch/over.left" "server: 486 TURN allocation at turn:$server" "a full quota is told"
kill "$left" "$right" "${before[@]}" 2>/dev/null

# The REST scheme: user names that say until when, passwords made of them by a secret.
port=$((first_port + 20)) tls_port=$((tls_port + 20))
coturn "$server" "${common[@]}" --use-auth-secret --static-auth-secret=secret ${second_relay:+--relay-ip "$second_relay"}
limited() {  # SECONDS
  local name=$(($(date +%s) + $1)):user
  echo "$host_options --relay --turn udp $server $port $name $(printf %s "$name" | openssl dgst -sha1 -hmac secret -binary | base64)"
}
pair limited $(limited 60) -- $(limited 60)
expect_greetings limited "time-limited credentials"
pair expired $(limited -60) -- $host_options
wait_for "$scratch/expired.left" server:
kill "$left" "$right" 2>/dev/null
expect "$scratch/expired.left" "server: 401 TURN allocation" "and once they have expired"
if [ -n "${second_relay:-}" ]; then
  wait_for "$coturn_log" "IPv6. Local relay addr"
  expect "$coturn_log" "IPv6. Local relay addr: $second_relay" "one request gives a relayed address of each family"
fi

# RFC 5780: coturn with two addresses, and our nat_probe.
if [ -n "${second_server:-}" ]; then
  port=$((first_port + 10)) tls_port=$((tls_port + 10))
  coturn "$server" "${common[@]}" --listening-ip "$second_server"
  "${left_prefix[@]}" nat_probe --from "$left_address" "$server:$port" >"$scratch/probe" 2>&1 &
  probe=$!
  pids+=("$probe")
fi

# One that sends everybody to the other.
port=$((first_port + 2)) tls_port=$((tls_port + 1))
coturn $server "${common[@]}" --alternate-server $server:$((first_port + 3))
alternate=$port
port=$((first_port + 3)) tls_port=$((tls_port + 1))
coturn $server "${common[@]}"
port=$alternate
pair alternate $(turn udp) -- $(turn tcp)
expect_greetings alternate "a server that sends us to another is followed"
wait_for "$coturn_log" "lifetime=0"
expect "$coturn_log" "lifetime=0" "an allocation is given back at the end"


if [ -n "${second_server:-}" ]; then
  wait "$probe"
  expect "$scratch/probe" "that is      $expected_nat" "nat_probe finds: $expected_nat"
fi
