#include "stun/long_term.hpp"

namespace lucid::stun {
namespace {

constexpr std::string_view nonce_cookie = "obMatJos2";
// RFC 8489 14.9, 14.10: at most 763 bytes. Of an offer of algorithms nothing is said; there are
// two.
constexpr std::size_t longest_text = 763;
constexpr std::size_t longest_offer = 256;

std::optional<std::uint32_t> base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+') return 62U;
  if (c == '/') return 63U;
  return std::nullopt;
}

// RFC 8489 14.11: the first of the server's list that we know.
std::optional<PasswordAlgorithm> first_known(core::Bytes offered) {
  if (offered.size() > longest_offer) return std::nullopt;
  std::optional<PasswordAlgorithm> found;
  core::ByteReader in{offered};
  while (in.ok() && in.remaining() > 0) {
    const PasswordAlgorithm algorithm{in.u16()};
    const std::size_t parameters = in.u16();
    in.skip(parameters + padding(parameters));
    const bool known =
        algorithm == PasswordAlgorithm::md5 || algorithm == PasswordAlgorithm::sha256;
    if (known && !found) found = algorithm;
  }
  return in.ok() ? found : std::nullopt;
}

}  // namespace

SecurityFeatures security_features(std::string_view nonce) {
  // RFC 8489 9.2: the cookie, and 24 bits in four characters of base64.
  if (!nonce.starts_with(nonce_cookie) || nonce.size() < nonce_cookie.size() + 4) return {};
  const auto first = base64_digit(nonce[nonce_cookie.size()]);
  if (!first) return {};
  // RFC 8489 18.1: bit 0, the leftmost, is for password algorithms, bit 1 for anonymity.
  return {(*first & 0x20) != 0, (*first & 0x10) != 0};
}

LongTerm::Verdict LongTerm::challenge(const Message& error) {
  const auto realm = error.text(AttributeType::realm);
  const auto nonce = error.text(AttributeType::nonce);
  const auto code = error.error();
  if (!realm || !nonce || !code) return Verdict::malformed;
  if (realm->size() > longest_text || nonce->size() > longest_text) return Verdict::malformed;
  // RFC 8489 9.2.5: a 401 to what was signed for this realm says that the credentials are wrong.
  if (code->code != ErrorCode::stale_nonce && key_ && *realm == realm_) return Verdict::refused;
  const SecurityFeatures features = security_features(*nonce);
  const auto offered = error.find(AttributeType::password_algorithms);
  // RFC 8489 9.2.5: a cookie that speaks of algorithms which are not there was tampered with; and
  // where none of those on offer is known, there is nothing to sign with.
  const auto algorithm = offered ? first_known(*offered) : std::nullopt;
  if ((offered || features.password_algorithms) && !algorithm) return Verdict::malformed;
  algorithm_ = algorithm;
  algorithms_.clear();
  if (offered) algorithms_.assign(offered->begin(), offered->end());
  realm_ = *realm;
  nonce_ = *nonce;
  anonymous_ = features.username_anonymity;
  key_ = Key::long_term(username_, realm_, password_, algorithm_.value_or(PasswordAlgorithm::md5));
  return Verdict::retry;
}

void LongTerm::sign(Builder& out) const {
  if (!key_) return;
  if (anonymous_) {
    out.bytes(AttributeType::userhash, userhash(username_, realm_));
  } else {
    out.text(AttributeType::username, username_);
  }
  out.text(AttributeType::realm, realm_);
  out.text(AttributeType::nonce, nonce_);
  if (!algorithm_) {
    out.integrity(*key_);
    return;
  }
  // RFC 8489 9.2.4: with algorithms on offer the request names the offer and the choice, and is
  // protected by SHA-256.
  out.password_algorithm(*algorithm_);
  out.bytes(AttributeType::password_algorithms, algorithms_);
  out.integrity_sha256(*key_);
}

std::size_t LongTerm::room() const {
  constexpr std::size_t frames = 128;  // seven attributes', with their padding, and the tag
  return frames + username_.size() + realm_.size() + nonce_.size() + algorithms_.size();
}

Integrity LongTerm::check(const Message& response) const {
  return key_ ? check_integrity(response, *key_) : Integrity::absent;
}

}  // namespace lucid::stun
