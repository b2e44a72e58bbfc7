#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <new>

#include "core/buffer.hpp"
#include "rtp/extension_values.hpp"
#include "rtp/payload/depacketizer.hpp"
#include "rtp/payload/packetizer.hpp"
#include "rtp/receive/stream.hpp"
#include "rtp/receive/transport_feedback.hpp"
#include "rtp/rtcp/session.hpp"
#include "rtp/send/forwarder.hpp"
#include "rtp/send/stream.hpp"

namespace {
thread_local std::size_t allocations = 0;
}

// Counts what this program takes from the heap. Never inlined, so that the compiler sees new
// matched with delete and not with free.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
// std::stable_sort asks with this one.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace lucid::rtp {
namespace {

// Sends a frame in packets, fills in what the pacer knows, and reads them as a receiver does.
class Path {
 public:
  Path() {
    map_.add(1, ExtensionType::mid);
    map_.add(2, ExtensionType::transport_sequence);
    session_.add_source(3, 90'000);
    session_.add_remote(3, 90'000);
    frame_.data.assign(5000, 1);
    frame_.data[0] = 0x11;
  }
  std::size_t round() {
    HeaderWriter header{{.payload_type = 96, .timestamp = 1, .ssrc = 3}};
    add(header, map_, Mid{"video"});
    add(header, map_, TransportSequence{0});
    std::size_t read_back = 0;
    if (!packetizer_->open(frame_, 1100)) return 0;
    for (;;) {
      core::Buffer packet = pool_.take(1100);
      const auto piece = packetizer_->next(packet.bytes());
      if (!piece) return read_back;
      packet.resize(piece->size);
      header.sequence(++sequence_);
      header.marker(piece->marker);
      header.prepend_to(packet);
      overwrite(packet.bytes(), map_, TransportSequence{sequence_});
      session_.packet_sent(3, 1, piece->size, core::Time{});
      const auto view = Packet::parse(packet);
      session_.packet_received(*view, core::Time{});
      const auto info = depacketizer_->inspect(view->payload(), view->marker());
      read_back += info && read<TransportSequence>(*view, map_)->sequence == sequence_ ? 1 : 0;
    }
  }

 private:
  core::Pool pool_;
  core::SeededRandom random_{1};
  ExtensionMap map_;
  rtcp::Session session_{{.cname = "a"}, {random_, pool_}};
  std::unique_ptr<Packetizer> packetizer_ = make_packetizer({}, random_);
  std::unique_ptr<Depacketizer> depacketizer_ = make_depacketizer(core::Codec::vp8);
  core::EncodedFrame frame_;
  std::uint16_t sequence_ = 0;
};

TEST(Allocation, NoPacketTakesMemoryOnceThingsRun) {
  Path path;
  EXPECT_EQ(path.round(), 5U);
  const std::size_t before = allocations;
  std::size_t packets = 0;
  for (int i = 0; i < 100; ++i) packets += path.round();
  EXPECT_EQ(packets, 500U);
  EXPECT_EQ(allocations, before);
}

// The whole way of a stream: packetised, paced, kept, lost, asked for, repeated, parsed, noted for
// feedback, forwarded, joined, put in order.
class Call {
 public:
  Call() {
    config_.extensions.add(2, ExtensionType::transport_sequence);
    config_.rtx_ssrc = 4;
    config_.rtx_payload_type = 97;
    sender_.emplace(config_, context_);
    ReceiveStreamConfig receive{.ssrc = 3, .formats = {{96, core::Codec::vp8}}};
    receive.rtx_formats = {{97, 96}};
    receive.rtx_ssrc = 4;
    receiver_.emplace(receive, context_);
    receiver_->round_trip(core::Duration{10'000});
    forwarder_.add_source(Forwarder::Source{1}, {{{96, 100}}, config_.extensions});
    forwarder_.select(Forwarder::Source{1}, now_);
    forwarder_.poll_event();
  }
  // Sends frames of so many bytes, loses every `lose`th packet; gives how often memory was taken.
  std::size_t run(int frames, std::size_t size, std::size_t lose) {
    core::EncodedFrame frame;
    frame.data.assign(size, 1);
    const std::size_t before = allocations;
    for (int i = 0; i < frames; ++i) {
      frame.key = number_ == 0;
      frame.data[0] = frame.key ? 0x10 : 0x11;
      const std::array<std::uint8_t, 7> start{0x9D, 0x01, 0x2A, 0x40, 0x01, 0xF0, 0};
      if (frame.key) std::ranges::copy(start, frame.data.begin() + 3);
      frame.rtp_timestamp = static_cast<std::uint32_t>(3000 * number_++);
      sender_->send(frame, now_, pacer_);
      for (int step = 0; step < 33; ++step) tick(lose);
    }
    return allocations - before;
  }
  std::size_t packets = 0;
  std::size_t frames_out = 0;
  std::size_t forwarded = 0;
  const SendStream::Stats& stats() const { return sender_->stats(); }

 private:
  void tick(std::size_t lose) {
    now_ += core::Duration{1000};
    pacer_.handle_timeout(now_);
    while (auto out = pacer_.poll_transmit()) {
      core::Buffer wire = pool_.copy(out->bytes.bytes());
      sender_->sent(std::move(*out), now_);
      if (++packets % lose == 0) continue;
      const auto view = Packet::parse(wire);
      if (const auto number = read<TransportSequence>(*view, config_.extensions)) {
        feedback_.handle_datagram({number->sequence, 3}, now_);
      }
      if (view->ssrc() == 3) {
        forwarder_.handle_datagram({Forwarder::Source{1}, pool_.copy(wire.bytes())}, now_);
        while (forwarder_.poll_transmit()) ++forwarded;
      }
      receiver_->handle_datagram(std::move(wire), now_);
    }
    receiver_->handle_timeout(now_);
    while (const auto message = receiver_->poll_transmit()) {
      if (const auto* nack = std::get_if<rtcp::Nack>(&*message))
        sender_->handle(*nack, now_, pacer_);
    }
    while (receiver_->poll_event()) ++frames_out;
  }

  core::Pool pool_;
  core::SeededRandom random_{1};
  core::Context context_{random_, pool_};
  congestion::Fixed controller_{100'000'000};
  Pacer pacer_{controller_, context_};
  SendStreamConfig config_{.ssrc = 3, .payload_type = 96};
  std::optional<SendStream> sender_;
  std::optional<ReceiveStream> receiver_;
  TransportFeedbackRecorder feedback_{1, context_};
  Forwarder forwarder_{{.ssrc = 9}, context_};
  core::Time now_{std::chrono::seconds{1}};
  int number_ = 0;
};

TEST(Allocation, FramesTakeAFewHoweverManyPacketsTheyHave) {
  Call call;
  call.run(400, 30'000, 1'000'000);  // buffers have grown to what they need
  const std::size_t before = call.frames_out;
  const std::size_t small = call.run(200, 2000, 1'000'000);
  const std::size_t large = call.run(200, 30'000, 1'000'000);
  EXPECT_NEAR(static_cast<double>(call.frames_out - before), 400, 5);
  EXPECT_GT(call.forwarded, 15'000U);
  // The frame itself and its place in the buffer, not its packets.
  EXPECT_LE(small, 200U * 4);
  EXPECT_LE(large, 200U * 4);
}

TEST(Allocation, RepairTakesAFewForEachLoss) {
  Call call;
  call.run(400, 30'000, 50);
  const std::size_t repaired = call.stats().retransmitted_packets;
  const std::size_t taken = call.run(200, 30'000, 50);
  const std::size_t losses = call.stats().retransmitted_packets - repaired;
  EXPECT_GT(losses, 80U);
  EXPECT_LE(taken, 200U * 4 + losses * 12);
}

}  // namespace
}  // namespace lucid::rtp
