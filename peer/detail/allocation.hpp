#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/media.hpp"
#include "peer/rtp_parameters.hpp"

namespace lucid::peer::detail {

// One sender that wants a part of its transport's bit rate.
struct Bidder {
  core::MediaKind kind = core::MediaKind::video;
  std::span<const RtpEncoding> encodings;
};

// Bits a second for each encoding of each bidder; 0 where it is to send nothing. Audio comes first,
// being small. Video senders share the rest alike. Within one, small pictures come before large
// ones: a larger one begins when there is room for the least that makes sense for its size, and
// what is left over goes by size, up to each max_bitrate.
std::vector<std::vector<std::uint64_t>> allocate(std::uint64_t available,
                                                 std::span<const Bidder> bidders);
// What they would use if they could have all they want.
std::uint64_t demand_of(std::span<const Bidder> bidders);

}  // namespace lucid::peer::detail
