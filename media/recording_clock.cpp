#include "media/recording_clock.hpp"

#include <algorithm>

namespace lucid::media {

namespace {

using namespace std::chrono_literals;

// What a frame may be moved by; a track that is further off than `jump` begins anew.
constexpr core::Duration slew = 2ms;
constexpr core::Duration jump = 500ms;

std::int64_t clock_rate_of(core::Codec codec) {
  if (core::kind_of(codec) == core::MediaKind::video) return 90'000;
  return codec == core::Codec::opus ? 48'000 : 8'000;  // RFC 3551 4.5.2: G.722, too
}

}  // namespace

core::Duration RecordingClock::at(const core::EncodedFrame& frame, core::Time arrival) {
  const core::Time taken = frame.capture_time == core::Time{} ? arrival : frame.capture_time;
  const core::Duration measured = std::max<core::Duration>(taken - start_, 0us);
  core::Duration now = measured;
  if (last_timestamp_) {
    const auto ticks = static_cast<std::int32_t>(frame.rtp_timestamp - *last_timestamp_);
    const core::Duration counted =
        last_ + core::Duration{std::int64_t{ticks} * 1'000'000 / clock_rate_of(frame.codec)};
    const core::Duration error = measured - counted;
    const bool goes_on = error < jump && error > -jump;
    if (goes_on) now = counted + std::clamp<core::Duration>(error, -slew, slew);
  }
  last_timestamp_ = frame.rtp_timestamp;
  last_ = std::max(last_, now);
  return last_;
}

}  // namespace lucid::media
