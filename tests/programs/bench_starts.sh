# Each benchmark program starts and has benchmarks in it. Their numbers are for scripts/bench.
set -euo pipefail
for program in build/release/bench/bench_*; do
  [ -x "$program" ] || continue
  [ -n "$("$program" --benchmark_list_tests)" ] || { echo "$program has no benchmarks"; exit 1; }
done
