#include "rtp/receive/transport_feedback.hpp"

#include <algorithm>
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
  const auto place = std::ranges::lower_bound(arrivals_, number, {}, &Noted::number);
  if (place == arrivals_.end() || place->number != number) arrivals_.insert(place, {number, now});
  if (!timer_.running()) timer_.start(now, interval);
}

void TransportFeedbackRecorder::handle_timeout(core::Time now) {
  if (timer_.expire(now)) build();
}

void TransportFeedbackRecorder::build() {
  for (std::size_t next = 0; next < arrivals_.size();) {
    const Noted& first = arrivals_[next];
    // Numbers between two reports that never came are reported as lost, by starting at the first.
    const bool gap = reported_until_ && first.number > *reported_until_ + 1 &&
                     first.number - *reported_until_ < oldest;
    const std::int64_t base = gap ? *reported_until_ + 1 : first.number;
    rtcp::TransportFeedbackBuilder builder{static_cast<std::uint16_t>(base), first.at, count_++};
    const std::size_t begin = next;
    while (next < arrivals_.size() &&
           builder.add(static_cast<std::uint16_t>(arrivals_[next].number), arrivals_[next].at)) {
      ++next;
    }
    if (next == begin) {  // it fits no message at all
      ++next;
      continue;
    }
    const std::int64_t last = arrivals_[next - 1].number;
    if (!reported_until_ || last > *reported_until_) reported_until_ = last;
    out_.push_back(builder.build(own_ssrc_, media_ssrc_));
  }
  arrivals_.clear();
}

}  // namespace lucid::rtp
