# scripts/setup on machines that are not like this one: nothing installed, no network, no root, packages
# that do not exist. apt-get, dpkg-query, sudo and id are stand-ins that obey a few files.
set -euo pipefail
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/scripts" "$copy/bin" "$copy/state"
cp scripts/setup scripts/packages.txt "$copy/scripts/"
for tool in bash env dirname sed grep awk cat mkdir rm find tail head touch; do ln -s "$(command -v $tool)" "$copy/bin/$tool"; done
fake() { cat >"$copy/bin/$1"; chmod +x "$copy/bin/$1"; }
fake id <<'X'
#!/usr/bin/env bash
cat "$STATE/uid"
X
fake dpkg-query <<'X'
#!/usr/bin/env bash
# Like the real one: says nothing of packages it never heard of, and then fails.
status=0
for name in "${@:4}"; do grep -qxF "$name" "$STATE/installed" && echo "ii  $name" || status=1; done
exit $status
X
fake apt-get <<'X'
#!/usr/bin/env bash
echo "$*" >>"$STATE/calls"
[ ! -e "$STATE/no_network" ] || { echo "E: Failed to fetch http://deb/x  Temporary failure resolving 'deb'"; exit 100; }
[ "$1" = install ] || exit 0
for name in "$@"; do
  case $name in install | -*) continue ;; esac
  ! grep -qxF "$name" "$STATE/unknown" || { echo "E: Unable to locate package $name"; exit 100; }
done
for name in "$@"; do case $name in install | -*) ;; *) echo "$name" >>"$STATE/installed" ;; esac; done
X

machine() {  # UID: a fresh one
  rm -rf "$copy/state" "$copy/build" "$copy/bin/sudo"
  mkdir "$copy/state"
  touch "$copy/state/installed" "$copy/state/unknown" "$copy/state/calls"
  echo "$1" >"$copy/state/uid"
}
setup() { output=$(cd "$copy" && STATE=$copy/state PATH=$copy/bin bash scripts/setup "$@" 2>&1) && status=0 || status=$?; }
expect() {  # STATUS PATTERN
  [ "$status" = "$1" ] || { echo "status $status instead of $1: $output"; exit 1; }
  grep -qE -- "$2" <<<"$output" || { echo "'$2' is not in: $output"; exit 1; }
}
lines() { [ "$(grep -c . <<<"$output")" = "$1" ] || { echo "not $1 lines: $output"; exit 1; }; }
installed() { grep -qxF "$1" "$copy/state/installed" || { echo "$1 was not installed"; exit 1; }; }
calls() { [ "$(grep -c . "$copy/state/calls" || true)" = "$1" ] || { echo "apt-get was not called $1 times: $(cat "$copy/state/calls")"; exit 1; }; }

# Nothing there: all is installed, with one call to refresh and one for each group. Again: nothing to do.
machine 0
setup
expect 0 'setup: installing for build: g\+\+ cmake'
installed libssl-dev && installed chromium
groups=$(grep -c '^\[' scripts/packages.txt)
calls $((groups + 1))
setup
expect 0 '^$'
calls $((groups + 1))

# A user with sudo.
machine 1000
printf '#!/usr/bin/env bash\nexec "$@"\n' >"$copy/bin/sudo"
chmod +x "$copy/bin/sudo"
setup build
expect 0 'installing for build'
installed ninja-build

# A user without: one sentence; packages that are optional are left out, and the rest is done.
machine 1000
setup build engines
expect 1 '^setup: packages are missing \(g\+\+ .*\), and installing them needs root or sudo$'
lines 1
calls 0
awk '/^\[build\]/,/^\[engines\]/' scripts/packages.txt | grep -v '^[[#]' | tr ' ' '\n' >"$copy/state/installed"
setup build protocols program engines
expect 0 'setup: libvpx-dev cannot be installed \(it needs root or sudo\); what needs it is left out'
setup build protocols program engines
expect 0 '^$'

# No network: what is needed stops it with the reason; what is optional is named, once a day.
machine 0
touch "$copy/state/no_network"
setup build
expect 1 '^setup: could not install g\+\+ .*: E: Failed to fetch .* Temporary failure resolving'
machine 0
touch "$copy/state/no_network"
setup engines
expect 0 'libsrtp2-dev cannot be installed \(E: Failed to fetch'
before=$(grep -c . "$copy/state/calls")
setup engines
expect 0 '^$'
calls "$before"

# A package that does not exist, needed and optional.
machine 0
echo libusrsctp-dev >"$copy/state/unknown"
setup protocols
expect 1 '^setup: could not install libssl-dev .*: E: Unable to locate package libusrsctp-dev$'
machine 0
echo libaom-dev >"$copy/state/unknown"
setup engines
expect 0 'setup: libaom-dev cannot be installed \(E: Unable to locate package libaom-dev\); what needs it is left out'
installed libvpx-dev && installed libhiredis-dev

# A group that does not exist, and a system that is not Debian.
machine 0
setup nonsense
expect 1 "there is no group 'nonsense'"
rm "$copy/bin/dpkg-query"
setup
expect 1 'this is not a Debian system'
