#pragma once
#include <compare>
#include <cstdint>

#include "core/time.hpp"

namespace lucid::rtp {

// Seconds since 1900-01-01T00:00:00Z in 32.32 fixed point (RFC 3550 4).
class NtpTime {
 public:
  constexpr NtpTime() = default;
  constexpr explicit NtpTime(std::uint64_t value) : value_{value} {}
  static NtpTime at(core::Time time, const core::WallClock& wall);

  constexpr std::uint64_t value() const { return value_; }
  constexpr std::uint32_t seconds() const { return static_cast<std::uint32_t>(value_ >> 32); }
  constexpr std::uint32_t fraction() const { return static_cast<std::uint32_t>(value_); }
  // RFC 3550 6.4.1: the middle 32 bits, as LSR carries them.
  constexpr std::uint32_t compact() const { return static_cast<std::uint32_t>(value_ >> 16); }
  // Zero is how an unknown time is written.
  constexpr bool known() const { return value_ != 0; }

  core::Time time(const core::WallClock& wall) const;
  friend constexpr auto operator<=>(NtpTime, NtpTime) = default;

 private:
  std::uint64_t value_ = 0;
};

// Durations in 16.16 fixed point seconds, as DLSR carries them (RFC 3550 6.4.1).
std::uint32_t to_compact_ntp(core::Duration duration);
core::Duration from_compact_ntp(std::uint32_t value);

// Samples or 90 kHz ticks to time and back.
core::Duration ticks_to_duration(std::int64_t ticks, std::uint32_t clock_rate);
std::int64_t duration_to_ticks(core::Duration duration, std::uint32_t clock_rate);

}  // namespace lucid::rtp
