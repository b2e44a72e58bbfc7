#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "core/buffer.hpp"
#include "core/queue.hpp"
#include "core/serial.hpp"
#include "core/time.hpp"

namespace lucid::rtp {

// The packets of one stream that left lately, for those who ask again. Bounded by time and by size:
// what is older than `age` is of no use to a live call, and `bytes` holds a few seconds of it.
class PacketHistory {
 public:
  struct Limits {
    core::Duration age = std::chrono::seconds{3};
    std::size_t bytes = 8 << 20;
  };

  explicit PacketHistory(Limits limits) : limits_{limits} {}
  PacketHistory() : PacketHistory{Limits{}} {}

  // In the order of sequence numbers, or into a place that was left out.
  void store(std::uint16_t sequence, core::Buffer packet, core::Time now);
  // The packet, unless it is gone or was asked for less than `pause` ago: several copies of a NACK
  // for one loss are answered once.
  const core::Buffer* ask(std::uint16_t sequence, core::Duration pause, core::Time now);
  // What padding is best made of.
  const core::Buffer* latest() const { return packets_.empty() ? nullptr : &packets_.back().bytes; }

  std::size_t size() const { return packets_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Stored {
    std::int64_t sequence;
    core::Buffer bytes;  // empty where a number was left out
    core::Time time;     // when it left last
    bool again = false;
  };
  void fill(std::int64_t number, core::Buffer packet, core::Time now);
  void trim(core::Time now);

  Limits limits_;
  core::Queue<Stored> packets_;  // one entry for each number from front to back
  std::size_t bytes_ = 0;
  core::Unwrapper<std::uint16_t> unwrap_;
};

}  // namespace lucid::rtp
