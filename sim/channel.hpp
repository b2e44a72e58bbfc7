#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "core/effects.hpp"
#include "core/random.hpp"
#include "sim/deliveries.hpp"
#include "sim/link.hpp"
#include "sim/seed.hpp"

namespace lucid::sim {

// Part of a simulated TCP connection; empty in UDP packets.
struct Segment {
  enum class Kind : std::uint8_t { none, open, accept, data, ack, close, reset };
  Kind kind = Kind::none;
  bool last = true;  // the message ends here
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
};

// One IP packet. `path` is seen by the sender: local is the source, remote the destination.
struct Packet {
  core::Path path;
  core::Ecn ecn = core::Ecn::not_ect;
  core::Buffer bytes;
  Segment segment{};
  std::optional<core::PathError> error{};  // an ICMP error on its way back, about the reversed path
  std::uint8_t hops = 0;

  std::size_t wire_size() const {
    const std::size_t ip = path.remote.family() == core::Family::v4 ? 20 : 40;
    return ip + (segment.kind == Segment::Kind::none ? 8 : 20) + bytes.size();
  }
};

// A link at work: one direction, with its queue and its packets in flight. Sans-IO like all else:
// send at any time, pop what has arrived, sleep until next().
class Channel {
 public:
  struct Stats {
    std::uint64_t sent = 0;
    std::uint64_t delivered = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t lost = 0;     // by chance
    std::uint64_t dropped = 0;  // by the queue
    std::uint64_t too_big = 0;
    std::uint64_t filtered = 0;
    std::uint64_t marked = 0;
    std::uint64_t bytes = 0;        // delivered, on the wire
    core::Duration longest_wait{};  // in the queue
  };
  // Sees each packet before all else and may change it; false drops it.
  using Filter = std::function<bool(Packet&)>;

  Channel(Link link, Seed seed, core::Pool& pool);

  void send(Packet packet, core::Time now);
  // Send and pop in one, for a link that does nothing to a packet now; false: it does, use send.
  bool pass(const Packet& packet);
  std::optional<Packet> pop(core::Time now);
  // When the next packet arrives or leaves the queue.
  std::optional<core::Time> next() const;

  const Link& link() const { return link_; }
  // Holds from now on; what is in flight arrives as it would have.
  void change(Link link);
  // From now on packets leave when these say so, and no more by the link's rate.
  void deliver_at(Deliveries deliveries);
  void filter(Filter filter) { filter_ = std::move(filter); }
  const Stats& stats() const { return stats_; }
  std::size_t queued_bytes() const { return line_.bytes; }

 private:
  struct Waiting {
    core::Time since;
    Packet packet;
  };
  struct Flying {
    core::Time arrival;
    Packet packet;
  };
  struct Codel {
    std::optional<core::Time> first_above;
    core::Time drop_next{};
    std::uint32_t count = 0;
    std::uint32_t last_count = 0;
    bool dropping = false;
  };

  bool lose();
  void serve(core::Time now);
  bool survives(Waiting& head, core::Time start);
  core::Time sent_at(core::Time start, std::size_t bytes);
  core::Time turn_of_head(Deliveries::Place& place) const;
  bool codel_drops(core::Duration wait, core::Time start);
  bool mark(Packet& packet);
  void launch(Packet packet, core::Time start);
  void fly(Packet packet, core::Time arrival);

  // In front of the transmitter.
  struct Line {
    std::deque<Waiting> packets;
    std::size_t bytes = 0;
    core::Time free_at{};                  // when the transmitter has sent what it is sending
    std::uint64_t ahead = 0;               // what the last microsecond had room for beyond that
    std::optional<Deliveries> deliveries;  // in place of the rate
    Deliveries::Place place;
    Codel codel;
  };
  struct Air {
    std::deque<Flying> packets;
    core::Time last_arrival{};
    bool losing = false;
  };

  Link link_;
  bool perfect_;
  core::SeededRandom random_;
  core::Pool& pool_;
  Filter filter_;
  Line line_;
  Air air_;
  Stats stats_;
};

}  // namespace lucid::sim
