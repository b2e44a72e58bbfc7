#pragma once
#include <string>

#include "peer/detail/connection.hpp"
#include "peer/statistics.hpp"

// The dictionaries of W3C webrtc-stats, from what the machines below have counted. Which members
// are given, and why others are not, is a table in docs/statistics.md, held against this by a test.
namespace lucid::peer::detail {

// Adds dictionaries that share one time stamp.
class StatsWriter {
 public:
  StatsWriter(core::WallClock wall, core::Time now) : wall_{wall}, timestamp_{at(now)} {}

  Stats& add(std::string id, std::string type) {
    return report_.entries.emplace_back(Stats{std::move(id), std::move(type), timestamp_, {}});
  }
  // DOMHighResTimeStamp: milliseconds since 1970.
  double at(core::Time time) const {
    return std::chrono::duration<double, std::milli>(wall_.unix_time(time)).count();
  }
  StatsReport take() { return std::move(report_); }

 private:
  core::WallClock wall_;
  double timestamp_;
  StatsReport report_;
};

inline double seconds(core::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}
inline std::string transport_id(const TransportEntry& entry) {
  return "T" + std::to_string(entry.id);
}

// transport, candidate-pair, local-candidate, remote-candidate, certificate.
void write_transport_stats(StatsWriter& writer, const Connection& connection,
                           const TransportEntry& entry);
// codec, inbound-rtp, outbound-rtp, remote-inbound-rtp, remote-outbound-rtp, media-source.
void write_media_stats(StatsWriter& writer, const Connection& connection,
                       const TransportEntry& entry);

StatsReport write_stats(const Connection& connection, core::Time now);

}  // namespace lucid::peer::detail
