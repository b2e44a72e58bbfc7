# Counting results across programs. A step writes build/results/STEP.tsv, one line a test:
#   passed|failed|skipped <TAB> NAME <TAB> REASON
# and ./test adds all of them up.
RESULTS=build/results

results_begin() { mkdir -p "$RESULTS"; results_file=$RESULTS/$1.tsv; : >"$results_file"; results_failed=0; }
passed() { printf 'passed\t%s\t\n' "$1" >>"$results_file"; }
skipped() { printf 'skipped\t%s\t%s\n' "$1" "$2" >>"$results_file"; echo "SKIPPED $1: $2"; }
failed() {  # NAME OUTPUT
  printf 'failed\t%s\t\n' "$1" >>"$results_file"
  results_failed=1
  echo "FAILED $1"
  printf '%s\n' "$2" | tail -n 80 | sed 's/^/    /'
}
# A script that exits with 77 is skipped; its last line of output is the reason. It has results of its
# own, so that several can run at once.
run_script() {  # GROUP FILE
  local name output
  name=$(basename "$2" .sh)
  results_begin "$1-$name"
  output=$(timeout 240 bash "$2" 2>&1)
  case $? in
    0) passed "$1/$name" ;;
    77) skipped "$1/$name" "$(tail -n 1 <<<"$output")" ;;
    *) failed "$1/$name" "$output" ;;
  esac
  results_end
}
results_end() { [ "$results_failed" = 0 ]; }
