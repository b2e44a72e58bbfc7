// RTP and RTCP a second on one core: packets parsed, built and rewritten, frames packetised and
// joined, feedback built and read.
#include <benchmark/benchmark.h>

#include "rtp/extension_values.hpp"
#include "rtp/payload/depacketizer.hpp"
#include "rtp/payload/packetizer.hpp"
#include "rtp/rtcp/packet.hpp"

namespace {

using namespace lucid;

rtp::ExtensionMap extensions() {
  rtp::ExtensionMap map;
  map.add(1, rtp::ExtensionType::mid);
  map.add(2, rtp::ExtensionType::abs_send_time);
  map.add(3, rtp::ExtensionType::transport_sequence);
  return map;
}

rtp::HeaderWriter header_with(const rtp::ExtensionMap& map) {
  rtp::HeaderWriter header{{.payload_type = 96, .sequence = 1, .timestamp = 2, .ssrc = 3}};
  rtp::add(header, map, rtp::Mid{"video"});
  rtp::add(header, map, rtp::AbsSendTime{1});
  rtp::add(header, map, rtp::TransportSequence{7});
  return header;
}

void parse(benchmark::State& state) {
  core::Pool pool;
  const auto map = extensions();
  core::Buffer packet = pool.take(1100);
  header_with(map).prepend_to(packet);
  for (auto _ : state) {
    const auto view = rtp::Packet::parse(packet);
    benchmark::DoNotOptimize(rtp::read<rtp::TransportSequence>(*view, map));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(parse);

void build(benchmark::State& state) {
  core::Pool pool;
  const auto map = extensions();
  auto header = header_with(map);
  std::uint16_t sequence = 0;
  for (auto _ : state) {
    core::Buffer packet = pool.take(1100);
    header.sequence(++sequence);
    header.prepend_to(packet);
    rtp::overwrite(packet.bytes(), map, rtp::TransportSequence{sequence});
    benchmark::DoNotOptimize(packet.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(build);

void forward(benchmark::State& state) {
  core::Pool pool;
  core::Buffer packet = pool.take(1100);
  header_with(extensions()).prepend_to(packet);
  std::uint16_t sequence = 0;
  for (auto _ : state) {
    rtp::PacketRewriter rewriter{packet.bytes()};
    rewriter.ssrc(9);
    rewriter.sequence(++sequence);
    rewriter.timestamp(sequence);
    rewriter.payload_type(97);
    benchmark::DoNotOptimize(packet.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(forward);

// A key frame of 20 kB through the VP8 format and back, in packets.
void vp8_round_trip(benchmark::State& state) {
  core::Pool pool;
  core::SeededRandom random{1};
  const auto packetizer = rtp::make_packetizer({.codec = core::Codec::vp8}, random);
  const auto depacketizer = rtp::make_depacketizer(core::Codec::vp8);
  core::EncodedFrame frame{.data = std::vector<std::uint8_t>(20'000)};
  const std::uint8_t head[] = {0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01};
  std::copy(std::begin(head), std::end(head), frame.data.begin());
  std::vector<core::Buffer> packets;
  std::vector<core::Bytes> payloads;
  core::EncodedFrame back;
  std::int64_t count = 0;
  for (auto _ : state) {
    if (!packetizer->open(frame, 1160)) return state.SkipWithError("not opened");
    for (;;) {
      core::Buffer packet = pool.take(1160);
      const auto piece = packetizer->next(packet.bytes());
      if (!piece) break;
      packet.resize(piece->size);
      payloads.push_back(packet.bytes());
      packets.push_back(std::move(packet));
    }
    benchmark::DoNotOptimize(depacketizer->assemble(payloads, back));
    count += static_cast<std::int64_t>(packets.size());
    packets.clear();
    payloads.clear();
  }
  state.SetItemsProcessed(count);
}
BENCHMARK(vp8_round_trip);

// Packets reported on a second by transport-wide feedback, built, written, read and unfolded.
void transport_feedback(benchmark::State& state) {
  std::vector<std::uint8_t> room(2000);
  for (auto _ : state) {
    rtp::rtcp::TransportFeedbackBuilder builder{0, core::Time{}, 0};
    for (std::uint16_t i = 0; i < 200; ++i) {
      if (i % 10 != 3) builder.add(i, core::Time{i * core::Duration{1000}});
    }
    core::ByteWriter out{room};
    rtp::rtcp::write(builder.build(1, 2), out);
    const auto messages = rtp::rtcp::parse_compound(out.written());
    benchmark::DoNotOptimize(std::get<rtp::rtcp::TransportFeedback>(messages->front()).results());
  }
  state.SetItemsProcessed(state.iterations() * 200);
}
BENCHMARK(transport_feedback);

}  // namespace
