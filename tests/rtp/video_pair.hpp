#pragma once
// A sender and a receiver of one video stream as machines for sim::Simulation: RTP one way, RTCP
// back.
#include <array>
#include <chrono>
#include <set>
#include <vector>

#include "rtp/extension_values.hpp"
#include "rtp/receive/stream.hpp"
#include "rtp/send/stream.hpp"

namespace lucid::rtp::test {

using namespace std::chrono_literals;

inline core::Buffer serialize(const rtcp::Message& message, core::Pool& pool) {
  core::Buffer buffer = pool.take(rtcp::size_of(message));
  core::ByteWriter out{buffer.bytes()};
  core::check(rtcp::write(message, out));
  return buffer;
}

// Sends VP8-like frames of an even size, thirty a second unless told otherwise; answers NACK and
// PLI.
class VideoSender {
 public:
  using Datagram = core::Buffer;
  using Transmit = core::Buffer;
  using Event = std::monostate;

  VideoSender(core::Context context, std::size_t frame_size, std::uint64_t bitrate, int rate = 30)
      : pool_{&context.pool},
        controller_{bitrate},
        pacer_{controller_, context},
        stream_{settings(), context},
        frame_size_{frame_size},
        rate_{rate} {}

  static SendStreamConfig settings() {
    SendStreamConfig config{.ssrc = 1111, .payload_type = 96};
    config.rtx_ssrc = 2222;
    config.rtx_payload_type = 97;
    return config;
  }

  void handle_datagram(core::Buffer datagram, core::Time now) {
    const auto messages = rtcp::parse_compound(datagram.bytes());
    if (!messages) return;
    for (const auto& message : *messages) {
      if (const auto* nack = std::get_if<rtcp::Nack>(&message)) stream_.handle(*nack, now, pacer_);
      if (const auto* pli = std::get_if<rtcp::PictureLoss>(&message)) {
        key_wanted_ = stream_.handle(*pli, now) || key_wanted_;
      }
    }
  }
  void handle_timeout(core::Time now) {
    if (!next_frame_) next_frame_ = now;
    while (running && *next_frame_ <= now) {
      core::EncodedFrame frame;
      frame.codec = core::Codec::vp8;
      frame.key = key_wanted_ || frames_sent == 0;
      key_wanted_ = false;
      frame.data.assign(frame.key ? frame_size_ * 4 : frame_size_,
                        static_cast<std::uint8_t>(frames_sent));
      // RFC 6386 9.1: the frame tag, and on key frames the start code and the size.
      constexpr std::array<std::uint8_t, 10> key_header{0x10, 0,    0,    0x9D, 0x01,
                                                        0x2A, 0x40, 0x01, 0xF0, 0};
      if (frame.key) std::ranges::copy(key_header, frame.data.begin());
      if (!frame.key) frame.data[0] = 0x11;
      frame.rtp_timestamp =
          static_cast<std::uint32_t>(frames_sent) * static_cast<std::uint32_t>(90'000 / rate_);
      stream_.send(frame, now, pacer_);
      ++frames_sent;
      *next_frame_ += 1'000'000us / rate_;
    }
    pacer_.handle_timeout(now);
  }
  std::optional<core::Buffer> poll_transmit() {
    auto packet = pacer_.poll_transmit();
    if (!packet) return std::nullopt;
    core::Buffer wire = pool_->copy(packet->bytes.bytes());
    stream_.sent(std::move(*packet), last_now());
    return wire;
  }
  std::optional<Event> poll_event() { return std::nullopt; }
  std::optional<core::Time> next_timeout() const {
    if (!next_frame_) return core::Time{};
    return running ? core::earliest(next_frame_, pacer_.next_timeout()) : pacer_.next_timeout();
  }
  const SendStream& stream() const { return stream_; }

  int frames_sent = 0;
  bool running = true;

 private:
  core::Time last_now() const { return *next_frame_; }

  core::Pool* pool_;
  congestion::Fixed controller_;
  Pacer pacer_;
  SendStream stream_;
  std::size_t frame_size_;
  int rate_;
  std::optional<core::Time> next_frame_;
  bool key_wanted_ = false;
};

class VideoReceiver {
 public:
  using Datagram = core::Buffer;
  using Transmit = core::Buffer;
  using Event = ReceiveStream::Event;

  VideoReceiver(core::Context context, core::Duration rtt)
      : pool_{&context.pool}, stream_{settings(), context} {
    stream_.round_trip(rtt);
  }
  static ReceiveStreamConfig settings() {
    ReceiveStreamConfig config{.ssrc = 1111};
    config.formats = {{96, core::Codec::vp8}};
    config.rtx_formats = {{97, 96}};
    config.rtx_ssrc = 2222;
    return config;
  }
  void handle_datagram(core::Buffer datagram, core::Time now) {
    ++packets;
    stream_.handle_datagram(std::move(datagram), now);
  }
  void handle_timeout(core::Time now) { stream_.handle_timeout(now); }
  std::optional<core::Buffer> poll_transmit() {
    const auto message = stream_.poll_transmit();
    if (!message) return std::nullopt;
    return serialize(*message, *pool_);
  }
  std::optional<Event> poll_event() { return stream_.poll_event(); }
  std::optional<core::Time> next_timeout() const { return stream_.next_timeout(); }
  ReceiveStream& stream() { return stream_; }

  std::uint64_t packets = 0;

 private:
  core::Pool* pool_;
  ReceiveStream stream_;
};

static_assert(core::Machine<VideoSender>);
static_assert(core::Machine<VideoReceiver>);

}  // namespace lucid::rtp::test
