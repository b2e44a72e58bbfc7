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
// So that a report fits a datagram: a byte or two of delta each and a seventh of a chunk, and two
// more chunks where numbers are missing in between.
constexpr std::size_t most_bytes = 1100;
constexpr core::Duration near = 60ms;
constexpr std::size_t bytes_when_near = 2;
constexpr std::size_t bytes_when_far = 3;
constexpr std::size_t bytes_of_hole = 4;

}  // namespace

void TransportFeedbackRecorder::handle_datagram(Arrival arrival, core::Time now) {
  media_ssrc_ = arrival.media_ssrc;
  if (reported_until_ && unwrap_.peek(arrival.sequence) < *reported_until_ - oldest) {
    // RFC 3550 A.1: two in sequence, where none is expected, are of a sender that begins anew.
    const bool anew = stray_ && static_cast<std::uint16_t>(*stray_ + 1) == arrival.sequence;
    stray_ = arrival.sequence;
    if (!anew) return;
    build();
    reported_until_.reset();
    unwrap_ = {};
  }
  stray_.reset();
  const std::int64_t number = unwrap_.unwrap(arrival.sequence);
  if (arrivals_.size() >= most_arrivals) build();
  const auto place = std::ranges::lower_bound(arrivals_, number, {}, &Noted::number);
  if (place == arrivals_.end() || place->number != number) arrivals_.insert(place, {number, now});
  if (!timer_.running()) timer_.start(now, interval);
}

void TransportFeedbackRecorder::handle_timeout(core::Time now) {
  if (timer_.expire(now)) build();
}

void TransportFeedbackRecorder::build() {
  for (std::size_t next = 0; next < arrivals_.size();) next = build_one(next);
  arrivals_.clear();
}

// A message of what arrived from this place on; returns where it ends.
std::size_t TransportFeedbackRecorder::build_one(const std::size_t begin) {
  const Noted& first = arrivals_[begin];
  // Numbers between two reports that never came are reported as lost, by starting at the first.
  const bool gap = reported_until_ && first.number > *reported_until_ + 1 &&
                   first.number - *reported_until_ < oldest;
  const std::int64_t base = gap ? *reported_until_ + 1 : first.number;
  rtcp::TransportFeedbackBuilder builder{static_cast<std::uint16_t>(base), first.at, count_++};
  std::size_t next = begin;
  for (std::size_t size = 0; next < arrivals_.size() && size < most_bytes; ++next) {
    const Noted& here = arrivals_[next];
    const std::int64_t step = next == begin ? 1 : here.number - arrivals_[next - 1].number;
    if (step >= oldest) break;
    if (!builder.add(static_cast<std::uint16_t>(here.number), here.at)) break;
    const core::Duration since = next == begin ? near : here.at - arrivals_[next - 1].at;
    size += since >= 0us && since < near ? bytes_when_near : bytes_when_far;
    if (step > 1) size += bytes_of_hole;
  }
  if (next == begin) return begin + 1;  // it fits no message at all
  const std::int64_t last = arrivals_[next - 1].number;
  if (!reported_until_ || last > *reported_until_) reported_until_ = last;
  out_.push_back(builder.build(own_ssrc_, media_ssrc_));
  return next;
}

}  // namespace lucid::rtp
