#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "app/json.hpp"
#include "core/time.hpp"
#include "media/receive_pipeline.hpp"
#include "peer/statistics.hpp"

namespace lucid::app {

// What calls have sent, received and lost, by the names of the W3C's webrtc-stats.
struct Totals {
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t frames_decoded = 0;
  std::uint64_t freeze_count = 0;
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
  std::int64_t packets_lost = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;

  void add(const Totals& other);
  json to_json() const;
};
Totals totals_of(const peer::StatsReport& report, const media::VideoReceivePipeline::Stats& video);

// Statistics go when their track does, and begin anew with another one: the sum of all.
class Counted {
 public:
  Totals add(const Totals& now);

 private:
  Totals last_, gone_;
};

// The pair of candidates in use.
struct PairInUse {
  std::string local, remote;            // "192.0.2.1:5000"
  std::string local_type, remote_type;  // "host"
  std::string protocol;
  std::optional<double> round_trip;  // seconds
};
std::optional<PairInUse> pair_in_use(const peer::StatsReport& report);

// Rates, from totals at two times.
struct Rates {
  double bits_in = 0, bits_out = 0;
  double frames_in = 0, frames_out = 0;
  double lost = 0;  // of all that were sent to us, 0 to 1
};
class Meter {
 public:
  Rates measure(const Totals& now, core::Time at);

 private:
  std::optional<core::Time> at_;
  Totals before_;
};

// When a call came how far, from its beginning.
struct Phases {
  core::Time began{};
  std::optional<core::Time> agreed;     // offer and answer
  std::optional<core::Time> ice;        // a pair works
  std::optional<core::Time> connected;  // DTLS too
  std::optional<core::Time> media;      // the first picture

  json to_json() const;  // milliseconds: each phase from the one before, and "total"
};

}  // namespace lucid::app
