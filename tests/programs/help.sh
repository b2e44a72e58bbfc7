# Every example explains itself with --help, and refuses an unknown option.
set -euo pipefail
for example in build/release/examples/*; do
  [ -f "$example" ] && [ -x "$example" ] || continue
  [ -n "$(timeout 10 "$example" --help)" ] || { echo "$example --help prints nothing"; exit 1; }
  if timeout 10 "$example" --no-such-option >/dev/null 2>&1 </dev/null; then
    echo "$example accepts --no-such-option"
    exit 1
  fi
done
