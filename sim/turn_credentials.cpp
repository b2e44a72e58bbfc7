#include "sim/turn_credentials.hpp"

#include <array>

namespace lucid::sim {

namespace {

using stun::AttributeType;
using stun::ErrorCode;
using stun::PasswordAlgorithm;

// RFC 8489 9.2: the cookie, and behind it the features, of which both bits are set: 0xC00000.
constexpr std::string_view nonce_with_features = "obMatJos2wAAA";
constexpr std::array offered{PasswordAlgorithm::sha256, PasswordAlgorithm::md5};

}  // namespace

const std::string& TurnCredentials::nonce(core::Time now) {
  if (nonce_.empty() || now - nonce_since_ >= config_.nonce_lifetime) {
    nonce_ = config_.algorithms ? std::string{nonce_with_features} : std::string{};
    nonce_ += random_.text(16);
    nonce_since_ = now;
  }
  return nonce_;
}

void TurnCredentials::challenge(stun::Builder& out, core::Time now) {
  out.text(AttributeType::realm, config_.realm);
  out.text(AttributeType::nonce, nonce(now));
  if (config_.algorithms) out.password_algorithms(offered);
}

std::optional<std::string> TurnCredentials::username_of(const stun::Message& request) const {
  if (const auto name = request.text(AttributeType::username)) return std::string{*name};
  const auto hash = request.find(AttributeType::userhash);
  if (!hash) return std::nullopt;
  for (const auto& [name, password] : config_.users) {
    if (core::equal(*hash, stun::userhash(name, config_.realm))) return name;
  }
  return std::string{};
}

// RFC 8489 9.2.4: in this order.
std::expected<TurnCredentials::Authenticated, ErrorCode> TurnCredentials::check(
    const stun::Message& request, core::Time now) {
  const bool has_sha256 = request.has(AttributeType::message_integrity_sha256);
  if (!has_sha256 && !request.has(AttributeType::message_integrity)) {
    return std::unexpected(ErrorCode::unauthenticated);
  }
  const auto username = username_of(request);
  const auto given_nonce = request.text(AttributeType::nonce);
  if (!username || !given_nonce || !request.has(AttributeType::realm)) {
    return std::unexpected(ErrorCode::bad_request);
  }
  if (*given_nonce != nonce(now)) return std::unexpected(ErrorCode::stale_nonce);
  PasswordAlgorithm algorithm = PasswordAlgorithm::md5;
  if (config_.algorithms) {
    // Both or neither: what was offered comes back, so that nobody on the way can have shortened
    // it.
    const auto chosen = request.u32(AttributeType::password_algorithm);
    if (chosen.has_value() != request.has(AttributeType::password_algorithms)) {
      return std::unexpected(ErrorCode::bad_request);
    }
    if (chosen) algorithm = PasswordAlgorithm{static_cast<std::uint16_t>(*chosen >> 16)};
  }
  const auto user = config_.users.find(*username);
  if (user == config_.users.end()) return std::unexpected(ErrorCode::unauthenticated);
  const stun::Key key = stun::Key::long_term(user->first, config_.realm, user->second, algorithm);
  if (stun::check_integrity(request, key) != stun::Integrity::valid) {
    return std::unexpected(ErrorCode::unauthenticated);
  }
  return Authenticated{user->first, key, has_sha256};
}

}  // namespace lucid::sim
