#pragma once
#include <cstdint>
#include <optional>

#include "core/media.hpp"

namespace lucid::media {

// Where the frames of one track belong in a recording. Steps are those of the RTP timestamps, free
// of what the network did to the frames; the whole follows the times of capture once those are
// known, a little with each frame, so that tracks of one stream come to be in step.
class RecordingClock {
 public:
  // `start` is when the recording began, by the clock that frames arrive by.
  explicit RecordingClock(core::Time start) : start_{start} {}

  // Never before the frame before it; zero for what was captured before the start.
  core::Duration at(const core::EncodedFrame& frame, core::Time arrival);

 private:
  core::Time start_;
  std::optional<std::uint32_t> last_timestamp_;
  core::Duration last_{};
};

}  // namespace lucid::media
