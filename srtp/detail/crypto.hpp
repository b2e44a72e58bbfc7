#pragma once
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>

#include "core/bytes.hpp"
#include "core/handle.hpp"
#include "srtp/session.hpp"

namespace lucid::srtp::detail {

// RFC 3711 4.3.1: the labels of the keys derived from one master key, for RTP; SRTCP's are three
// more.
enum class Label : std::uint8_t { encryption = 0, authentication = 1, salt = 2 };
enum class Kind : std::uint8_t { rtp = 0, rtcp = 3 };

// RFC 3711 4.3.3, RFC 6188 3, RFC 7714 11: AES in counter mode as pseudo-random function, with a
// key derivation rate of zero. False when the library refuses the sizes.
bool derive(const MasterKey& master, Kind kind, Label label, core::MutableBytes out);

// Overwrites a secret that is needed no more. The library's own contexts do the same.
void wipe(core::MutableBytes secret);

using CipherContext = core::Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

// AES in counter mode (RFC 3711 4.1.1), its key expanded once.
class CounterMode {
 public:
  using Iv = std::array<std::uint8_t, 16>;

  bool set_key(core::Bytes key);
  // Both ways the same; `in` and `out` may be the same memory.
  bool crypt(const Iv& iv, core::Bytes in, std::uint8_t* out);

 private:
  CipherContext context_;
};

// AES-GCM with a 16-byte tag (RFC 7714 5), its key expanded once.
class Gcm {
 public:
  static constexpr std::size_t tag_size = 16;
  using Iv = std::array<std::uint8_t, 12>;
  // What is authenticated but not encrypted, in up to two parts.
  struct Associated {
    core::Bytes first;
    core::Bytes second{};
  };

  bool set_key(core::Bytes key, Direction direction);
  // Writes the cipher text and, behind it, the tag.
  bool seal(const Iv& iv, Associated associated, core::Bytes plain, std::uint8_t* out);
  // `tagged` ends with the tag. False when that is wrong: what was written is then worthless.
  bool open(const Iv& iv, Associated associated, core::Bytes tagged, std::uint8_t* out);

 private:
  bool begin(const Iv& iv, Associated associated);

  CipherContext context_;
};

// HMAC-SHA1 (RFC 2104) with the two keyed states kept: a packet starts from a copy of 96 bytes. The
// library's own keyed contexts allocate with each copy.
class HmacSha1 {
 public:
  using Digest = std::array<std::uint8_t, 20>;

  ~HmacSha1();
  void set_key(core::Bytes key);  // at most 64 bytes
  Digest sign(core::Bytes first, core::Bytes second) const;

 private:
  SHA_CTX inner_{};
  SHA_CTX outer_{};
};

}  // namespace lucid::srtp::detail
