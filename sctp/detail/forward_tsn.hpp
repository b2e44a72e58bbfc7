#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/time.hpp"
#include "sctp/detail/traffic.hpp"

namespace lucid::sctp::detail {

// RFC 3758 3.5 C5: a timer runs while a FORWARD TSN waits for its acknowledgement. The engine has
// none where a message was given up in the middle: with that one packet lost, the receiver would
// wait for good, and a reset of the stream with it.
class ForwardTsn {
 public:
  using Tsn = core::Serial<std::uint32_t>;

  void sent(core::Bytes packet, const Chunk& chunk, core::Time now) {
    tsn_ = Tsn{core::ByteReader{chunk.value}.u32()};
    const core::Bytes header = packet.first(header_size);
    packet_.assign(header.begin(), header.end());
    const std::size_t length = 4 + chunk.value.size();
    for (const std::size_t byte :
         {std::size_t{chunk.type}, std::size_t{chunk.flags}, length >> 8, length & 0xFF}) {
      packet_.push_back(static_cast<std::uint8_t>(byte));
    }
    packet_.insert(packet_.end(), chunk.value.begin(), chunk.value.end());
    packet_.resize((packet_.size() + 3) / 4 * 4);
    std::fill_n(packet_.begin() + 8, 4, std::uint8_t{0});  // the checksum
    wait_ = first_wait;
    left_ = most_repetitions;
    deadline_ = now + wait_;
  }
  void acknowledged(Tsn cumulative) {
    if (tsn_ && !tsn_->ahead_of(cumulative)) *this = {};
  }
  std::optional<core::Time> deadline() const { return deadline_; }
  // The packet, if it is time for it to leave again.
  core::Bytes due(core::Time now) {
    if (!deadline_ || now < *deadline_) return {};
    wait_ = std::min(2 * wait_, longest_wait);
    deadline_ = --left_ > 0 ? std::optional{now + wait_} : std::nullopt;
    return packet_;
  }

 private:
  // As the engine's own timer: see set_timing().
  static constexpr core::Duration first_wait{std::chrono::milliseconds{500}};
  static constexpr core::Duration longest_wait{std::chrono::seconds{3}};
  static constexpr int most_repetitions = 30;

  std::optional<Tsn> tsn_;
  std::vector<std::uint8_t> packet_;
  core::Duration wait_{};
  int left_ = 0;
  std::optional<core::Time> deadline_;
};

}  // namespace lucid::sctp::detail
