#pragma once
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "srtp/session.hpp"

namespace lucid::srtp::test {

// A vector file: fields between blanks, one vector a line, '#' begins a comment.
inline std::vector<std::vector<std::string>> read_vectors(const std::string& name) {
  std::ifstream file{std::string{LUCID_VECTORS} + "/srtp/" + name};
  std::vector<std::vector<std::string>> out;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words{line};
    std::vector<std::string>& fields = out.emplace_back();
    for (std::string word; words >> word;) fields.push_back(word);
  }
  return out;
}

inline std::vector<std::uint8_t> hex(std::string_view text) {
  return core::from_hex(text).value_or(std::vector<std::uint8_t>{});
}

constexpr Profile all_profiles[] = {Profile::aes128_cm_sha1_80, Profile::aes128_cm_sha1_32,
                                    Profile::aead_aes_128_gcm,  Profile::aead_aes_256_gcm,
                                    Profile::aes192_cm_sha1_80, Profile::aes192_cm_sha1_32,
                                    Profile::aes256_cm_sha1_80, Profile::aes256_cm_sha1_32};

inline std::vector<EngineKind> engines() {
  std::vector<EngineKind> out{EngineKind::openssl};
  if (available(EngineKind::libsrtp2)) out.push_back(EngineKind::libsrtp2);
  return out;
}

inline MasterKey some_key(Profile profile, std::uint8_t first = 1) {
  MasterKey master{std::vector<std::uint8_t>(key_size(profile)),
                   std::vector<std::uint8_t>(salt_size(profile))};
  for (std::uint8_t& byte : master.key) byte = first++;
  for (std::uint8_t& byte : master.salt) byte = first++;
  return master;
}

// Two sessions that share keys crosswise.
struct Pair {
  explicit Pair(Session::Config config = {}) {
    config.local = some_key(config.profile, 1);
    config.remote = some_key(config.profile, 101);
    left.emplace(*Session::create(config));
    std::swap(config.local, config.remote);
    right.emplace(*Session::create(config));
  }
  std::optional<Session> left;
  std::optional<Session> right;
};

inline std::vector<std::uint8_t> rtp(std::uint16_t sequence, std::uint32_t ssrc = 0xCAFEBABE,
                                     std::size_t payload = 100) {
  std::vector<std::uint8_t> packet(12 + payload, 0xAB);
  core::ByteWriter out{packet};
  out.u16(0x8060);
  out.u16(sequence);
  out.u32(sequence * 90U);
  out.u32(ssrc);
  return packet;
}

inline std::vector<std::uint8_t> rtcp(std::uint32_t ssrc = 0xCAFEBABE) {
  std::vector<std::uint8_t> packet(28, 0xCD);
  core::ByteWriter out{packet};
  out.u32(0x80C80006);
  out.u32(ssrc);
  return packet;
}

}  // namespace lucid::srtp::test
