#pragma once
#include <openssl/bio.h>

namespace lucid::net::detail {

// OpenSSL's way to a non-blocking socket that it does not own. Its own one writes in a way that
// ends the process by SIGPIPE when the other end has gone.
BIO* new_socket_bio(int fd);

}  // namespace lucid::net::detail
