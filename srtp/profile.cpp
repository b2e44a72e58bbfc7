#include "srtp/profile.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace lucid::srtp {

namespace {

struct Properties {
  std::string_view name;       // IANA's, of the DTLS-SRTP registry where it is in it
  std::string_view sdes_name;  // IANA's, of the SDP security descriptions registry
  std::uint16_t dtls_id;       // 0: none
  std::size_t key_size;
  std::size_t salt_size;
  std::size_t rtp_tag_size;
  std::size_t rtcp_tag_size;
  bool aead;
};

// RFC 5764 4.1.2, RFC 6188 3, RFC 7714 12. The short tag is for RTP alone: RFC 4568 6.2.2 keeps 80
// bits for RTCP, whose packets matter more.
constexpr std::array<Properties, 8> table{{
    {"AES128_CM_SHA1_80", "AES_CM_128_HMAC_SHA1_80", 0x0001, 16, 14, 10, 10, false},
    {"AES128_CM_SHA1_32", "AES_CM_128_HMAC_SHA1_32", 0x0002, 16, 14, 4, 10, false},
    {"AEAD_AES_128_GCM", "AEAD_AES_128_GCM", 0x0007, 16, 12, 16, 16, true},
    {"AEAD_AES_256_GCM", "AEAD_AES_256_GCM", 0x0008, 32, 12, 16, 16, true},
    {"AES192_CM_SHA1_80", "AES_192_CM_HMAC_SHA1_80", 0, 24, 14, 10, 10, false},
    {"AES192_CM_SHA1_32", "AES_192_CM_HMAC_SHA1_32", 0, 24, 14, 4, 10, false},
    {"AES256_CM_SHA1_80", "AES_256_CM_HMAC_SHA1_80", 0, 32, 14, 10, 10, false},
    {"AES256_CM_SHA1_32", "AES_256_CM_HMAC_SHA1_32", 0, 32, 14, 4, 10, false},
}};

const Properties& of(Profile profile) { return table[static_cast<std::size_t>(profile)]; }

}  // namespace

std::string_view to_string(Profile profile) { return of(profile).name; }

std::optional<Profile> profile_from_name(std::string_view name) {
  constexpr std::string_view prefix = "SRTP_";
  if (name.size() > prefix.size() &&
      core::equal_ignoring_case(name.substr(0, prefix.size()), prefix)) {
    name.remove_prefix(prefix.size());
  }
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (core::equal_ignoring_case(name, table[i].name) ||
        core::equal_ignoring_case(name, table[i].sdes_name))
      return Profile{static_cast<std::uint8_t>(i)};
  }
  return std::nullopt;
}

std::optional<Profile> profile_from_dtls(std::uint16_t id) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (id != 0 && table[i].dtls_id == id) return Profile{static_cast<std::uint8_t>(i)};
  }
  return std::nullopt;
}

std::size_t key_size(Profile profile) { return of(profile).key_size; }
std::size_t salt_size(Profile profile) { return of(profile).salt_size; }
std::size_t rtp_overhead(Profile profile) { return of(profile).rtp_tag_size; }
std::size_t rtcp_overhead(Profile profile) { return of(profile).rtcp_tag_size + 4; }
bool is_aead(Profile profile) { return of(profile).aead; }

}  // namespace lucid::srtp
