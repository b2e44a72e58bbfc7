#pragma once
#include <optional>
#include <string>
#include <vector>

#include "app/totals.hpp"

namespace lucid::app {

// How a call is, as the live status in the terminal shows it.
struct CallStatus {
  std::string title;  // "ann, in a call with bob"
  std::optional<core::Duration> since_connected;
  std::string signaling, gathering, ice, connection;
  std::optional<PairInUse> pair;
  Rates rates;
  Totals totals;
  std::string video;  // "VP8 640x480"
  bool audio_muted = false, video_muted = false;
  bool on_server = true;
};

// Always as many lines, always the same things in the same places.
std::vector<std::string> status_lines(const CallStatus& status, std::size_t columns);
// "1.2 Mbit/s"
std::string bit_rate(double bits_a_second);

}  // namespace lucid::app
