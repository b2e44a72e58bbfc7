#pragma once
#include <openssl/ssl.h>

#include "core/handle.hpp"
#include "net/tls.hpp"

namespace lucid::net::detail {

struct TlsState {
  core::Handle<SSL_CTX, SSL_CTX_free> context;
};

}  // namespace lucid::net::detail
