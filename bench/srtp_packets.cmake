pkg_check_modules(bench_libcrypto REQUIRED IMPORTED_TARGET libcrypto)
set(deps PkgConfig::bench_libcrypto)
