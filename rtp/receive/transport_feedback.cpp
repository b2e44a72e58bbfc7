#include "rtp/receive/transport_feedback.hpp"

#include <chrono>

namespace lucid::rtp {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration interval = 60ms;
// A number this far behind was reported as lost long ago.
constexpr std::int64_t oldest = 500;
constexpr std::size_t most_arrivals = 2000;

}  // namespace

void TransportFeedbackRecorder::handle_datagram(Arrival arrival, core::Time now) {
  const std::int64_t number = unwrap_.unwrap(arrival.sequence);
  media_ssrc_ = arrival.media_ssrc;
  if (reported_until_ && number < *reported_until_ - oldest) return;
  if (arrivals_.size() >= most_arrivals) arrivals_.erase(arrivals_.begin());
  arrivals_.emplace(number, now);
  if (!timer_.running()) timer_.start(now, interval);
}

void TransportFeedbackRecorder::handle_timeout(core::Time now) {
  if (timer_.expire(now)) build();
}

void TransportFeedbackRecorder::build() {
  while (!arrivals_.empty()) {
    auto next = arrivals_.begin();
    // Numbers between two reports that never came are reported as lost, by starting at the first.
    const bool gap = reported_until_ && next->first > *reported_until_ + 1 &&
                     next->first - *reported_until_ < oldest;
    const std::int64_t base = gap ? *reported_until_ + 1 : next->first;
    rtcp::TransportFeedbackBuilder builder{static_cast<std::uint16_t>(base), next->second,
                                           count_++};
    std::int64_t last = base;
    const std::size_t before = arrivals_.size();
    while (next != arrivals_.end() &&
           builder.add(static_cast<std::uint16_t>(next->first), next->second)) {
      last = next->first;
      next = arrivals_.erase(next);
    }
    if (arrivals_.size() == before) {  // it fits no message at all
      arrivals_.erase(next);
      continue;
    }
    if (!reported_until_ || last > *reported_until_) reported_until_ = last;
    out_.push_back(builder.build(own_ssrc_, media_ssrc_));
  }
}

std::optional<rtcp::Message> TransportFeedbackRecorder::poll_transmit() {
  if (out_.empty()) return std::nullopt;
  rtcp::Message message = std::move(out_.front());
  out_.pop_front();
  return message;
}

}  // namespace lucid::rtp
