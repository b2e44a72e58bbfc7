pkg_check_modules(bench_openssl REQUIRED IMPORTED_TARGET openssl)
set(deps PkgConfig::bench_openssl)
