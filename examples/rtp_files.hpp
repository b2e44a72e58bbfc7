#pragma once
// What rtp_dump and packetize share: files as bytes, options, and lines of names and values.
#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "rtp/file/capture.hpp"
#include "rtp/packet.hpp"
#include "rtp/rtcp/describe.hpp"

inline std::vector<std::uint8_t> read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline void write_file(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream file{path, std::ios::binary};
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file) {
    std::fprintf(stderr, "cannot write %s\n", path.c_str());
    std::exit(2);
  }
}

// Takes "--name VALUE" out of the arguments.
inline std::string option(std::vector<std::string>& arguments, const char* name,
                          std::string otherwise) {
  const auto found = std::ranges::find(arguments, name);
  if (found == arguments.end() || found + 1 == arguments.end()) return otherwise;
  std::string value = *(found + 1);
  arguments.erase(found, found + 2);
  return value;
}

// RFC 3550 does not tell which clock a stream has: the usual one nearest to what its packets show.
inline std::uint32_t guess_clock_rate(const std::vector<lucid::rtp::file::Record>& records,
                                      std::uint32_t ssrc) {
  std::optional<std::uint32_t> first;
  lucid::core::Time begin{};
  double rate = 0;
  for (const auto& record : records) {
    const auto packet = lucid::rtp::Packet::parse(record.datagram);
    if (!packet || packet->ssrc() != ssrc || lucid::rtp::is_rtcp(record.datagram)) continue;
    if (!first) begin = record.time;
    first = first.value_or(packet->timestamp());
    const auto ticks = static_cast<std::int32_t>(packet->timestamp() - *first);
    const auto microseconds = (record.time - begin).count();
    if (ticks > 0 && microseconds > 100'000) rate = ticks * 1e6 / static_cast<double>(microseconds);
  }
  if (rate < 1) return 90'000;
  const auto distance = [rate](std::uint32_t usual) { return std::abs(std::log(usual / rate)); };
  return std::ranges::min({8'000U, 16'000U, 48'000U, 90'000U}, {}, distance);
}

// One line: a JSON object, or name=value.
inline void print_line(bool json, std::string_view type, lucid::core::Time time,
                       const std::vector<lucid::rtp::rtcp::Field>& fields) {
  const auto microseconds = time.time_since_epoch().count();
  const std::string text{type};
  std::printf(json ? "{\"type\":\"%s\",\"time_us\":%" PRId64 : "%-9s %10" PRId64 " us",
              text.c_str(), microseconds);
  for (const auto& field : fields) {
    std::printf(json ? ",\"%.*s\":%s" : "  %.*s=%s", static_cast<int>(field.name.size()),
                field.name.data(), field.value.c_str());
  }
  std::printf(json ? "}\n" : "\n");
}
