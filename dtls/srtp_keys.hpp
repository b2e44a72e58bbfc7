#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace lucid::dtls {

// IANA's "DTLS-SRTP Protection Profiles" (RFC 5764 4.1.2, RFC 7714 14.2).
enum class SrtpProfile : std::uint16_t {
  aes128_cm_sha1_80 = 0x0001,
  aead_aes_128_gcm = 0x0007,
  aead_aes_256_gcm = 0x0008,
};
std::string_view to_string(SrtpProfile profile);

// A master key and salt for srtp (RFC 3711 8.2).
struct SrtpKey {
  std::vector<std::uint8_t> key;
  std::vector<std::uint8_t> salt;
};
struct SrtpKeys {
  SrtpProfile profile;
  SrtpKey local;   // protects what this end sends
  SrtpKey remote;  // protects what the peer sends
};

}  // namespace lucid::dtls
