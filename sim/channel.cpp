#include "sim/channel.hpp"

#include <algorithm>
#include <cmath>

namespace lucid::sim {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration codel_target = 5ms;      // RFC 8289 4.3: a wait that is always acceptable
constexpr core::Duration codel_interval = 100ms;  // RFC 8289 4.3: about the longest round trip
constexpr std::size_t codel_packet = 1500;  // RFC 8289 4.4: never empty the last packet's worth

core::Duration share(core::Duration whole, double part) {
  return core::Duration{static_cast<std::int64_t>(static_cast<double>(whole.count()) * part)};
}

bool is_perfect(const Link& link) {
  return link.delay == 0s && link.jitter == 0s && link.loss <= 0 && link.reorder <= 0 &&
         link.duplicate <= 0 && link.mtu == 0 && link.rate == 0;
}

}  // namespace

Channel::Channel(Link link, Seed seed, core::Pool& pool)
    : link_{link},
      perfect_{is_perfect(link)},
      random_{static_cast<std::uint64_t>(seed)},
      pool_{pool} {}

void Channel::change(Link link) {
  link_ = link;
  perfect_ = is_perfect(link) && !line_.deliveries;
}

void Channel::deliver_at(Deliveries deliveries) {
  line_.place = deliveries.start();
  line_.deliveries = std::move(deliveries);
  perfect_ = false;
}

bool Channel::pass(const Packet& packet) {
  if (!perfect_ || filter_ || !line_.packets.empty() || !air_.packets.empty()) return false;
  ++stats_.sent;
  ++stats_.delivered;
  stats_.bytes += packet.wire_size();
  return true;
}

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
  if (link_.rate == 0 && line_.packets.empty() && !line_.deliveries) {
    launch(std::move(packet), now);
    return;
  }
  if (line_.bytes + size > link_.queue.limit) {
    ++stats_.dropped;
    return;
  }
  line_.bytes += size;
  line_.packets.push_back({now, std::move(packet)});
  serve(now);
}

std::optional<Packet> Channel::pop(core::Time now) {
  serve(now);
  if (air_.packets.empty() || air_.packets.front().arrival > now) return std::nullopt;
  Packet packet = std::move(air_.packets.front().packet);
  air_.packets.pop_front();
  ++stats_.delivered;
  stats_.bytes += packet.wire_size();
  return packet;
}

std::optional<core::Time> Channel::next() const {
  std::optional<core::Time> next;
  if (!air_.packets.empty()) next = air_.packets.front().arrival;
  Deliveries::Place place = line_.place;
  if (!line_.packets.empty()) next = core::earliest(next, turn_of_head(place));
  return next;
}

// When the first packet of the queue leaves it.
core::Time Channel::turn_of_head(Deliveries::Place& place) const {
  const Waiting& head = line_.packets.front();
  const core::Time ready = std::max(line_.free_at, head.since);
  if (!line_.deliveries) return ready;
  return line_.deliveries->leave(place, ready, head.packet.wire_size());
}

// Lets the transmitter catch up: everything whose turn came at or before `now` leaves the queue.
void Channel::serve(core::Time now) {
  while (!line_.packets.empty()) {
    Deliveries::Place place = line_.place;
    const core::Time start = turn_of_head(place);
    if (start > now) return;
    Waiting head = std::move(line_.packets.front());
    line_.packets.pop_front();
    const std::size_t size = head.packet.wire_size();
    line_.bytes -= size;
    stats_.longest_wait = std::max(stats_.longest_wait, start - head.since);
    if (!survives(head, start)) {
      ++stats_.dropped;
      continue;
    }
    const bool instant = link_.rate == 0 || line_.deliveries;
    line_.free_at = instant ? start : sent_at(start, size);
    line_.place = place;
    launch(std::move(head.packet), line_.free_at);
  }
}

// When the transmitter is done with what it begins now. A packet may take less than a microsecond:
// back to back they share what is rounded up.
core::Time Channel::sent_at(core::Time start, std::size_t bytes) {
  if (start > line_.free_at) line_.ahead = 0;
  const std::uint64_t work = bytes * 8'000'000;  // bits, times the microseconds of a second
  if (work <= line_.ahead) {
    line_.ahead -= work;
    return start;
  }
  const std::uint64_t ticks = (work - line_.ahead + link_.rate - 1) / link_.rate;
  line_.ahead += ticks * link_.rate - work;
  return start + core::Duration{static_cast<std::int64_t>(ticks)};
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
    return t + share(codel_interval, 1 / std::sqrt(static_cast<double>(line_.codel.count)));
  };
  bool above = false;
  // RFC 8289 5.4: the wait counts as bad once it has been above the target for a whole interval.
  if (wait < codel_target || line_.bytes <= codel_packet) {
    line_.codel.first_above.reset();
  } else if (!line_.codel.first_above) {
    line_.codel.first_above = start + codel_interval;
  } else {
    above = start >= *line_.codel.first_above;
  }
  if (!above) {
    line_.codel.dropping = false;
    return false;
  }
  if (line_.codel.dropping) {
    if (start < line_.codel.drop_next) return false;
    ++line_.codel.count;
    line_.codel.drop_next = after(line_.codel.drop_next);
    return true;
  }
  // RFC 8289 5.5: when dropping ended not long ago, it resumes near the rate that was right then.
  const std::uint32_t delta = line_.codel.count - line_.codel.last_count;
  const bool recent = start - line_.codel.drop_next < 16 * codel_interval;
  line_.codel.dropping = true;
  line_.codel.count = delta > 1 && recent ? delta : 1;
  line_.codel.drop_next = after(start);
  line_.codel.last_count = line_.codel.count;
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
    arrival = std::max(arrival, air_.last_arrival);
    air_.last_arrival = arrival;
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
  if (air_.packets.empty() || air_.packets.back().arrival <= arrival) {
    air_.packets.push_back({arrival, std::move(packet)});
    return;
  }
  const auto later = [](core::Time t, const Flying& flying) { return t < flying.arrival; };
  const auto place = std::upper_bound(air_.packets.begin(), air_.packets.end(), arrival, later);
  air_.packets.insert(place, {arrival, std::move(packet)});
}

// Gilbert's model: everything is lost in the bad state, nothing in the good one. The two chances of
// changing state follow from the share lost and the mean length of a bad run.
bool Channel::lose() {
  if (link_.loss <= 0) {
    air_.losing = false;
    return false;
  }
  if (link_.burst <= 1) return random_.unit() < link_.loss;
  // Between two runs at least one packet arrives, so that a large share needs longer runs.
  const double ends = std::min(1 / link_.burst, (1 - link_.loss) / link_.loss);
  const double begins = link_.loss >= 1 ? 1 : link_.loss * ends / (1 - link_.loss);
  air_.losing = air_.losing ? random_.unit() >= ends || link_.loss >= 1 : random_.unit() < begins;
  return air_.losing;
}

}  // namespace lucid::sim
