#include "stun/long_term.hpp"

namespace lucid::stun {
namespace {

constexpr std::string_view nonce_cookie = "obMatJos2";

std::optional<std::uint32_t> base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+') return 62U;
  if (c == '/') return 63U;
  return std::nullopt;
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
  // RFC 8489 9.2.5: a 401 to what was signed for this realm says that the credentials are wrong.
  if (code->code != ErrorCode::stale_nonce && key_ && *realm == realm_) return Verdict::refused;
  const SecurityFeatures features = security_features(*nonce);
  algorithm_.reset();
  algorithms_.clear();
  // RFC 8489 9.2.5: a cookie that speaks of algorithms which are not there was tampered with.
  if (features.password_algorithms && !choose_algorithm(error)) return Verdict::malformed;
  realm_ = *realm;
  nonce_ = *nonce;
  anonymous_ = features.username_anonymity;
  key_ = Key::long_term(username_, realm_, password_, algorithm_.value_or(PasswordAlgorithm::md5));
  return Verdict::retry;
}

// RFC 8489 14.11: the first of the server's list that we know.
bool LongTerm::choose_algorithm(const Message& error) {
  const auto offered = error.find(AttributeType::password_algorithms);
  if (!offered) return false;
  core::ByteReader in{*offered};
  while (in.ok() && in.remaining() > 0) {
    const PasswordAlgorithm algorithm{in.u16()};
    const std::size_t parameters = in.u16();
    in.skip(parameters + padding(parameters));
    const bool known =
        algorithm == PasswordAlgorithm::md5 || algorithm == PasswordAlgorithm::sha256;
    if (in.ok() && known && !algorithm_) algorithm_ = algorithm;
  }
  if (!in.ok() || !algorithm_) return false;
  algorithms_.assign(offered->begin(), offered->end());
  return true;
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

Integrity LongTerm::check(const Message& response) const {
  return key_ ? check_integrity(response, *key_) : Integrity::absent;
}

}  // namespace lucid::stun
