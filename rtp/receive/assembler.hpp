#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/buffer.hpp"
#include "core/media.hpp"
#include "core/queue.hpp"
#include "rtp/packet.hpp"
#include "rtp/payload/depacketizer.hpp"

namespace lucid::rtp {

// A frame of which every packet is there.
struct AssembledFrame {
  core::EncodedFrame frame;
  std::int64_t first_sequence = 0;
  std::int64_t last_sequence = 0;
  core::Time complete_at{};
  bool repaired = false;  // some of it came again
  PayloadInfo info;       // of its first packet
  core::Buffer first_packet;
  core::Buffer last_packet;  // empty where the first is the only one
};

// Joins packets into frames, in whatever order they come. Holds a window of packets; what is older
// than the window is overwritten. One for each codec of a stream.
class FrameAssembler {
 public:
  static constexpr std::size_t window = 2048;

  explicit FrameAssembler(core::Codec codec);

  struct Arrival {
    std::int64_t sequence = 0;
    core::Time time{};
    bool repaired = false;
  };
  // `view` looks at `bytes`. False for a duplicate, one too old, and one that is no payload.
  bool insert(const Packet& view, core::Buffer bytes, const Arrival& arrival);
  // Frames in the order in which they were completed.
  std::optional<AssembledFrame> pop() { return done_.pop(); }
  // Whether this number carries nothing, as padding does: no frame misses it.
  bool is_padding(std::int64_t sequence) const;
  // Frames that begin before this one are of no use any more.
  void forget_before(std::int64_t sequence);
  // Whether some of a key frame is there, as far as packets tell.
  bool has_part_of_key() const { return key_part_; }
  core::Codec codec() const { return codec_; }

 private:
  struct Slot {
    std::int64_t sequence = -1;
    core::Buffer bytes;
    Packet view;
    PayloadInfo info;
    core::Time time{};
    bool repaired = false;
    bool padding = false;
    bool used = false;
  };
  Slot& slot(std::int64_t sequence) { return slots_[static_cast<std::size_t>(sequence) % window]; }
  const Slot* find(std::int64_t sequence) const;
  bool begins(const Slot& slot) const;
  bool ends(const Slot& slot) const;
  void try_around(std::int64_t sequence);
  bool join(std::int64_t first, std::int64_t last);

  core::Codec codec_;
  bool explicit_start_;
  std::unique_ptr<Depacketizer> depacketizer_;
  std::vector<Slot> slots_;
  std::int64_t oldest_ = 0;
  bool began_ = false;
  bool key_part_ = false;
  bool forgets_ = false;  // what lies before oldest_
  std::vector<core::Bytes> payloads_;
  core::Queue<AssembledFrame> done_;
};

}  // namespace lucid::rtp
