#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lucid::rtp::audio {

// Sound made shorter or longer by whole periods of its pitch, which stays as it is (WSOLA: two
// stretches of sound that look alike are laid over each other and faded from one to the other).
// Samples are interleaved; what is looked at is the first `look_ahead` of them.
struct StretchResult {
  std::size_t frames =
      0;  // how many samples of each channel were taken out or put in; 0: none would do
};

// With this much sound to work on every period of a voice can be found; less finds shorter ones.
std::size_t look_ahead(std::uint32_t sample_rate);

StretchResult shorten(std::vector<std::int16_t>& samples, std::uint8_t channels,
                      std::uint32_t sample_rate);
StretchResult lengthen(std::vector<std::int16_t>& samples, std::uint8_t channels,
                       std::uint32_t sample_rate);

}  // namespace lucid::rtp::audio
