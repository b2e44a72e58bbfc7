# For the scripts beside it, whose programs write into $place.
says() {  # TEXT COMMAND...
  local output
  output=$("${@:2}")
  grep -q -- "$1" <<<"$output" && return
  echo "no $1 from ${*:2}:"
  echo "$output"
  exit 1
}

wait_for() {  # FILE TEXT
  for _ in $(seq 200); do
    grep -q "$2" "$place/$1" && return
    sleep 0.05
  done
  echo "no $2 from $1:"
  cat "$place/$1"
  exit 1
}
