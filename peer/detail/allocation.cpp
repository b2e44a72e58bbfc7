#include "peer/detail/allocation.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace lucid::peer::detail {
namespace {

constexpr std::uint64_t audio_bitrate = 64'000;          // speech and music in Opus, with room
constexpr std::uint64_t least_video_bitrate = 30'000;    // of the smallest picture
constexpr std::uint64_t full_video_bitrate = 2'500'000;  // of the largest, where nobody says

struct Want {
  double weight = 1;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

// Shares by weight; what somebody cannot use goes to the others.
std::vector<std::uint64_t> share(std::uint64_t total, std::span<const Want> wants) {
  std::vector<std::uint64_t> result(wants.size(), 0);
  std::vector<bool> full(wants.size(), false);
  while (true) {
    double weights = 0;
    for (std::size_t i = 0; i < wants.size(); ++i) weights += full[i] ? 0 : wants[i].weight;
    if (weights <= 0) return result;
    std::uint64_t taken = 0;
    bool filled = false;
    for (std::size_t i = 0; i < wants.size(); ++i) {
      if (full[i]) continue;
      result[i] =
          static_cast<std::uint64_t>(static_cast<double>(total) * (wants[i].weight / weights));
      if (result[i] < wants[i].most) continue;
      result[i] = wants[i].most;
      taken += wants[i].most;
      filled = full[i] = true;
    }
    if (!filled) return result;
    total -= std::min(total, taken);
  }
}

double scale_of(const RtpEncoding& encoding) {
  return std::max(1.0, encoding.scale_resolution_down_by.value_or(1.0));
}
double pixels_of(const RtpEncoding& encoding) {
  return 1 / (scale_of(encoding) * scale_of(encoding));
}

std::vector<std::uint64_t> allocate_layers(std::uint64_t available,
                                           std::span<const RtpEncoding> encodings) {
  std::vector<std::uint64_t> result(encodings.size(), 0);
  std::vector<std::size_t> order(encodings.size());
  std::iota(order.begin(), order.end(), 0U);
  std::erase_if(order, [&](std::size_t i) { return !encodings[i].active; });
  if (order.empty()) return result;
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return scale_of(encodings[i]); });
  const double smallest = pixels_of(encodings[order.front()]);
  std::vector<Want> wants;
  std::uint64_t least = 0;
  for (const std::size_t i : order) {
    const double pixels = pixels_of(encodings[i]);
    Want want{.weight = pixels};
    if (encodings[i].max_bitrate) want.most = *encodings[i].max_bitrate;
    least += std::min(want.most, static_cast<std::uint64_t>(
                                     static_cast<double>(least_video_bitrate) * pixels / smallest));
    // The smallest goes on whatever happens: better a poor picture than none.
    if (!wants.empty() && least > available) break;
    wants.push_back(want);
  }
  const auto shares = share(available, wants);
  for (std::size_t k = 0; k < shares.size(); ++k) result[order[k]] = shares[k];
  return result;
}

std::uint64_t most_of(const Bidder& bidder) {
  std::uint64_t sum = 0;
  for (const RtpEncoding& each : bidder.encodings) {
    if (!each.active) continue;
    if (!each.max_bitrate) return std::numeric_limits<std::uint64_t>::max();
    sum += *each.max_bitrate;
  }
  return sum;
}

std::uint64_t audio_wants(const Bidder& bidder) {
  const RtpEncoding& encoding = bidder.encodings.front();
  return encoding.active ? encoding.max_bitrate.value_or(audio_bitrate) : 0;
}

}  // namespace

std::vector<std::vector<std::uint64_t>> allocate(std::uint64_t available,
                                                 std::span<const Bidder> bidders) {
  std::vector<std::vector<std::uint64_t>> result(bidders.size());
  std::vector<Want> wants;
  for (std::size_t i = 0; i < bidders.size(); ++i) {
    if (bidders[i].encodings.empty()) continue;
    if (bidders[i].kind == core::MediaKind::video) {
      wants.push_back({.most = most_of(bidders[i])});
      continue;
    }
    result[i].assign(bidders[i].encodings.size(), 0);
    result[i].front() = audio_wants(bidders[i]);
    available -= std::min(available, result[i].front());
  }
  const auto shares = share(available, wants);
  auto next = shares.begin();
  for (std::size_t i = 0; i < bidders.size(); ++i) {
    if (bidders[i].encodings.empty() || bidders[i].kind != core::MediaKind::video) continue;
    result[i] = allocate_layers(*next++, bidders[i].encodings);
  }
  return result;
}

std::uint64_t demand_of(std::span<const Bidder> bidders) {
  std::uint64_t sum = 0;
  for (const Bidder& bidder : bidders) {
    if (bidder.encodings.empty()) continue;
    if (bidder.kind == core::MediaKind::audio) {
      sum += audio_wants(bidder);
      continue;
    }
    for (const RtpEncoding& each : bidder.encodings) {
      if (!each.active) continue;
      sum += each.max_bitrate.value_or(
          static_cast<std::uint32_t>(static_cast<double>(full_video_bitrate) * pixels_of(each)));
    }
  }
  return sum;
}

}  // namespace lucid::peer::detail
