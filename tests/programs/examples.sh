# The examples of sessions do what they say: descriptions are explained, checked and answered; two
# terminals talk after one paste each; crossed offers end in a connection; an echo echoes.
set -euo pipefail
source tests/programs/lib.bash
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
vectors=tests/vectors/sdp

echo "== sdp_explain"
offer=$vectors/chromium/audio-video.offer.sdp
says a=mid:0 sdp_explain "$offer"
sdp_explain --check "$offer" $vectors/sip/fax.offer.sdp | cmp - <(printf 'ok\nok\n')
sdp_explain --roundtrip $vectors/sip/unix-text.offer.sdp | cmp - $vectors/sip/unix-text.offer.sdp
says '^m=video 9 UDP/TLS/RTP/SAVPF' sdp_explain --answer "$offer"
sed 's/^a=setup:.*/a=setup:both\r/' "$offer" >"$place/bad"
status=0
sdp_explain --check "$offer" "$place/bad" >"$place/verdicts" || status=$?
[ $status = 1 ]
grep -qE '^error [0-9]+:[0-9]+ setup: ' "$place/verdicts"
[ "$(wc -l <"$place/verdicts")" = 2 ]
candidate='candidate:842163049 1 udp 1677729535 192.168.1.100 54321 typ srflx raddr 10.0.0.1 rport 5000 generation 0 network-cost 999'
says 'network-cost 999' sdp_explain --candidate "$candidate"
! sdp_explain --candidate 'candidate:1 1 udp' 2>/dev/null

echo "== perfect_negotiation"
perfect_negotiation 4 >"$place/glare"
grep -q 'ignores it' "$place/glare"
tail -n 1 "$place/glare" | grep -q 'connection connected'

# Each end has its input on a pipe; what it prints of signaling is the other's to read.
start() {  # NAME COMMAND...
  local name=$1
  shift
  mkfifo "$place/$name.in"
  : >"$place/$name"
  timeout 30 "$@" <"$place/$name.in" >"$place/$name" 2>"$place/$name.said" &
}

echo "== copy_paste"
start ann copy_paste --offer
start bob copy_paste
exec 3>"$place/ann.in" 4>"$place/bob.in"
wait_for ann '"candidates"'
python3 -c 'import json, sys; it = json.loads(open(sys.argv[1]).readline()); assert it["sdp"]["type"] == "offer" and it["candidates"], it' "$place/ann"
head -n 1 "$place/ann" >&4
wait_for bob '"candidates"'
head -n 1 "$place/bob" >&3
wait_for bob.said 'Type away'
wait_for ann.said 'Type away'
echo "hello from ann" >&3
echo "hello from bob" >&4
wait_for bob '< hello from ann'
wait_for ann '< hello from bob'
exec 3>&- 4>&-
wait

echo "== data_channel_echo"
start echoed data_channel_echo --offer
start echoer data_channel_echo
exec 3>"$place/echoed.in" 4>"$place/echoer.in"
tail -n +1 -F "$place/echoed" 2>/dev/null >&4 & one=$!
tail -n +1 -F "$place/echoer" 2>/dev/null >&3 & other=$!
wait_for echoed '"event":"open"'
wait_for echoer '"event":"open"'
kill $one $other
wait $one $other 2>/dev/null || true
exec 3>&- 4>&-
wait
