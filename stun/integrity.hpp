#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "core/bytes.hpp"
#include "stun/message.hpp"

namespace lucid::stun {

// A key of MESSAGE-INTEGRITY, kept as the hash states that HMAC starts and ends from (RFC 2104 4):
// an authentication costs the message's own blocks and one more, and no allocation.
class Key {
 public:
  using Sha1 = std::array<std::uint8_t, 20>;
  using Sha256 = std::array<std::uint8_t, 32>;

  explicit Key(core::Bytes secret);
  // RFC 8489 9.1.1: the password itself, as ICE uses it.
  static Key short_term(std::string_view password) { return Key{core::as_bytes(password)}; }
  // RFC 8489 9.2.2: the hash of user name, realm and password.
  static Key long_term(std::string_view username, std::string_view realm, std::string_view password,
                       PasswordAlgorithm algorithm = PasswordAlgorithm::md5);

  // HMAC over the two parts one after the other.
  Sha1 sha1(core::Bytes head, core::Bytes body) const;
  Sha256 sha256(core::Bytes head, core::Bytes body) const;

 private:
  template <std::size_t Words>
  struct States {
    std::array<std::uint32_t, Words> inner;
    std::array<std::uint32_t, Words> outer;
  };
  States<5> sha1_;
  States<8> sha256_;
};

enum class Integrity : std::uint8_t {
  absent,
  valid,
  invalid,  // the message was changed, or the key is another
};
std::string_view to_string(Integrity integrity);

// RFC 8489 14.6: a usage may allow SHA-256 tags that were cut, to no less than 16 bytes. Neither
// ICE nor TURN does.
enum class CutTags : std::uint8_t { refused, allowed };
// RFC 8489 14.5, 14.6: MESSAGE-INTEGRITY-SHA256 where it is there, otherwise MESSAGE-INTEGRITY.
Integrity check_integrity(const Message& message, const Key& key,
                          CutTags cut_tags = CutTags::refused);
// RFC 8489 14.7
Integrity check_fingerprint(const Message& message);

// RFC 8489 14.4: what takes USERNAME's place when the server knows how: SHA-256 of
// "username:realm".
Key::Sha256 userhash(std::string_view username, std::string_view realm);

}  // namespace lucid::stun
