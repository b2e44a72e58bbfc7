#pragma once
#include <string>

#include "peer/detail/connection.hpp"
#include "peer/statistics.hpp"

// The dictionaries of W3C webrtc-stats, from what the machines below have counted. Which members
// are given, and why others are not, is a table in peer/README.md.
namespace lucid::peer::detail {

// Adds dictionaries that share one time stamp.
class StatsWriter {
 public:
  explicit StatsWriter(double timestamp) : timestamp_{timestamp} {}

  Stats& add(std::string id, std::string type) {
    return report_.entries.emplace_back(Stats{std::move(id), std::move(type), timestamp_, {}});
  }
  StatsReport take() { return std::move(report_); }

 private:
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
