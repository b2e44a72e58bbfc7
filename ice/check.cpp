#include "ice/check.hpp"

#include <array>

namespace lucid::ice {

using stun::AttributeType;

core::Buffer build_check(core::Pool& pool, const Check& check, std::string_view username,
                         const stun::Key& remote_key, Sender sender) {
  stun::Builder out{pool, stun::Class::request, stun::Method::binding, check.id};
  out.text(AttributeType::username, username);
  out.u32(AttributeType::priority, check.priority);
  if (check.role == Role::controlling) {
    out.u64(AttributeType::ice_controlling, sender.tie_breaker);
    if (check.nominate) out.flag(AttributeType::use_candidate);
    if (check.nominate && sender.renomination) {
      out.u32(AttributeType::nomination, check.nomination);
    }
  } else {
    out.u64(AttributeType::ice_controlled, sender.tie_breaker);
  }
  // RFC 8445 7.2.2: short-term credentials, the other side's password; and a fingerprint.
  out.integrity(remote_key);
  out.fingerprint();
  return std::move(out).finish();
}

core::Buffer build_success(core::Pool& pool, const stun::Message& request,
                           const core::Address& mapped, const stun::Key& local_key) {
  stun::Builder out{pool, stun::Class::success, stun::Method::binding, request.transaction()};
  out.address(AttributeType::xor_mapped_address, mapped);
  // RFC 8489 9.1.4: by the same algorithm as the request.
  if (request.has(AttributeType::message_integrity)) {
    out.integrity(local_key);
  } else {
    out.integrity_sha256(local_key);
  }
  out.fingerprint();
  return std::move(out).finish();
}

core::Buffer build_refusal(core::Pool& pool, const stun::Message& request, stun::ErrorCode code,
                           const stun::Key* local_key) {
  stun::Builder out{pool, stun::Class::error, stun::Method::binding, request.transaction()};
  out.error(code);
  if (code == stun::ErrorCode::unknown_attribute) {
    std::array<AttributeType, 16> room{};
    out.unknown_attributes(unknown_in_check(request, room));
  }
  if (local_key != nullptr) out.integrity(*local_key);
  out.fingerprint();
  return std::move(out).finish();
}

std::span<AttributeType> unknown_in_check(const stun::Message& request,
                                          std::span<AttributeType> room) {
  static constexpr std::array known{
      AttributeType::username,
      AttributeType::priority,
      AttributeType::use_candidate,
  };
  return request.unknown_required(known, room);
}

}  // namespace lucid::ice
