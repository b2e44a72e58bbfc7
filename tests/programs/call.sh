# Two `lucid call` talk to each other through `lucid serve` in each dialect; one hands a file to the
# other; bundles do without a server; the statuses to leave with are as documented.
set -euo pipefail
source tests/programs/lib.bash
place=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" || true; }
  rm -rf "$place"
}
trap finish EXIT

lucid serve --host 127.0.0.1 --port 0 >"$place/serve.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  url=$(sed -n 's#.*http://localhost:\([0-9]*\)/.*#ws://127.0.0.1:\1#p' "$place/serve.log" | head -n 1)
  [ -n "$url" ] && break
  sleep 0.05
done
[ -n "$url" ] || { cat "$place/serve.log"; exit 1; }

# The last line is a summary in which all of these are more than nothing.
summary() {  # FILE KEY...
  python3 - "$@" <<'PYTHON'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1]) if line.strip()]
last = lines[-1]
assert last["event"] == "summary", last
for key in sys.argv[2:]:
    value = last
    for part in key.split("."):
        value = value[part]
    assert value > 0, (key, last)
PYTHON
}

pair() {  # DIALECT ANN'S OPTIONS... -- BOB'S OPTIONS...
  local dialect=$1 ann=() bob=()
  shift
  while [ "$1" != -- ]; do ann+=("$1"); shift; done
  shift
  bob=("$@")
  echo "== $dialect: ${ann[*]} -- ${bob[*]}"
  timeout 30 lucid call --server "$url" --dialect "$dialect" --name bob --seconds 1.5 --json "${bob[@]}" \
    </dev/null >"$place/bob" &
  local other=$!
  wait_for bob '"event":"ready"'  # a broadcast reaches only those who are there
  timeout 30 lucid call --server "$url" --dialect "$dialect" --name ann --seconds 1 --json "${ann[@]}" \
    </dev/null >"$place/ann" || { cat "$place/ann"; exit 1; }
  wait $other || { cat "$place/bob"; exit 1; }
  for name in ann bob; do
    summary "$place/$name" framesDecoded framesSent packetsReceived connect.connected ||
      { cat "$place/$name"; exit 1; }
  done
}

head -c 200000 /dev/urandom >"$place/file"
mkdir "$place/in"
pair chat --to bob --data "$place/file" --snapshot "$place/seen.png" -- --answer auto --download "$place/in" --record "$place/call.webm"
cmp "$place/file" "$place/in/file"
[ -s "$place/seen.png" ] && [ -s "$place/call.webm" ]
pair chat --to bob --no-trickle --codec VP9 -- --answer auto --no-trickle
pair broadcast --to somebody -- --answer auto
pair broadcast --to somebody --envelope -- --answer auto
pair rooms --room blue -- --room blue
pair socketio --room red -- --room red

echo "== commands on standard input"
timeout 30 lucid call --server "$url" --name bob --json --seconds 20 </dev/null >"$place/bob" &
other=$!
mkfifo "$place/commands"
timeout 30 lucid call --server "$url" --name ann --json <"$place/commands" >"$place/ann" &
driven=$!
exec 3>"$place/commands"
wait_for bob '"event":"ready"'
wait_for ann '"bob"'
echo "call nobody" >&3
wait_for ann '"command":"call nobody","event":"error"'
echo "call bob" >&3
wait_for bob '"event":"ring"'
kill -INT $other   # an interrupt while it rings: nothing was opened, and ann is told
wait $other || { echo "an interrupted caller left with $?"; exit 1; }
echo "quit" >&3
exec 3>&-
wait $driven || { cat "$place/ann"; exit 1; }
wait_for ann '"command":"quit","event":"done"'

echo "== bundles"
export XDG_RUNTIME_DIR=$place
timeout 30 lucid bundle offer --json --seconds 1 </dev/null >"$place/ann" &
driven=$!
wait_for ann '"event":"bundle"'
line() { python3 -c 'import json, sys; print(next(e["line"] for e in map(json.loads, open(sys.argv[1])) if e["event"] == "bundle"))' "$1"; }
timeout 30 lucid bundle answer "$(line "$place/ann")" --json --seconds 1 </dev/null >"$place/bob" &
other=$!
wait_for bob '"event":"bundle"'
line "$place/bob" | lucid bundle finish
wait $driven || { cat "$place/ann"; exit 1; }
wait $other || { cat "$place/bob"; exit 1; }
for name in ann bob; do summary "$place/$name" framesDecoded framesSent connect.connected; done

echo "== statuses"
status() {  # WANTED COMMAND...
  local wanted=$1 got=0
  shift
  timeout 40 "$@" </dev/null >"$place/out" 2>&1 || got=$?
  [ $got = "$wanted" ] || { echo "$* left with $got, not $wanted"; cat "$place/out"; exit 1; }
}
status 2 lucid call --no-such-option
status 2 lucid call --dialect morse
status 2 lucid call --server "$url" --codec nonsense
status 2 lucid call --server "$url" --ice-server nonsense
status 2 lucid bundle answer nonsense
status 1 lucid bundle finish "$(line "$place/bob")"
status 0 lucid call --help

echo "== loop"
lucid loop --seconds 1 --snapshot "$place/loop.png" >"$place/out" || { cat "$place/out"; exit 1; }
grep -q "pictures seen" "$place/out" && [ -s "$place/loop.png" ]
lucid loop --sim loss=5,delay=40ms,rate=1mbit --seconds 2 --json --snapshot "" >"$place/ann"
lucid loop --sim loss=5,delay=40ms,rate=1mbit --seconds 2 --json --snapshot "" >"$place/bob"
cmp <(sed 's/,"took":[0-9.]*//' "$place/ann") <(sed 's/,"took":[0-9.]*//' "$place/bob") # twice the same
