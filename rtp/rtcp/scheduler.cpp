#include "rtp/rtcp/scheduler.hpp"

#include <algorithm>
#include <cmath>

namespace lucid::rtp::rtcp {
namespace {

constexpr double ip_and_udp = 28;
// RFC 3550 A.7: e - 3/2, which makes up for what reconsideration does to the average.
constexpr double compensation = 1.21828;
// RFC 4585 3.4: a minimum of 1 s before the first report, halved as RFC 3550 6.2 allows for it.
constexpr core::Duration initial_minimum{500'000};
constexpr double least_bandwidth = 100;  // bytes a second, so that nothing divides by 0

core::Duration scale(core::Duration duration, double factor) {
  return core::Duration{std::llround(static_cast<double>(duration.count()) * factor)};
}

}  // namespace

void Scheduler::start(core::Time now) {
  initial_ = true;
  round_.previous = now;
  round_.spacing = interval();
  next_regular_ = now + round_.spacing;
}

void Scheduler::session_bandwidth(std::uint64_t bits_per_second) {
  config_.session_bandwidth = bits_per_second;
}

void Scheduler::members(unsigned members, unsigned senders, bool we_send) {
  group_ = {.members = members, .senders = senders, .we_send = we_send};
}

void Scheduler::members_left(unsigned members, core::Time now) {
  // RFC 3550 6.3.4: both times shrink in proportion.
  if (next_regular_ && members < group_.members) {
    const double share = static_cast<double>(members) / group_.members;
    next_regular_ = now + scale(*next_regular_ - now, share);
    round_.previous = now - scale(now - round_.previous, share);
  }
  group_.members = std::max(members, 1U);
}

void Scheduler::average(std::size_t size) {
  // RFC 3550 6.3.3
  average_size_ += (static_cast<double>(size) + ip_and_udp - average_size_) / 16;
}

core::Duration Scheduler::deterministic_interval() const {
  // RFC 3550 6.3.1: while senders are few they share a quarter of the bandwidth, receivers the
  // rest.
  double bandwidth = std::max(
      static_cast<double>(config_.session_bandwidth) / 8 * config_.rtcp_fraction, least_bandwidth);
  double count = group_.members;
  if (group_.senders > 0 && group_.senders <= group_.members / 4) {
    bandwidth *= group_.we_send ? 0.25 : 0.75;
    count = group_.we_send ? group_.senders : group_.members - group_.senders;
  }
  const double seconds = count * average_size_ / bandwidth;
  const core::Duration computed{std::llround(seconds * 1e6)};
  // RFC 4585 3.4: only the first report has a minimum; T_rr_interval thins out the others.
  return initial_ ? std::max(computed, initial_minimum) : computed;
}

core::Duration Scheduler::interval() {
  // RFC 3550 6.3.1: uniformly between half and one and a half times, then compensated.
  return scale(deterministic_interval(), (0.5 + random_.unit()) / compensation);
}

void Scheduler::request_feedback(core::Time now) {
  if (!next_regular_ || early_) return;
  // RFC 4585 3.3 and 3.5.2: two ends need no dithering, and may report every event at once.
  if (two_ends()) {
    early_ = now;
    return;
  }
  // RFC 4585 3.5.2: with more, once between two regular reports, after a random wait of up to half
  // an interval; unless the regular one comes first.
  const core::Duration wait = scale(deterministic_interval() / 2, random_.unit());
  if (!allow_early_ || now + wait >= *next_regular_) return;
  early_ = now + wait;
}

Scheduler::Due Scheduler::handle_timeout(core::Time now) {
  if (next_regular_ && now >= *next_regular_) {
    // RFC 3550 6.3.6: the interval is drawn anew, as the group may have grown in the meantime.
    round_.spacing = interval();
    if (round_.previous + round_.spacing > now) {
      next_regular_ = round_.previous + round_.spacing;
    } else if (round_.last_report && *round_.last_report + round_.least_spacing > now && !early_) {
      // RFC 4585 3.5.3: too soon after the last regular report, and nothing to say.
      round_.previous = now;
      next_regular_ = std::max(now + round_.spacing, *round_.last_report + round_.least_spacing);
    } else {
      return Due::regular;
    }
  }
  return early_ && now >= *early_ ? Due::early : Due::nothing;
}

void Scheduler::sent(Due due, std::size_t size, core::Time now) {
  average(size);
  early_.reset();
  if (due == Due::early) {
    // RFC 4585 3.5.2: what was sent early is taken off the next interval.
    if (!two_ends() && next_regular_) {
      allow_early_ = false;
      next_regular_ = round_.previous + 2 * round_.spacing;
    }
    return;
  }
  allow_early_ = true;
  initial_ = false;
  round_.last_report = now;
  round_.previous = now;
  round_.spacing = interval();
  // RFC 4585 3.5.3: T_rr_interval is randomised as well, so that ends do not fall into step.
  round_.least_spacing = scale(config_.report_interval, 0.5 + random_.unit());
  next_regular_ = now + std::max(round_.spacing, round_.least_spacing);
}

}  // namespace lucid::rtp::rtcp
