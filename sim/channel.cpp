#include "sim/channel.hpp"

#include <algorithm>
#include <cmath>

namespace lucid::sim {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration codel_target = 5ms;      // RFC 8289 4.3: a wait that is always acceptable
constexpr core::Duration codel_interval = 100ms;  // RFC 8289 4.3: about the longest round trip
constexpr std::size_t codel_packet = 1500;  // RFC 8289 4.4: never empty the last packet's worth

core::Duration time_to_send(std::size_t bytes, std::uint64_t rate) {
  return core::Duration{static_cast<std::int64_t>((bytes * 8'000'000 + rate - 1) / rate)};
}

core::Duration share(core::Duration whole, double part) {
  return core::Duration{static_cast<std::int64_t>(static_cast<double>(whole.count()) * part)};
}

}  // namespace

Channel::Channel(Link link, Seed seed, core::Pool& pool)
    : link_{link}, random_{static_cast<std::uint64_t>(seed)}, pool_{pool} {}

void Channel::send(Packet packet, core::Time now) {
  ++stats_.sent;
  if (filter_ && !filter_(packet)) {
    ++stats_.filtered;
    return;
  }
  const std::size_t size = packet.wire_size();
  if (link_.mtu != 0 && size > link_.mtu) {
    ++stats_.too_big;
    return;
  }
  serve(now);
  if (link_.rate == 0 && queue_.empty()) {
    launch(std::move(packet), now);
    return;
  }
  if (queued_bytes_ + size > link_.queue.limit) {
    ++stats_.dropped;
    return;
  }
  queued_bytes_ += size;
  queue_.push_back({now, std::move(packet)});
  serve(now);
}

std::optional<Packet> Channel::pop(core::Time now) {
  serve(now);
  if (flying_.empty() || flying_.front().arrival > now) return std::nullopt;
  Packet packet = std::move(flying_.front().packet);
  flying_.pop_front();
  ++stats_.delivered;
  stats_.bytes += packet.wire_size();
  return packet;
}

std::optional<core::Time> Channel::next() const {
  std::optional<core::Time> next;
  if (!flying_.empty()) next = flying_.front().arrival;
  if (!queue_.empty()) next = core::earliest(next, std::max(free_at_, queue_.front().since));
  return next;
}

// Lets the transmitter catch up: everything whose turn came at or before `now` leaves the queue.
void Channel::serve(core::Time now) {
  while (!queue_.empty()) {
    const core::Time start = std::max(free_at_, queue_.front().since);
    if (start > now) return;
    Waiting head = std::move(queue_.front());
    queue_.pop_front();
    const std::size_t size = head.packet.wire_size();
    queued_bytes_ -= size;
    stats_.longest_wait = std::max(stats_.longest_wait, start - head.since);
    if (!survives(head, start)) {
      ++stats_.dropped;
      continue;
    }
    free_at_ = link_.rate == 0 ? start : start + time_to_send(size, link_.rate);
    launch(std::move(head.packet), free_at_);
  }
}

bool Channel::survives(Waiting& head, core::Time start) {
  const core::Duration wait = start - head.since;
  const bool marks = link_.queue.mark_after > core::Duration::zero();
  if (link_.queue.discipline == Queue::Discipline::codel) {
    return !codel_drops(wait, start) || (marks && mark(head.packet));
  }
  if (marks && wait > link_.queue.mark_after) mark(head.packet);
  return true;
}

bool Channel::codel_drops(core::Duration wait, core::Time start) {
  const auto after = [&](core::Time t) {
    return t + share(codel_interval, 1 / std::sqrt(static_cast<double>(codel_.count)));
  };
  bool above = false;
  // RFC 8289 5.4: the wait counts as bad once it has been above the target for a whole interval.
  if (wait < codel_target || queued_bytes_ <= codel_packet) {
    codel_.first_above.reset();
  } else if (!codel_.first_above) {
    codel_.first_above = start + codel_interval;
  } else {
    above = start >= *codel_.first_above;
  }
  if (!above) {
    codel_.dropping = false;
    return false;
  }
  if (codel_.dropping) {
    if (start < codel_.drop_next) return false;
    ++codel_.count;
    codel_.drop_next = after(codel_.drop_next);
    return true;
  }
  // RFC 8289 5.5: when dropping ended not long ago, it resumes near the rate that was right then.
  const std::uint32_t delta = codel_.count - codel_.last_count;
  const bool recent = start - codel_.drop_next < 16 * codel_interval;
  codel_.dropping = true;
  codel_.count = delta > 1 && recent ? delta : 1;
  codel_.drop_next = after(start);
  codel_.last_count = codel_.count;
  return true;
}

bool Channel::mark(Packet& packet) {
  if (packet.ecn == core::Ecn::not_ect) return false;
  packet.ecn = core::Ecn::ce;
  ++stats_.marked;
  return true;
}

void Channel::launch(Packet packet, core::Time start) {
  if (lose()) {
    ++stats_.lost;
    return;
  }
  core::Time arrival = start + link_.delay;
  if (link_.jitter > core::Duration::zero()) arrival += share(link_.jitter, random_.unit());
  if (link_.reorder > 0 && random_.unit() < link_.reorder) {
    arrival += link_.reorder_delay;
  } else {
    arrival = std::max(arrival, last_arrival_);
    last_arrival_ = arrival;
  }
  if (link_.duplicate > 0 && random_.unit() < link_.duplicate) {
    ++stats_.duplicated;
    Packet twin{packet.path, packet.ecn, pool_.copy(packet.bytes), packet.segment, packet.error};
    fly(std::move(twin), arrival);
  }
  fly(std::move(packet), arrival);
}

// In order of arrival; of equals, the one sent first.
void Channel::fly(Packet packet, core::Time arrival) {
  const auto later = [](core::Time t, const Flying& flying) { return t < flying.arrival; };
  const auto place = flying_.empty() || flying_.back().arrival <= arrival
                         ? flying_.end()
                         : std::upper_bound(flying_.begin(), flying_.end(), arrival, later);
  flying_.insert(place, {arrival, std::move(packet)});
}

// Gilbert's model: everything is lost in the bad state, nothing in the good one. The two chances of
// changing state follow from the share lost and the mean length of a bad run.
bool Channel::lose() {
  if (link_.loss <= 0) {
    losing_ = false;
    return false;
  }
  if (link_.burst <= 1) return random_.unit() < link_.loss;
  const double ends = 1 / link_.burst;
  const double begins = link_.loss >= 1 ? 1 : std::min(1.0, link_.loss * ends / (1 - link_.loss));
  losing_ = losing_ ? random_.unit() >= ends || link_.loss >= 1 : random_.unit() < begins;
  return losing_;
}

}  // namespace lucid::sim
