# Each benchmark program starts and has benchmarks in it. Their numbers are for scripts/bench.
set -euo pipefail
for program in build/release/bench/bench_*; do
  [ -x "$program" ] || continue
  "$program" --benchmark_list_tests | grep -q . || { echo "$program has no benchmarks"; exit 1; }
done
