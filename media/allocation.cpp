#include "media/allocation.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>

namespace lucid::media {

namespace {

constexpr double bits_for_a_pixel = 0.09;
constexpr std::uint32_t base_bitrate = 30'000;
constexpr std::uint32_t least_share = 4;

// W3C webrtc-svc 4: "L1T3", "L3T3_KEY", "S2T1": spatial and temporal layers.
void read_mode(std::string_view mode, Encoding& into) {
  const auto digit = [&](std::size_t at) -> std::uint8_t {
    const bool known = mode.size() > at && mode[at] >= '1' && mode[at] <= '3';
    return known ? static_cast<std::uint8_t>(mode[at] - '0') : std::uint8_t{1};
  };
  if (mode.size() < 4 || mode[2] != 'T') return;
  into.spatial_layers = digit(1);
  into.temporal_layers = digit(3);
}

}  // namespace

std::uint32_t good_bitrate(const SourceFormat& format) {
  const double pixels = static_cast<double>(format.width) * format.height * format.framerate;
  return base_bitrate + static_cast<std::uint32_t>(pixels * bits_for_a_pixel);
}

Allocation allocate(std::span<const peer::RtpEncoding> encodings, std::uint32_t total,
                    const SourceFormat& source) {
  Allocation out;
  const bool scaled = std::ranges::any_of(
      encodings, [](const auto& each) { return each.scale_resolution_down_by.has_value(); });
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    const peer::RtpEncoding& from = encodings[i];
    Encoding& to = out.emplace_back();
    to.rid = from.rid;
    to.active = from.active;
    to.framerate = std::min(from.max_framerate.value_or(source.framerate), source.framerate);
    to.scale_down = from.scale_resolution_down_by.value_or(
        scaled ? 1.0 : std::exp2(static_cast<double>(encodings.size() - 1 - i)));
    SourceFormat format = source;
    format.framerate = to.framerate;
    format.width = static_cast<std::uint16_t>(source.width / to.scale_down);
    format.height = static_cast<std::uint16_t>(source.height / to.scale_down);
    to.bitrate = from.max_bitrate.value_or(good_bitrate(format));
    read_mode(from.scalability_mode, to);
  }
  std::vector<Encoding*> smallest_first;
  for (Encoding& each : out) {
    if (each.active) smallest_first.push_back(&each);
  }
  std::ranges::stable_sort(smallest_first, std::greater{}, &Encoding::scale_down);
  bool first = true;
  for (Encoding* each : smallest_first) {
    const std::uint32_t wanted = each->bitrate;
    each->bitrate = std::min(total, wanted);
    if (!first && each->bitrate < wanted / least_share) each->bitrate = 0;
    total -= each->bitrate;
    first = false;
  }
  return out;
}

Allocation allocate(std::span<const peer::EncodingTarget> targets, const SourceFormat& source) {
  Allocation out;
  for (const peer::EncodingTarget& from : targets) {
    Encoding& to = out.emplace_back();
    to.rid = from.rid;
    to.active = from.active;
    to.bitrate = static_cast<std::uint32_t>(std::min<std::uint64_t>(from.bitrate, 100'000'000));
    to.scale_down = from.scale_resolution_down_by;
    to.framerate = std::min(from.max_framerate.value_or(source.framerate), source.framerate);
    read_mode(from.scalability_mode, to);
  }
  return out;
}

}  // namespace lucid::media
