# A project outside the tree finds one module of an installed Lucid, by CMake and by pkg-config, links
# it with what it stands on and nothing else, and its program works.
set -euo pipefail
declare -A stands_on=([stun]="core" [ice]="core stun" [dtls]="core" [srtp]="core" [sctp]="core" [sdp]="core" [rtp]="core")
modules=(stun ice dtls srtp sctp sdp rtp)
out=$PWD/build/consumer
prefix=$out/prefix
rm -rf "$out"
cmake --install build/release --prefix "$prefix" >/dev/null
test -f "$prefix/include/lucid/core/bytes.hpp"
cp -r tests/consumer "$out/project"  # where no header of the tree can be found by chance

cmake -S "$out/project" -B "$out/cmake" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DMODULES="$(IFS=';'; echo "${modules[*]}")" >/dev/null
cmake --build "$out/cmake" >/dev/null
for module in "${modules[@]}"; do
  "$out/cmake/$module/uses_$module" || { echo "the consumer of $module fails"; exit 1; }
  for library in $(ninja -C "$out/cmake" -t commands "uses_$module" | grep -o 'liblucid-[a-z]*\.a' | sort -u); do
    name=${library#liblucid-}
    [[ " $module ${stands_on[$module]} " == *" ${name%.a} "* ]] || { echo "the consumer of $module also links $library"; exit 1; }
  done
done

PKG_CONFIG_PATH=$prefix/lib/pkgconfig:$(echo "$prefix"/lib/*/pkgconfig)
export PKG_CONFIG_PATH
by_pkg_config() {  # MODULE
  # shellcheck disable=SC2046
  g++ -std=c++23 "$out/project/$1.cpp" -o "$out/by_pkg_config_$1" $(pkg-config --cflags --libs "lucid-$1")
  "$out/by_pkg_config_$1" || { echo "the consumer of $1 by pkg-config fails"; return 1; }
}
export -f by_pkg_config
export out
printf '%s\n' "${modules[@]}" | xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'by_pkg_config {}'

if cmake -S "$out/project" -B "$out/wrong" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DMODULES=nonsense >/dev/null 2>&1; then
  echo "find_package found a component that does not exist"
  exit 1
fi
