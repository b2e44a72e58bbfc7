#include "rtp/send/history.hpp"

namespace lucid::rtp {

namespace {

constexpr std::size_t most_left_out = 1000;
// Further back a number of 16 bits does not reach. A source that leaves out numbers with each
// packet would otherwise fill the memory with places for them.
constexpr std::size_t most_places = 1 << 15;

}  // namespace

void PacketHistory::store(std::uint16_t sequence, core::Buffer packet, core::Time now) {
  const std::int64_t number = unwrap_.unwrap(sequence);
  if (!packets_.empty()) {
    const std::int64_t last = packets_.back().sequence;
    if (number <= last) {
      fill(number, std::move(packet), now);
      return;
    }
    if (number - last > static_cast<std::int64_t>(most_left_out)) {
      packets_.clear();
      bytes_ = 0;
    } else {
      for (std::int64_t gap = last + 1; gap < number; ++gap) packets_.push_back({gap, {}, now});
    }
  }
  bytes_ += packet.size();
  packets_.push_back({number, std::move(packet), now});
  trim(now);
}

// A forwarder sends what was lost on the way to it late, into a place left out.
void PacketHistory::fill(std::int64_t number, core::Buffer packet, core::Time now) {
  const std::int64_t index = number - packets_.front().sequence;
  if (index < 0) return;
  Stored& place = packets_[static_cast<std::size_t>(index)];
  if (!place.bytes.empty()) return;
  bytes_ += packet.size();
  place = {number, std::move(packet), now};
  trim(now);
}

const core::Buffer* PacketHistory::ask(std::uint16_t sequence, core::Duration pause,
                                       core::Time now) {
  trim(now);
  if (packets_.empty()) return nullptr;
  const std::int64_t index = unwrap_.peek(sequence) - packets_.front().sequence;
  if (index < 0 || index >= static_cast<std::int64_t>(packets_.size())) return nullptr;
  Stored& stored = packets_[static_cast<std::size_t>(index)];
  if (stored.bytes.empty() || (stored.again && now - stored.time < pause)) return nullptr;
  stored.again = true;
  stored.time = now;
  return &stored.bytes;
}

void PacketHistory::trim(core::Time now) {
  while (!packets_.empty() && (now - packets_.front().time > limits_.age ||
                               bytes_ > limits_.bytes || packets_.size() > most_places)) {
    bytes_ -= packets_.front().bytes.size();
    packets_.pop_front();
  }
}

}  // namespace lucid::rtp
