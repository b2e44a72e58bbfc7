#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "core/serial.hpp"
#include "peer/rtp_packet.hpp"
#include "rtp/send/forwarder.hpp"
#include "rtp/send/stream.hpp"

namespace lucid::peer::detail {

// Packets of receivers as one stream of ours. Who sends names no sources: the newest packet tells
// which SSRC is wanted from here on, and rtp::Forwarder goes over to it without a seam.
class Forwarding {
 public:
  Forwarding(const rtp::SendStreamConfig& to, core::Context context);

  // A packet for the stream that `to` describes.
  void send(const RtpPacket& packet, const rtp::SendStreamConfig& to, core::Time now);
  void handle_timeout(core::Time now) { forwarder_.handle_timeout(now); }
  std::optional<core::Buffer> poll_transmit() { return forwarder_.poll_transmit(); }
  // True where the source has to send a key frame, as nothing can begin without one.
  bool poll_key_frame_wanted();
  std::optional<core::Time> next_timeout() const { return forwarder_.next_timeout(); }

 private:
  struct Source {
    std::uint32_t ssrc = 0;
    std::uint8_t payload_type = 0;
    std::uint8_t outgoing_payload_type = 0;
    rtp::ExtensionMap extensions;
    core::Serial<std::uint16_t> newest;
  };
  void know(const RtpPacket& packet, const rtp::Packet& view, const rtp::SendStreamConfig& to,
            core::Time now);

  core::Pool* pool_;
  rtp::Forwarder forwarder_;
  std::vector<Source> sources_;  // the one heard last is the last
  std::optional<std::uint32_t> wanted_;
  core::Time wanted_at_{};  // when it was heard last
};

}  // namespace lucid::peer::detail
