#pragma once
#include <cstdint>
#include <optional>

#include "core/random.hpp"
#include "core/time.hpp"

namespace lucid::rtp::rtcp {

// When to send RTCP: the timing of RFC 3550 6.3 (randomised, reconsidered, scaled to the group and
// its share of the bandwidth) with the rules of RFC 4585 3.5 for feedback that cannot wait.
//
//             request_feedback           handle_timeout: early
//   +------+ ------------------> +-------+ ----------------------> sent(early)  -> idle
//   | idle |                     | early |
//   +------+ <------------------ +-------+  a regular report is due first: it carries the feedback
//      |  next regular time
//      +-----> reconsider: too soon -> idle;  otherwise handle_timeout: regular -> sent(regular)
class Scheduler {
 public:
  struct Config {
    // RFC 4585 3.4: T_rr_interval, the least time between regular reports.
    core::Duration report_interval{1'000'000};
    std::uint64_t session_bandwidth = 1'000'000;  // bits a second
    double rtcp_fraction = 0.05;                  // RFC 3550 6.2
    // All sources are of two ends, however many there are: nobody else could report the same.
    bool point_to_point = false;
  };
  enum class Due : std::uint8_t { nothing, regular, early };

  Scheduler(const Config& config, core::Random& random) : config_{config}, random_{random} {}

  // RFC 3550 6.3.2: nothing is sent before the first interval has passed.
  void start(core::Time now);
  void stop() { next_regular_.reset(); }
  void session_bandwidth(std::uint64_t bits_per_second);
  // How many there are, ourselves included, and how many of them send.
  void members(unsigned members, unsigned senders, bool we_send);
  // RFC 3550 6.3.4: others have left, so our turn comes sooner.
  void members_left(unsigned members, core::Time now);
  // Every RTCP datagram counts towards the average, with its UDP and IP headers.
  void received(std::size_t size) { average(size); }
  void request_feedback(core::Time now);

  Due handle_timeout(core::Time now);
  void sent(Due due, std::size_t size, core::Time now);
  std::optional<core::Time> next_timeout() const { return core::earliest(next_regular_, early_); }

 private:
  core::Duration deterministic_interval() const;
  bool two_ends() const { return config_.point_to_point || group_.members <= 2; }
  core::Duration interval();
  void average(std::size_t size);

  struct Group {
    unsigned members = 1;
    unsigned senders = 0;
    bool we_send = false;
  };
  struct Round {
    core::Time previous{};           // tp
    core::Duration spacing{};        // T_rr
    core::Duration least_spacing{};  // T_rr_current_interval
    std::optional<core::Time> last_report;
  };

  Config config_;
  core::Random& random_;
  Group group_;
  Round round_;
  bool initial_ = true;
  bool allow_early_ = true;
  double average_size_ = 128;
  std::optional<core::Time> next_regular_;  // tn
  std::optional<core::Time> early_;         // te
};

}  // namespace lucid::rtp::rtcp
