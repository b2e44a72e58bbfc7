#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "rtp/extension_values.hpp"
#include "rtp/send/stream.hpp"

namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;

constexpr core::Time start{1'000'000us};

core::EncodedFrame frame_of(std::size_t size, std::uint32_t timestamp = 0, bool key = false) {
  core::EncodedFrame frame;
  frame.codec = core::Codec::vp8;
  frame.data.assign(size, 0x55);
  frame.data[0] = key ? 0x10 : 0x11;
  frame.rtp_timestamp = timestamp;
  frame.key = key;
  return frame;
}

struct Sending : testing::Test {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Context context{random, pool};
  congestion::Fixed controller{2'000'000};
  Pacer pacer{controller, context};

  SendStreamConfig config() {
    SendStreamConfig config{.ssrc = 1111, .payload_type = 96};
    config.rtx_ssrc = 2222;
    config.rtx_payload_type = 97;
    config.mid = "0";
    config.extensions.add(1, ExtensionType::mid);
    config.extensions.add(2, ExtensionType::transport_sequence);
    config.extensions.add(3, ExtensionType::abs_send_time);
    return config;
  }
  // Everything the pacer lets out until `end`, with the time each left.
  std::vector<std::pair<core::Time, Outgoing>> run(core::Time now, core::Time end,
                                                   SendStream* stream = nullptr) {
    std::vector<std::pair<core::Time, Outgoing>> out;
    while (true) {
      while (auto packet = pacer.poll_transmit()) {
        if (stream != nullptr && packet->keep) {
          Outgoing copy = std::move(*packet);
          packet->bytes = pool.copy(copy.bytes.bytes());
          packet->id = copy.id;
          stream->sent(std::move(copy), now);
        }
        out.emplace_back(now, std::move(*packet));
      }
      const auto next = pacer.next_timeout();
      if (!next || *next > end) return out;
      now = std::max(now, *next);
      pacer.handle_timeout(now);
    }
  }
};

TEST_F(Sending, NumbersPacketsOneAfterTheOtherAndMarksTheLast) {
  SendStream stream{config(), context};
  stream.send(frame_of(5000, 3000, true), start, pacer);
  const auto packets = run(start, start + 1s);
  ASSERT_EQ(packets.size(), 5U);
  std::optional<std::uint16_t> last;
  for (const auto& [time, packet] : packets) {
    const auto view = Packet::parse(packet.bytes.bytes()).value();
    EXPECT_EQ(view.ssrc(), 1111U);
    EXPECT_EQ(view.timestamp(), 3000 + stream.timestamp_offset());
    EXPECT_LE(view.bytes().size(), 1200U);
    if (last) {
      EXPECT_EQ(view.sequence(), static_cast<std::uint16_t>(*last + 1));
    }
    last = view.sequence();
    EXPECT_EQ(view.marker(), &packet == &packets.back().second);
    EXPECT_EQ(read<Mid>(view, stream.config().extensions)->text, "0");
  }
  EXPECT_EQ(stream.stats().key_frames, 1U);
}

