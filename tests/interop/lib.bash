# For the scripts beside it: a scratch folder, programs that are ended by their ids, coturn, pairs of
# ice_wire. What a script needs and does not find, it is skipped for: exit status 77, reason last.
scratch=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
  declare -F tear_down >/dev/null && tear_down
  rm -rf "$scratch"
}
trap finish EXIT
need() { for tool in "$@"; do command -v "$tool" >/dev/null || { echo "$tool is not installed"; exit 77; }; done; }
problems=0
passed() { echo "ok: $*"; }
wrong() {
  echo "FAILED: $*"
  problems=$((problems + 1))
}
expect() {  # FILE TEXT WHAT
  if grep -qF -- "$2" "$1"; then passed "$3"; else wrong "$3: no \"$2\" in:"; tail -n 40 "$1" 2>/dev/null | sed 's/^/    /'; fi
}

# coturn IP OPTION...: started, and waited for; its id in $coturn_pid, what it says in $coturn_log.
coturn() {
  local ip=$1
  shift
  coturn_log=$scratch/coturn.$RANDOM.log
  "${coturn_prefix[@]}" turnserver -n --no-cli --no-multicast-peers --listening-ip "$ip" --relay-ip "$ip" --realm lucid.test \
    --lt-cred-mech --user user:secret --listening-port "${port:-3478}" --tls-listening-port "${tls_port:-5349}" \
    --log-file stdout --pidfile "$scratch/coturn.pid" --userdb "$scratch/turn.db" --verbose "$@" >"$coturn_log" 2>&1 &
  coturn_pid=$!
  pids+=("$coturn_pid")
  for _ in {1..100}; do
    grep -qs "Total General servers" "$coturn_log" && { sleep 0.1; return; }
    sleep 0.05
  done
  wrong "coturn does not start:"
  sed 's/^/    /' "$coturn_log"
  exit 1
}
end_coturn() { kill -9 "$coturn_pid"; wait "$coturn_pid" 2>/dev/null; }

# pair NAME [OPTION]... -- [OPTION]...: two ice_wires, what they say in $scratch/NAME.left and .right,
# their ids in $left and $right. $left_prefix and $right_prefix are where they run.
pair() {
  local name=$1 options=()
  shift
  mkfifo "$scratch/$name.to_left" "$scratch/$name.to_right"
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  "${left_prefix[@]}" ice_wire controlling "${options[@]}" <>"$scratch/$name.to_left" >"$scratch/$name.to_right" 2>"$scratch/$name.left" &
  left=$!
  "${right_prefix[@]}" ice_wire controlled "$@" <>"$scratch/$name.to_right" >"$scratch/$name.to_left" 2>"$scratch/$name.right" &
  right=$!
  pids+=("$left" "$right")
}
wait_for() {  # FILE TEXT
  for _ in {1..200}; do grep -qsF -- "$2" "$1" && return; sleep 0.05; done
}
# Both end well, each having heard the other.
expect_greetings() {  # NAME WHAT
  local status=0
  wait "$left" || status=1
  wait "$right" || status=1
  if [ $status = 0 ] && grep -q ^received: "$scratch/$1.left" && grep -q ^received: "$scratch/$1.right"; then
    passed "$2"
  else
    wrong "$2:"
    sed 's/^/    left: /' "$scratch/$1.left"
    sed 's/^/    right: /' "$scratch/$1.right"
  fi
}
