#pragma once
#include <cstdint>
#include <optional>

#include "core/media.hpp"

namespace lucid::capture {

// A test picture that can be read by people and by programs: colour bars, a hand that goes round
// once a second, a clock, and the frame number twice: in digits, and as sixteen black or white
// cells along the bottom, most significant first, between two cells that are always white and one
// always black. For the first tenth of each second a white square flashes in the upper right
// corner, when `tone` beeps.
class TestPicture {
 public:
  TestPicture(std::uint16_t width, std::uint16_t height, double framerate);

  core::VideoFrame frame(std::int64_t number) const;
  core::Duration time_of(std::int64_t number) const;

 private:
  std::uint16_t width_;
  std::uint16_t height_;
  double framerate_;
  core::VideoFrame background_;
};

// The number in a picture's cells, of any size, after compression; nullopt when they are not there.
std::optional<std::uint16_t> read_frame_number(const core::VideoFrame& frame);
// Whether the square that goes with the beep is lit.
bool is_flashing(const core::VideoFrame& frame);

// A quiet tone of 440 Hz, and one of 1,000 Hz for the first tenth of each second.
core::AudioFrame test_tone(std::int64_t number, std::uint32_t rate = 48'000);
// Whether the beep is in these samples.
bool is_beeping(const core::AudioFrame& frame);

}  // namespace lucid::capture
