#pragma once
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "core/machine.hpp"
#include "core/queue.hpp"
#include "core/serial.hpp"
#include "rtp/rtcp/packet.hpp"

namespace lucid::rtp {

// Notes when each packet of a transport arrived and reports it to the sender's congestion control
// (transport-wide-cc 01), ten to twenty times a second.
class TransportFeedbackRecorder {
 public:
  struct Arrival {
    std::uint16_t sequence = 0;
    std::uint32_t media_ssrc = 0;
  };
  using Datagram = Arrival;
  using Transmit = rtcp::Message;
  using Event = std::monostate;

  TransportFeedbackRecorder(std::uint32_t own_ssrc, core::Context) : own_ssrc_{own_ssrc} {}

  void handle_datagram(Arrival arrival, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<rtcp::Message> poll_transmit() { return out_.pop(); }
  std::optional<Event> poll_event() { return std::nullopt; }
  std::optional<core::Time> next_timeout() const { return timer_.deadline(); }

 private:
  void build();
  std::size_t build_one(std::size_t begin);

  std::uint32_t own_ssrc_;
  std::uint32_t media_ssrc_ = 0;
  core::Unwrapper<std::uint16_t> unwrap_;
  struct Noted {
    std::int64_t number;
    core::Time at;
  };
  std::vector<Noted> arrivals_;  // in order, not reported yet
  std::optional<std::int64_t> reported_until_;
  std::optional<std::uint16_t> stray_;  // the number before, when it was far too old
  std::uint8_t count_ = 0;
  core::Timer timer_;
  core::Queue<rtcp::Message> out_;
};
static_assert(core::Machine<TransportFeedbackRecorder>);

}  // namespace lucid::rtp
