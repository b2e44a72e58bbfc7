# The checks are real: each fault is planted in a copy of the tree, and the check that is there for it
# fails and names the place.
set -euo pipefail
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done |
  tar -c --null -T - | tar -x -C "$copy"
cd "$copy"
git init -q && git add -A  # some checks ask git for their files

archive() {  # compiles core/check.cpp as the one member of core's archive
  mkdir -p build/dev/core
  g++ -std=c++23 -I. -c core/check.cpp -o build/dev/core/check.o
  rm -f build/dev/core/liblucid-core.a
  ar rc build/dev/core/liblucid-core.a build/dev/core/check.o
}
passes() {  # CHECK...
  local output
  output=$("$@" 2>&1) || { echo "$* fails on the tree as it is: $output"; exit 1; }
}
notices() {  # FAULT PATTERN FILE CHECK...: the fault is appended to the file, and taken away again
  local fault=$1 pattern=$2 file=$3 output before
  shift 3
  before=$(mktemp -p "$copy")
  [ ! -e "$file" ] || cp "$file" "$before"
  printf '%b\n' "$fault" >>"$file"
  [ "$file" != core/check.cpp ] || archive
  if output=$("$@" 2>&1); then echo "$* does not notice in $file: $fault"; exit 1; fi
  grep -qE "$pattern" <<<"$output" || { echo "$* fails, but does not say '$pattern': $output"; exit 1; }
  cp "$before" "$file"
}

archive
for check in check-layers check-sans-io check-budgets check-links "rfc-index --check"; do
  # shellcheck disable=SC2086
  passes scripts/$check
done

notices '#include "ice/agent.hpp"' 'core/bytes.cpp:.*core may not include ice/' core/bytes.cpp scripts/check-layers
notices '#include <peer/peer_connection.hpp>' 'ice/agent.hpp:.*ice may not include peer/' ice/agent.hpp scripts/check-layers
notices '#include "../ice/agent.hpp"' 'dtls/session.cpp:.*dtls may not' dtls/session.cpp scripts/check-layers
notices '#include <openssl/ssl.h>' 'dtls/session.hpp:.*a public header shows a library' dtls/session.hpp scripts/check-layers

now='#include <chrono>\nnamespace lucid::core { long tell() { return std::chrono::steady_clock::now().time_since_epoch().count(); } }'
notices "$now" 'core/check: uses std::chrono::_V2::steady_clock::now' core/check.cpp scripts/check-sans-io
notices '#include <unistd.h>\nlong a() { char c; return ::read(0, &c, 1); }' 'core/check: uses read' core/check.cpp scripts/check-sans-io
notices '#include <random>\nint b() { return static_cast<int>(std::random_device{}()); }' 'uses std::random_device' core/check.cpp scripts/check-sans-io
notices 'inline auto c() { return std::chrono::system_clock::now(); }' 'core/time.hpp:[0-9]+: ' core/time.hpp scripts/check-sans-io
archive

notices "$(printf '// line\\n%.0s' {1..401})" 'core/check.cpp: 4[0-9]+ lines, the budget is 400' core/check.cpp scripts/check-budgets
notices '[lost](docs/nowhere.md)' 'README.md.*nowhere' README.md scripts/check-links
notices '// RFC 9999 7.7.7: nobody tests this.' 'core/check.cpp:.*RFC 9999 7.7.7' core/check.cpp scripts/rfc-index --check
