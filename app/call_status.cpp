#include "app/call_status.hpp"

#include <cmath>
#include <cstdio>

namespace lucid::app {

namespace {

std::string number(double value, int decimals) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string right(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string left(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string clock(core::Duration duration) {
  const auto seconds = duration.count() / 1'000'000;
  char text[32];
  std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(seconds / 60),
                static_cast<int>(seconds % 60));
  return text;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string rule(const std::string& title, const std::string& end, std::size_t columns) {
  std::string line = "── " + title + " ";
  const std::size_t used = 4 + title.size() + (end.empty() ? 0 : end.size() + 1);
  for (std::size_t i = used; i < columns; ++i) line += "─";
  return end.empty() ? line : line + " " + end;
}

std::string traffic(const char* name, double bits, double frames, bool idle) {
  if (idle) return left(name, 11) + "-";
  return left(name, 11) + right(bit_rate(bits), 12) + right(number(std::round(frames), 0), 5) +
         " fps";
}

}  // namespace

std::string bit_rate(double bits_a_second) {
  if (bits_a_second >= 1e6) return number(bits_a_second / 1e6, 1) + " Mbit/s";
  return number(bits_a_second / 1e3, 0) + " kbit/s";
}

std::vector<std::string> status_lines(const CallStatus& status, std::size_t columns) {
  const bool idle = status.connection.empty();
  std::vector<std::string> lines;
  lines.push_back(rule(status.title, status.since_connected ? clock(*status.since_connected) : "",
                       std::min<std::size_t>(columns, 100)));
  lines.push_back(left("signaling", 11) + left(or_dash(status.signaling), 18) + left("ICE", 12) +
                  or_dash(status.ice));
  lines.push_back(left("gathering", 11) + left(or_dash(status.gathering), 18) +
                  left("connection", 12) + or_dash(status.connection));
  std::string path = left("path", 11);
  if (const auto& pair = status.pair) {
    path += pair->protocol + " " + pair->local + " (" + pair->local_type + ") to " + pair->remote +
            " (" + pair->remote_type + ")";
  } else {
    path += "-";
  }
  lines.push_back(path);
  const auto round_trip = status.pair ? status.pair->round_trip : std::nullopt;
  if (idle) {
    lines.push_back(left("round trip", 11) + "-");
  } else {
    lines.push_back(left("round trip", 11) +
                    right(round_trip ? number(*round_trip * 1000, 1) : "-", 9) + " ms" +
                    right("lost", 8) + right(number(status.rates.lost * 100, 1), 6) + " %" +
                    right("freezes", 11) + right(std::to_string(status.totals.freeze_count), 5));
  }
  lines.push_back(traffic("receiving", status.rates.bits_in, status.rates.frames_in, idle) + "   " +
                  status.video);
  std::string muted;
  if (status.audio_muted) muted += "   microphone off";
  if (status.video_muted) muted += "   camera off";
  if (!status.on_server) muted += "   not on the server";
  lines.push_back(traffic("sending", status.rates.bits_out, status.rates.frames_out, idle) + muted);
  return lines;
}

}  // namespace lucid::app
