#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/buffer.hpp"
#include "ice/candidate.hpp"
#include "ice/config.hpp"
#include "stun/builder.hpp"

namespace lucid::ice {

// A connectivity check under way: one Binding transaction (RFC 8445 7.2.4).
struct Check {
  stun::TransactionId id{};
  std::uint32_t pair = 0;
  core::Path path;
  std::uint32_t priority = 0;  // what a peer-reflexive candidate found by it gets (RFC 8445 7.1.1)
  Role role = Role::controlled;
  bool nominate = false;         // with USE-CANDIDATE
  std::uint32_t nomination = 0;  // a later one has a larger number
  bool confirm = false;          // of the selected pair, once other nominations have got through
  bool consent = false;          // on a pair that works; sent once
  int sends = 0;
  core::Time sent{};  // the latest
  core::Duration timeout{};
  // When to send again; none when it was cancelled (RFC 8445 7.3.1.4) or is not to be repeated: the
  // answer is still welcome until `expires`.
  std::optional<core::Time> retry;
  core::Time expires{};
};

// What an agent says of itself in each check.
struct Sender {
  std::uint64_t tie_breaker;
  bool renomination;  // with NOMINATION beside USE-CANDIDATE
};
// RFC 8445 7.1: the same check gives the same bytes.
core::Buffer build_check(core::Pool& pool, const Check& check, std::string_view username,
                         const stun::Key& remote_key, Sender sender);

// RFC 8445 7.3.1.2: where the check came from.
core::Buffer build_success(core::Pool& pool, const stun::Message& request,
                           const core::Address& mapped, const stun::Key& local_key);

// RFC 8489 6.3.1: attributes that would have to be understood and are not.
std::span<stun::AttributeType> unknown_in_check(const stun::Message& request,
                                                std::span<stun::AttributeType> room);

// A refusal, authenticated where there is a key.
core::Buffer build_refusal(core::Pool& pool, const stun::Message& request, stun::ErrorCode code,
                           const stun::Key* local_key);

}  // namespace lucid::ice
