#include "stun/transaction.hpp"

#include <algorithm>
#include <utility>

namespace lucid::stun {
namespace {

using namespace std::chrono_literals;

// RFC 8489 6.2.2: over a stream a request is sent once and waited for as long as over UDP.
constexpr core::Duration stream_timeout = 39500ms;

}  // namespace

Transaction::Transaction(core::Buffer request, Reliability reliability, Schedule schedule,
                         core::Time now)
    : request_{std::move(request)}, schedule_{schedule}, started_{now} {
  core::check(request_.size() >= header_size);
  std::ranges::copy(request_.bytes().subspan(8, id_.size()), id_.begin());
  if (reliability == Reliability::stream) schedule_.requests = 1;
  if (reliability == Reliability::stream) {
    timer_.start(now, stream_timeout);
  } else {
    timer_.start(now, schedule_.requests > 1 ? schedule_.rto : schedule_.rto * schedule_.last_wait);
  }
}

bool Transaction::answered_by(const Message& response) const {
  return response.transaction() == id_ &&
         (response.message_class() == Class::success || response.message_class() == Class::error);
}

Transaction::Next Transaction::handle_timeout(core::Time now) {
  if (!timer_.deadline() || *timer_.deadline() > now) return Next::wait;
  if (sent_ >= schedule_.requests) return Next::give_up;
  ++sent_;
  // RFC 8489 6.2.1: each wait is twice the one before, and the last one Rm times the first.
  timer_.start(
      now, sent_ < schedule_.requests ? 2 * timer_.wait() : schedule_.rto * schedule_.last_wait);
  return Next::send;
}

std::optional<core::Duration> Transaction::round_trip(core::Time now) const {
  if (sent_ != 1) return std::nullopt;
  return now - started_;
}

}  // namespace lucid::stun
