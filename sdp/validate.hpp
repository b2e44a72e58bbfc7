#pragma once
#include <cstdint>
#include <expected>
#include <vector>

#include "sdp/session.hpp"

namespace lucid::sdp {

enum class Type : std::uint8_t { offer, pranswer, answer };
std::string_view to_string(Type type);

// What a description must hold in itself: mids, groups, ICE credentials, fingerprints and roles
// where DTLS is spoken, payload types, header extensions, rids, SCTP. All problems in order of
// their lines.
std::vector<Problem> validate(const Session& session, Type type);

// What an answer owes its offer (RFC 3264 6, RFC 9143 7.3, RFC 8842 5.3, RFC 8853 5.3.2).
std::vector<Problem> check_answer(const Session& offer, const Session& answer);

// What a later description of one side may not change against the one before it, which was agreed
// on (RFC 3264 8, RFC 8839 4.4, RFC 8842 5.5, RFC 8285 7). A section that `before`, or the other
// side's description that goes with it, refuses is a free place, where anything may follow.
std::vector<Problem> check_change(const Session& before, const Session& after,
                                  const Session* other_side = nullptr);

// The first error, or nothing: how a caller that only wants yes or no asks.
[[nodiscard]] std::expected<void, Problem> first_error(const std::vector<Problem>& problems);

}  // namespace lucid::sdp
