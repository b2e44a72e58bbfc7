# A project outside the tree finds one module of an installed Lucid, by CMake and by pkg-config, and
# links nothing else.
set -euo pipefail
module=stun
[ -f "$module/CMakeLists.txt" ] || module=core
prefix=$PWD/build/consumer/prefix
rm -rf build/consumer
cmake --install build/release --prefix "$prefix" >/dev/null
test -f "$prefix/include/lucid/core/bytes.hpp"

cmake -S tests/consumer -B build/consumer/cmake -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DMODULE=$module >/dev/null
cmake --build build/consumer/cmake >/dev/null
build/consumer/cmake/consumer
loaded=$(cmake --build build/consumer/cmake -t clean >/dev/null; cmake --build build/consumer/cmake -v | grep -o 'liblucid-[a-z]*\.a' | sort -u)
for library in $loaded; do
  case $library in liblucid-core.a | liblucid-$module.a) ;; *) echo "the consumer of $module also links $library"; exit 1 ;; esac
done

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig:$(echo "$prefix"/lib/*/pkgconfig)
# shellcheck disable=SC2046
g++ -std=c++23 -DMODULE_$module tests/consumer/main.cpp -o build/consumer/by_pkg_config $(pkg-config --static --cflags --libs lucid-$module)
build/consumer/by_pkg_config

if cmake -S tests/consumer -B build/consumer/wrong -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DMODULE=nonsense >/dev/null 2>&1; then
  echo "find_package found a component that does not exist"
  exit 1
fi