TEST_F(Sending, StampsTransportNumberAndSendTimeWhenAPacketLeaves) {
  SendStream stream{config(), context};
  stream.send(frame_of(20'000), start, pacer);
  const auto packets = run(start, start + 1s);
  std::uint16_t expected = 0;
  for (const auto& [time, packet] : packets) {
    const auto view = Packet::parse(packet.bytes.bytes()).value();
    EXPECT_EQ(read<TransportSequence>(view, stream.config().extensions)->sequence, expected++);
    EXPECT_EQ(read<AbsSendTime>(view, stream.config().extensions)->value,
              AbsSendTime::at(time).value);
  }
}

TEST_F(Sending, SpreadsAFrameAtThePacingRate) {
  SendStream stream{config(), context};
  stream.send(frame_of(125'000), start, pacer);  // a million bits at five million a second
  const auto packets = run(start, start + 1s);
  const core::Duration took = packets.back().first - packets.front().first;
  EXPECT_GT(took, 180ms);
  EXPECT_LT(took, 220ms);
}

TEST_F(Sending, LetsAudioPassAtOnce) {
  SendStream video{config(), context};
  SendStreamConfig sound = config();
  sound.ssrc = 3333;
  sound.format.codec = core::Codec::opus;
  SendStream audio{sound, context};
  video.send(frame_of(125'000), start, pacer);
  (void)run(start, start);
  core::EncodedFrame frame = frame_of(80);
  frame.codec = core::Codec::opus;
  audio.send(frame, start + 1us, pacer);
  const auto packet = pacer.poll_transmit();
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->ssrc, 3333U);
}

// RFC 4588 4
TEST_F(Sending, AnswersANackOnTheRtxStreamWithTheOriginalNumberInFront) {
  SendStream stream{config(), context};
  stream.send(frame_of(3000), start, pacer);
  auto packets = run(start, start + 1s, &stream);
  const auto lost = Packet::parse(packets.at(1).second.bytes.bytes()).value();
  const std::uint16_t number = lost.sequence();
  stream.handle(rtcp::Nack{.items = {{number, 0}}}, start + 1s, pacer);
  const auto again = run(start + 1s, start + 2s);
  ASSERT_EQ(again.size(), 1U);
  const auto view = Packet::parse(again[0].second.bytes.bytes()).value();
  EXPECT_EQ(view.ssrc(), 2222U);
  EXPECT_EQ(view.payload_type(), 97);
  EXPECT_EQ(view.timestamp(), lost.timestamp());
  core::ByteReader payload{view.payload()};
  EXPECT_EQ(payload.u16(), number);
  EXPECT_TRUE(core::equal(payload.rest(), lost.payload()));
}

TEST_F(Sending, AnswersCopiesOfANackOnceWithinARoundTrip) {
  SendStream stream{config(), context};
  stream.send(frame_of(3000), start, pacer);
  auto packets = run(start, start + 1s, &stream);
  const auto number = Packet::parse(packets.at(0).second.bytes.bytes())->sequence();
  for (int i = 0; i < 5; ++i) stream.handle(rtcp::Nack{.items = {{number, 0}}}, start + 1s, pacer);
  EXPECT_EQ(run(start + 1s, start + 2s).size(), 1U);
  stream.handle(rtcp::Nack{.items = {{number, 0}}}, start + 2s, pacer);
  EXPECT_EQ(run(start + 2s, start + 3s).size(), 1U);
}

TEST_F(Sending, ForgetsPacketsThatAreTooOldToHelp) {
  SendStream stream{config(), context};
  stream.send(frame_of(500), start, pacer);
  auto packets = run(start, start + 1s, &stream);
  const auto number = Packet::parse(packets.at(0).second.bytes.bytes())->sequence();
  stream.handle(rtcp::Nack{.items = {{number, 0}}}, start + 10s, pacer);
  EXPECT_TRUE(run(start + 10s, start + 11s).empty());
}

// RFC 4588 4: it is the original, extensions and all, but for what is said of its way.
TEST_F(Sending, ARepetitionHasTheExtensionsOfItsOriginal) {
  SendStreamConfig with = config();
  with.extensions.add(4, ExtensionType::video_orientation);
  with.extensions.add(5, ExtensionType::rid);
  with.extensions.add(6, ExtensionType::repaired_rid);
  with.rid = "h";
  SendStream stream{with, context};
  core::EncodedFrame frame = frame_of(500);
  frame.rotation = 270;
  stream.send(frame, start, pacer);
  auto packets = run(start, start + 1s, &stream);
  const auto number = Packet::parse(packets.at(0).second.bytes.bytes())->sequence();
  stream.handle(rtcp::Nack{.items = {{number, 0}}}, start + 1s, pacer);
  const auto again = run(start + 1s, start + 2s);
  const auto view = Packet::parse(again.at(0).second.bytes.bytes()).value();
  EXPECT_EQ(read<VideoOrientation>(view, with.extensions)->rotation, 270);
  EXPECT_EQ(read<Mid>(view, with.extensions)->text, "0");
  EXPECT_EQ(read<RepairedRid>(view, with.extensions)->text, "h");
  EXPECT_FALSE(read<Rid>(view, with.extensions));
  EXPECT_EQ(read<TransportSequence>(view, with.extensions)->sequence, 1) << "a number of its own";
}

// AV1 RTP appendix A, for any codec.
TEST_F(Sending, DescribesTheDependenciesOfItsFramesWhereThatWasAgreed) {
  SendStreamConfig with = config();
  with.format.temporal_layers = 2;
  with.extensions.add(7, ExtensionType::dependency_descriptor);
  SendStream stream{with, context};
  DependencyReader reader;
  for (std::int64_t id = 70'000; id < 70'006; ++id) {
    core::EncodedFrame frame = frame_of(3000, static_cast<std::uint32_t>(id), id == 70'000);
    frame.id = id;
    frame.temporal_layer = static_cast<std::uint8_t>(id % 2);
    if (!frame.key) frame.depends_on = {id % 2 == 1 ? id - 1 : id - 2};
    stream.send(frame, start, pacer);
    const auto packets = run(start, start + 1s, &stream);
    ASSERT_GE(packets.size(), 3U);
    for (const auto& [time, packet] : packets) {
      const auto view = Packet::parse(packet.bytes.bytes()).value();
      EXPECT_LE(view.bytes().size(), 1200U);
      const auto read = reader.read(view.extension(7).value());
      ASSERT_TRUE(read);
      EXPECT_EQ(read->frame_number, id - 65'536);
      EXPECT_EQ(read->first_packet, &packet == &packets.front().second);
      EXPECT_EQ(read->last_packet, &packet == &packets.back().second);
      EXPECT_EQ(read->has_structure, frame.key && read->first_packet);
      EXPECT_EQ(read->dependencies.temporal_layer, frame.temporal_layer);
      EXPECT_EQ(read->dependencies.difference_count, frame.key ? 0 : 1);
      EXPECT_EQ(read->dependencies.differences[0], frame.key ? 0 : id % 2 == 1 ? 1 : 2);
    }
  }
  EXPECT_EQ(reader.structure()->decode_targets, 2);
}

// A forwarder gets what was lost on the way to it late, and may be asked for it all the same.
TEST_F(Sending, KeepsALatePacketInThePlaceLeftOut) {
  PacketHistory history;
  for (const auto sequence : std::array<std::uint16_t, 3>{10, 12, 11}) {
    history.store(sequence, pool.copy(core::as_bytes("packet")), start);
  }
  EXPECT_NE(history.ask(11, 0us, start), nullptr);
  EXPECT_EQ(history.size(), 3U);
}

// RFC 5104 4.3.1.2
TEST_F(Sending, TakesTheSameFirForARepetition) {
  SendStream stream{config(), context};
  const rtcp::FullIntraRequest first{.items = {{1111, 7}}};
  EXPECT_TRUE(stream.handle(first, start));
  EXPECT_FALSE(stream.handle(first, start + 1s));
  EXPECT_TRUE(stream.handle(rtcp::FullIntraRequest{.items = {{1111, 8}}}, start + 2s));
  EXPECT_FALSE(stream.handle(rtcp::FullIntraRequest{.items = {{999, 9}}}, start + 3s));
}

TEST_F(Sending, GrantsARepeatedFirThatFirstCameTooSoon) {
  SendStream stream{config(), context};
  EXPECT_TRUE(stream.handle(rtcp::PictureLoss{}, start));
  const rtcp::FullIntraRequest request{.items = {{1111, 7}}};
  EXPECT_FALSE(stream.handle(request, start + 20ms));
  EXPECT_TRUE(stream.handle(request, start + 300ms));
  EXPECT_FALSE(stream.handle(request, start + 1s));
}

TEST_F(Sending, AFloodOfNacksFillsThePacerAndNoMore) {
  congestion::Fixed fast_controller{1'000'000'000};
  Pacer fast{fast_controller, context};
  SendStream stream{config(), context};
  rtcp::Nack nack;
  core::Time now = start;
  for (std::uint32_t i = 0; i < 600; ++i, now += 1ms) {
    stream.send(frame_of(10'000, i * 3000, i == 0), now, fast);
    fast.handle_timeout(now);
    while (auto packet = fast.poll_transmit()) {
      nack.items.push_back({Packet::parse(packet->bytes)->sequence(), 0});
      stream.sent(std::move(*packet), now);
    }
  }
  stream.handle(nack, now, pacer);
  EXPECT_EQ(pacer.stats().refused, 0U);
  EXPECT_LE(pacer.queued_bytes(), Pacer::queue_limit + 1200);
  EXPECT_LT(stream.stats().retransmitted_packets, 4000U) << "what did not go is not counted";
}

TEST_F(Sending, TakesABurstOfPlisForOne) {
  SendStream stream{config(), context};
  EXPECT_TRUE(stream.handle(rtcp::PictureLoss{}, start));
  EXPECT_FALSE(stream.handle(rtcp::PictureLoss{}, start + 20ms));
  EXPECT_TRUE(stream.handle(rtcp::PictureLoss{}, start + 300ms));
}

// RFC 3550 6.4.1
TEST_F(Sending, ReportsTheTimestampOfTheMomentAndMeasuresTheRoundTrip) {
  const core::WallClock wall{core::WallClock::Microseconds{1'700'000'000'000'000}};
  SendStream stream{config(), context};
  EXPECT_FALSE(stream.report(start, wall));
  stream.send(frame_of(500, 9000), start, pacer);
  const auto report = stream.report(start + 100ms, wall).value();
  EXPECT_EQ(report.rtp_timestamp, stream.timestamp_offset() + 9000 + 9000);
  EXPECT_EQ(report.packet_count, 1U);

  rtcp::ReportBlock block{.ssrc = 1111, .fraction_lost = 64};
  block.last_sr = report.ntp.compact();
  block.delay_since_last_sr = to_compact_ntp(50ms);
  stream.handle(block, start + 230ms, wall);
  ASSERT_TRUE(stream.stats().round_trip);
  EXPECT_NEAR(static_cast<double>(stream.stats().round_trip->count()), 80'000, 100);
  EXPECT_DOUBLE_EQ(stream.stats().fraction_lost, 0.25);
}

TEST_F(Sending, RefusesFramesWhenThePacerIsFull) {
  SendStream stream{config(), context};
  for (int i = 0; i < 60; ++i) stream.send(frame_of(100'000), start, pacer);
  EXPECT_GT(stream.stats().dropped_frames, 0U);
  EXPECT_LT(pacer.queued_bytes(), Pacer::queue_limit + 110'000);
}

TEST_F(Sending, AllocatesNothingInTheSteadyState) {
  SendStream stream{config(), context};
  core::Time now = start;
  const auto second = [&] {
    for (int i = 0; i < 30; ++i, now += 33ms) {
      stream.send(frame_of(6000, static_cast<std::uint32_t>(i) * 3000), now, pacer);
      const core::Time end = now + 33ms;
      while (true) {
        while (auto packet = pacer.poll_transmit()) stream.sent(std::move(*packet), now);
        if (!pacer.next_timeout() || *pacer.next_timeout() > end) break;
        pacer.handle_timeout(*pacer.next_timeout());
      }
    }
  };
  for (int i = 0; i < 5; ++i) second();
  const std::size_t before = pool.allocations();
  for (int i = 0; i < 5; ++i) second();
  EXPECT_EQ(pool.allocations(), before);
}

}  // namespace
}  // namespace lucid::rtp
