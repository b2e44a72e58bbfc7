find_package(OpenSSL REQUIRED COMPONENTS Crypto)
list(APPEND deps OpenSSL::Crypto)
