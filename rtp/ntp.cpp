#include "rtp/ntp.hpp"

#include <algorithm>

namespace lucid::rtp {
namespace {

constexpr std::int64_t unix_epoch_in_ntp = 2'208'988'800;  // seconds from 1900 to 1970
constexpr std::int64_t million = 1'000'000;

}  // namespace

NtpTime NtpTime::at(core::Time time, const core::WallClock& wall) {
  const std::int64_t microseconds = wall.unix_time(time).count() + unix_epoch_in_ntp * million;
  const auto total = static_cast<std::uint64_t>(microseconds);
  const std::uint64_t seconds = total / million;
  const std::uint64_t fraction = ((total % million << 32) + million / 2) / million;
  return NtpTime{(seconds << 32) + fraction};
}

core::Time NtpTime::time(const core::WallClock& wall) const {
  const std::int64_t microseconds =
      static_cast<std::int64_t>(((value_ & 0xFFFFFFFF) * million + (1ULL << 31)) >> 32);
  const std::int64_t from_unix = (std::int64_t{seconds()} - unix_epoch_in_ntp) * million;
  return wall.at(core::WallClock::Microseconds{from_unix + microseconds});
}

std::uint32_t to_compact_ntp(core::Duration duration) {
  const std::int64_t value = std::max<std::int64_t>(duration.count(), 0);
  const std::int64_t whole = value / million;
  if (whole > 0xFFFF) return 0xFFFFFFFF;
  return static_cast<std::uint32_t>((whole << 16) +
                                    ((value % million << 16) + million / 2) / million);
}

core::Duration from_compact_ntp(std::uint32_t value) {
  return core::Duration{
      static_cast<std::int64_t>((std::uint64_t{value} * million + (1U << 15)) >> 16)};
}

core::Duration ticks_to_duration(std::int64_t ticks, std::uint32_t clock_rate) {
  const std::int64_t rate = clock_rate;
  return core::Duration{ticks / rate * million + ticks % rate * million / rate};
}

std::int64_t duration_to_ticks(core::Duration duration, std::uint32_t clock_rate) {
  const std::int64_t rate = clock_rate;
  const std::int64_t value = duration.count();
  return value / million * rate + value % million * rate / million;
}

}  // namespace lucid::rtp
