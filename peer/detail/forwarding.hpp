#pragma once
#include <cstdint>
#include <optional>

#include "core/random.hpp"
#include "core/serial.hpp"
#include "peer/rtp_packet.hpp"
#include "rtp/send/stream.hpp"

namespace lucid::peer::detail {

// Packets of other streams as one stream of ours: numbers and timestamps go on from source to
// source, header extensions get our ids.
class Forwarding {
 public:
  explicit Forwarding(core::Random& random);

  // The packet in the terms of the stream that `to` describes.
  core::Buffer rewrite(const RtpPacket& packet, const rtp::SendStreamConfig& to, core::Pool& pool);

 private:
  struct Source {
    std::uint32_t ssrc = 0;
    std::int64_t sequence_offset = 0;
    std::uint32_t timestamp_offset = 0;
  };
  struct Last {  // of the packets sent, the one with the highest number
    std::int64_t sequence = 0;
    std::uint32_t timestamp = 0;
    core::Time capture_time{};
  };
  void take_up(const RtpPacket& packet, const rtp::Header& header);

  std::optional<Source> source_;
  core::Unwrapper<std::uint16_t> unwrap_;
  Last last_;
};

}  // namespace lucid::peer::detail
