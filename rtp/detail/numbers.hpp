#pragma once
#include <cstdint>

// The sequence numbers of a stream, unwrapped.
namespace lucid::rtp::detail {

// They begin a whole number of turns up, so that packets that come late do not make them negative.
constexpr std::int64_t first_turn = std::int64_t{1} << 32;
// RFC 3550 A.1 (MAX_MISORDER): as many packets may the first of all have overtaken.
constexpr std::int64_t most_overtaken = 100;

}  // namespace lucid::rtp::detail
