// RTP packets a second on one core through what keeps state: a sender with its pacer and history, a
// receiver with its repair and jitter buffer, and a forwarder.
#include <benchmark/benchmark.h>

#include <chrono>

#include "rtp/extension_values.hpp"
#include "rtp/receive/stream.hpp"
#include "rtp/send/forwarder.hpp"
#include "rtp/send/stream.hpp"

namespace {

using namespace lucid;
using namespace std::chrono_literals;

rtp::ExtensionMap extensions() {
  rtp::ExtensionMap map;
  map.add(1, rtp::ExtensionType::mid);
  map.add(2, rtp::ExtensionType::abs_send_time);
  map.add(3, rtp::ExtensionType::transport_sequence);
  return map;
}

rtp::SendStreamConfig settings() {
  rtp::SendStreamConfig config{.ssrc = 1, .payload_type = 96};
  config.rtx_ssrc = 2;
  config.rtx_payload_type = 97;
  config.mid = "video";
  config.extensions = extensions();
  return config;
}

core::EncodedFrame picture(bool key, std::uint32_t number) {
  core::EncodedFrame frame{.data = std::vector<std::uint8_t>(12'000)};
  const std::uint8_t head[] = {0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01};
  std::copy(std::begin(head), std::end(head), frame.data.begin());
  if (!key) frame.data[0] = 0x11;
  frame.key = key;
  frame.rtp_timestamp = 3000 * number;
  return frame;
}

// Makes packets on one side, so that what is measured is the other.
struct Source {
  core::SeededRandom random{1};
  core::Pool pool;
  rtp::congestion::Fixed controller{1'000'000'000};
  rtp::Pacer pacer{controller, {random, pool}};
  rtp::SendStream stream{settings(), {random, pool}};
  core::EncodedFrame key = picture(true, 0);
  core::EncodedFrame delta = picture(false, 0);
  core::Time now{1s};
  std::uint32_t frames = 0;

  template <class Take>
  void frame(Take take) {
    core::EncodedFrame& next = frames == 0 ? key : delta;
    next.rtp_timestamp = 3000 * frames++;
    now += 33ms;
    stream.send(next, now, pacer);
    for (int i = 0; i < 33; ++i) {
      pacer.handle_timeout(now + i * 1ms);
      while (auto out = pacer.poll_transmit()) take(std::move(*out));
    }
  }
};

void send_stream(benchmark::State& state) {
  Source source;
  std::int64_t packets = 0;
  for (auto _ : state) {
    source.frame([&](rtp::Outgoing out) {
      ++packets;
      source.stream.sent(std::move(out), source.now);
    });
  }
  state.SetItemsProcessed(packets);
}
BENCHMARK(send_stream);

// Packets of a stream that goes on for ever, made from those of two frames.
class Loop {
 public:
  Loop() {
    for (auto* packets : {&key_, &delta_}) {
      source_.frame([&](const rtp::Outgoing& out) {
        packets->emplace_back(out.bytes.bytes().begin(), out.bytes.bytes().end());
      });
    }
    sequence_ = rtp::Packet::parse(key_.front())->sequence();
  }
  template <class Take>
  void frame(core::Pool& pool, Take take) {
    for (const auto& each : frames_ == 0 ? key_ : delta_) {
      core::Buffer packet = pool.copy(each);
      rtp::PacketRewriter rewriter{packet.bytes()};
      rewriter.sequence(sequence_++);
      rewriter.timestamp(3000 * frames_);
      take(std::move(packet));
    }
    ++frames_;
  }

 private:
  Source source_;
  std::vector<std::vector<std::uint8_t>> key_;
  std::vector<std::vector<std::uint8_t>> delta_;
  std::uint16_t sequence_ = 0;
  std::uint32_t frames_ = 0;
};

// So many in a hundred packets are overtaken by a few others.
void receive_stream(benchmark::State& state) {
  core::SeededRandom random{1};
  core::Pool pool;
  Loop loop;
  rtp::ReceiveStream stream{
      {.ssrc = 1, .formats = {{96, core::Codec::vp8}}, .extensions = extensions()}, {random, pool}};
  const auto disorder = static_cast<std::uint64_t>(state.range(0));
  core::Time now{1s};
  std::int64_t packets = 0;
  std::int64_t frames = 0;
  core::Buffer late;
  for (auto _ : state) {
    loop.frame(pool, [&](core::Buffer packet) {
      now += 1ms;
      ++packets;
      if (disorder > 0 && late.size() == 0 && random.below(100) < disorder) {
        late = std::move(packet);
        return;
      }
      stream.handle_datagram(std::move(packet), now);
      if (late.size() > 0 && random.below(4) == 0) {
        stream.handle_datagram(std::exchange(late, {}), now);
      }
    });
    now += 20ms;
    stream.handle_timeout(now);
    while (stream.poll_transmit()) continue;
    while (stream.poll_event()) ++frames;
  }
  if (packets > 10'000 && frames * 20 < packets) state.SkipWithError("frames are missing");
  state.SetItemsProcessed(packets);
}
BENCHMARK(receive_stream)->ArgName("overtaken_percent")->Arg(0)->Arg(5);

void forward_stream(benchmark::State& state) {
  core::SeededRandom random{1};
  core::Pool pool;
  Loop loop;
  rtp::Forwarder forwarder{{.ssrc = 9, .mid = "v", .extensions = extensions()}, {random, pool}};
  forwarder.add_source({}, {{{96, 100}}, extensions()});
  core::Time now{1s};
  forwarder.select({}, now);
  std::int64_t packets = 0;
  for (auto _ : state) {
    loop.frame(pool, [&](core::Buffer packet) {
      forwarder.handle_datagram({{}, std::move(packet)}, now += 1ms);
      while (auto out = forwarder.poll_transmit()) {
        benchmark::DoNotOptimize(out->data());
        ++packets;
      }
    });
  }
  state.SetItemsProcessed(packets);
}
BENCHMARK(forward_stream);

}  // namespace
