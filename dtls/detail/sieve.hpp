#pragma once
#include <cstddef>

#include "core/bytes.hpp"

namespace lucid::dtls::detail {

// A datagram as far as it consists of records that OpenSSL may see.
struct Sifted {
  core::Bytes sound;
  std::size_t encrypted = 0;  // records in it that have to be opened
  bool cut = false;           // something else followed
};

// RFC 6347 4.1.2.7: a record that is not valid is dropped, and the association goes on. OpenSSL
// 3.0 ends it over records that anybody can write: application data in the clear, types that there
// are not, cipher text shorter than what its cipher adds, and a warning in the clear, which it
// reads five times (its issue 25444). They are kept from it.
Sifted sift(core::Bytes datagram, std::size_t smallest_cipher_text);

}  // namespace lucid::dtls::detail
