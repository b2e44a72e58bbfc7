#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lucid::srtp {

// How packets are protected. The first four can be agreed on over DTLS (RFC 5764 4.1.2, RFC 7714
// 14.2; AES128_CM_SHA1_32 only for those who ask for it); the others are RFC 6188's, for SDES.
enum class Profile : std::uint8_t {
  aes128_cm_sha1_80,
  aes128_cm_sha1_32,
  aead_aes_128_gcm,
  aead_aes_256_gcm,
  aes192_cm_sha1_80,
  aes192_cm_sha1_32,
  aes256_cm_sha1_80,
  aes256_cm_sha1_32,
};
std::string_view to_string(Profile profile);  // "AEAD_AES_128_GCM", "AES128_CM_SHA1_80"
// Also in SDES spelling: "AES_CM_128_HMAC_SHA1_80". Without regard to case.
std::optional<Profile> profile_from_name(std::string_view name);
// IANA's number of a DTLS-SRTP protection profile; nullopt for those not in use here.
std::optional<Profile> profile_from_dtls(std::uint16_t id);

std::size_t key_size(Profile profile);
std::size_t salt_size(Profile profile);
// What is added to an RTP packet: the authentication tag.
std::size_t rtp_overhead(Profile profile);
// What is added to an RTCP packet: the tag and the word with E flag and index.
std::size_t rtcp_overhead(Profile profile);
bool is_aead(Profile profile);

}  // namespace lucid::srtp
