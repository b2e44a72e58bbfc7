# Every example explains itself with --help, and refuses an unknown option; --json, too, where --help
# does not tell of it.
set -euo pipefail
for example in build/release/examples/*; do
  [ -f "$example" ] && [ -x "$example" ] || continue
  help=$(timeout 10 "$example" --help)
  [ -n "$help" ] || { echo "$example --help prints nothing"; exit 1; }
  unknown=(--no-such-option)
  grep -q -- --json <<<"$help" || unknown+=(--json)
  for option in "${unknown[@]}"; do
    if timeout 10 "$example" "$option" >/dev/null 2>&1 </dev/null; then
      echo "$example accepts $option"
      exit 1
    fi
  done
done
