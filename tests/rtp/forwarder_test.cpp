#include "rtp/send/forwarder.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "rtp/send/stream.hpp"
#include "tests/rtp/forwarder_source.hpp"

namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;
using testing::Publisher;
using testing::Viewer;
using Source = Forwarder::Source;

// Three publishers, one viewer, and a network in between that each test chooses.
struct Room {
  explicit Room(std::uint64_t seed) : random{seed}, forwarder{config(), {random, pool}} {
    for (std::uint8_t i = 0; i < 3; ++i) {
      publishers.emplace_back(i, seed * 10 + i);
      forwarder.add_source(Source{i}, {{{100, 96}}, publishers[i].extensions()});
    }
  }
  static ForwarderConfig config() {
    ForwarderConfig config{.ssrc = 77, .mid = "v"};
    config.extensions.add(1, ExtensionType::mid);
    config.extensions.add(2, ExtensionType::transport_sequence);
    config.extensions.add(4, ExtensionType::video_orientation);
    return config;
  }
  void deliver(std::size_t from, core::Buffer packet) {
    forwarder.handle_datagram({Source{static_cast<std::uint32_t>(from)}, std::move(packet)}, now);
    poll();
  }
  void poll() {
    while (auto packet = forwarder.poll_transmit()) viewer.take(*packet);
    while (auto event = forwarder.poll_event()) {
      if (const auto* wanted = std::get_if<Forwarder::KeyFrameWanted>(&*event)) {
        publishers[static_cast<std::size_t>(wanted->source)].key_wanted = true;
      }
    }
  }
  // One frame time: every publisher's packets, held back and shuffled by `disorder` packets.
  void tick(std::size_t disorder = 0) {
    now += 33ms;
    for (std::size_t from = 0; from < publishers.size(); ++from) {
      for (auto& packet : publishers[from].frame(pool, 1000 + random.u16() % 3000)) {
        const std::size_t late = disorder == 0 ? 0 : random.u16() % disorder;
        under_way.push_back({order++ + late, from, std::move(packet)});
      }
    }
    std::ranges::stable_sort(under_way, {}, [](const Flying& each) { return each.due; });
    std::size_t arrived = 0;
    while (arrived < under_way.size() && under_way[arrived].due <= order) {
      deliver(under_way[arrived].from, std::move(under_way[arrived].packet));
      ++arrived;
    }
    under_way.erase(under_way.begin(), under_way.begin() + static_cast<std::ptrdiff_t>(arrived));
  }
  void flush() {
    for (auto& each : under_way) deliver(each.from, std::move(each.packet));
    under_way.clear();
  }

  struct Flying {
    std::size_t due;
    std::size_t from;
    core::Buffer packet;
  };
  core::SeededRandom random;
  core::Pool pool;
  Forwarder forwarder;
  std::vector<Publisher> publishers;
  std::vector<Flying> under_way;
  std::size_t order = 0;
  Viewer viewer;
  core::Time now{1s};
};

// RFC 7741 4.2: picture ids count frames, TL0PICIDX counts those of the base layer.
void expect_one_stream(const std::vector<Viewer::Frame>& frames) {
  for (std::size_t i = 1; i < frames.size(); ++i) {
    const auto& before = frames[i - 1];
    const auto& here = frames[i];
    EXPECT_EQ(*here.descriptor.picture_id, (*before.descriptor.picture_id + 1) & 0x7FFF) << i;
    const bool base = here.descriptor.temporal_layer == 0;
    EXPECT_EQ(*here.descriptor.tl0_pic_idx,
              static_cast<std::uint8_t>(*before.descriptor.tl0_pic_idx + (base ? 1 : 0)))
        << i;
    const auto step = static_cast<std::int32_t>(here.timestamp - before.timestamp);
    EXPECT_GT(step, 0) << i;
    EXPECT_LT(step, 90'000) << i;
    const bool switched = here.frame.data[30] != before.frame.data[30];
    EXPECT_TRUE(!switched || here.frame.key) << i;
  }
}

TEST(Forwarder, MakesOneStreamOfManySwitchesAndLayerChanges) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Room room{seed};
    room.forwarder.select(Source{0}, room.now);
    for (int i = 0; i < 300; ++i) {
      if (room.random.u16() % 15 == 0)
        room.forwarder.select(Source{room.random.u16() % 3U}, room.now);
      if (room.random.u16() % 20 == 0) {
        room.forwarder.limit_layers({.temporal = static_cast<std::uint8_t>(room.random.u16() % 3)},
                                    room.now);
      }
      room.tick();
    }
    EXPECT_TRUE(room.viewer.continuous());
    EXPECT_GT(room.forwarder.stats().switches, 2U);
    EXPECT_GT(room.forwarder.stats().dropped_layers, 50U);
    EXPECT_EQ(room.forwarder.stats().fillers, 0U);
    expect_one_stream(room.viewer.frames());
  }
}

// RFC 3550 A.1: as a publisher does whose program was started again.
TEST(Forwarder, FollowsASourceThatBeginsItsNumbersAnew) {
  Room room{1};
  room.publishers[0].start_at(40'000);
  room.forwarder.select(Source{0}, room.now);
  for (int i = 0; i < 50; ++i) room.tick();
  EXPECT_EQ(room.viewer.frames().size(), 50U);
  room.publishers[0].start_at(20'000);
  for (int i = 0; i < 50; ++i) room.tick();
  EXPECT_GE(room.viewer.frames().size(), 97U);
  EXPECT_TRUE(room.viewer.continuous());
  expect_one_stream(room.viewer.frames());
}

TEST(Forwarder, LeavesNoHolesWhenPacketsComeOutOfOrder) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Room room{seed};
    room.forwarder.select(Source{0}, room.now);
    for (int i = 0; i < 300; ++i) {
      if (i % 60 == 59)
        room.forwarder.select(Source{static_cast<std::uint32_t>(i / 60 % 3)}, room.now);
      if (i % 45 == 44) {
        room.forwarder.limit_layers({.temporal = static_cast<std::uint8_t>(i / 45 % 3)}, room.now);
      }
      room.tick(60);  // of three publishers: twenty of each
    }
    room.flush();
    EXPECT_TRUE(room.viewer.continuous()) << seed;
    EXPECT_GT(room.viewer.frames().size(), 100U);
    EXPECT_GT(room.forwarder.stats().switches, 2U);
    // In the order of numbers time only moves forward, and sources change at key frames.
    const auto frames = room.viewer.frames();
    for (std::size_t i = 1; i < frames.size(); ++i) {
      EXPECT_GT(static_cast<std::int32_t>(frames[i].timestamp - frames[i - 1].timestamp), 0);
      ASSERT_TRUE(frames[i].frame.data[30] == frames[i - 1].frame.data[30] || frames[i].frame.key);
    }
  }
}

// Its sequence numbers begin anywhere below half, picture ids have 15 bits, TL0PICIDX has 8.
TEST(Forwarder, GoesOnOverEveryWrap) {
  Room room{3};
  room.publishers[1].start_at(65'530);
  room.forwarder.select(Source{1}, room.now);
  std::optional<std::uint16_t> last;
  std::optional<Vp8Descriptor> before;
  bool wrapped = false;
  for (int frames = 0; frames < 33'000 || !wrapped; ++frames) {
    room.now += 33ms;
    for (auto& packet : room.publishers[1].frame(room.pool, 100)) {
      room.forwarder.handle_datagram({Source{1}, std::move(packet)}, room.now);
    }
    const auto out = room.forwarder.poll_transmit();
    ASSERT_TRUE(out && !room.forwarder.poll_transmit());
    const auto view = Packet::parse(*out).value();
    core::ByteReader in{view.payload()};
    const auto descriptor = Vp8Descriptor::parse(in).value();
    if (last) {
      ASSERT_EQ(view.sequence(), static_cast<std::uint16_t>(*last + 1));
      ASSERT_EQ(*descriptor.picture_id, (*before->picture_id + 1) & 0x7FFF);
      const bool base = descriptor.temporal_layer == 0;
      ASSERT_EQ(*descriptor.tl0_pic_idx,
                static_cast<std::uint8_t>(*before->tl0_pic_idx + (base ? 1 : 0)));
    }
    wrapped = wrapped || view.sequence() == 0;
    last = view.sequence();
    before = descriptor;
  }
}

TEST(Forwarder, KeepsThePlaceOfALostPacketAndFillsItWhenItComes) {
  Room room{4};
  room.forwarder.select(Source{0}, room.now);
  room.poll();
  for (auto& packet : room.publishers[0].frame(room.pool)) room.deliver(0, std::move(packet));
  auto frame = room.publishers[0].frame(room.pool);
  ASSERT_EQ(frame.size(), 3U);
  core::Buffer late = std::move(frame[1]);
  room.deliver(0, std::move(frame[0]));
  room.deliver(0, std::move(frame[2]));
  EXPECT_FALSE(room.viewer.continuous());
  // Even after a switch.
  room.forwarder.select(Source{2}, room.now);
  room.poll();
  for (auto& packet : room.publishers[2].frame(room.pool)) room.deliver(2, std::move(packet));
  EXPECT_EQ(room.forwarder.current(), Source{2});
  const core::Buffer again = room.pool.copy(late);
  room.deliver(0, std::move(late));
  EXPECT_TRUE(room.viewer.continuous());
  room.deliver(0, room.pool.copy(again));
  EXPECT_EQ(room.forwarder.stats().dropped_late, 1U);
}

TEST(Forwarder, RewritesTheHeaderAndKeepsWhatConcernsThePicture) {
  Room room{5};
  room.forwarder.select(Source{0}, room.now);
  room.tick();
  const auto& first = room.viewer.all().begin()->second;
  const auto view = Packet::parse(first).value();
  const ExtensionMap map = Room::config().extensions;
  EXPECT_EQ(view.ssrc(), 77U);
  EXPECT_EQ(view.payload_type(), 96);
  EXPECT_EQ(read<Mid>(view, map)->text, "v");
  EXPECT_EQ(read<VideoOrientation>(view, map)->rotation, 90);
  EXPECT_EQ(read<TransportSequence>(view, map)->sequence, 0);  // for the pacer to fill in
}

TEST(Forwarder, AsksForAKeyFrameUntilItComes) {
  Room room{6};
  const auto wanted = [&] {
    int count = 0;
    while (const auto event = room.forwarder.poll_event()) {
      const auto* ask = std::get_if<Forwarder::KeyFrameWanted>(&*event);
      count += ask != nullptr && ask->source == Source{1} ? 1 : 0;
    }
    return count;
  };
  room.forwarder.select(Source{1}, room.now);
  EXPECT_EQ(wanted(), 1);
  const auto next = room.forwarder.next_timeout();
  ASSERT_TRUE(next);
  room.forwarder.handle_timeout(*next - 1ms);
  EXPECT_EQ(wanted(), 0);
  room.forwarder.handle_timeout(*next);
  EXPECT_EQ(wanted(), 1);
  room.tick();
  EXPECT_EQ(room.forwarder.current(), Source{1});
  EXPECT_FALSE(room.forwarder.next_timeout());
  room.forwarder.request_key_frame(room.now);
  EXPECT_EQ(wanted(), 1);
}

// Who left without a word cannot send a key frame; who comes back is asked again.
TEST(Forwarder, AsksNoSourceForEverThatSendsNothing) {
  Room room{8};
  int wanted = 0;
  const auto run_for = [&](core::Duration time) {
    wanted = 0;
    for (const core::Time end = room.now + time; room.now < end; room.now += 100ms) {
      room.forwarder.handle_timeout(room.now);
      while (const auto event = room.forwarder.poll_event()) ++wanted;
    }
  };
  room.forwarder.select(Source{1}, room.now);
  run_for(10s);
  EXPECT_GE(wanted, 10);
  EXPECT_LE(wanted, 12);
  EXPECT_FALSE(room.forwarder.next_timeout());
  run_for(60s);
  EXPECT_EQ(wanted, 0);
  room.publishers[1].key_wanted = false;
  auto packets = room.publishers[1].frame(room.pool);
  room.forwarder.handle_datagram({Source{1}, std::move(packets.front())}, room.now);
  run_for(10s);
  EXPECT_GE(wanted, 10);
  EXPECT_LE(wanted, 12);
}

TEST(Forwarder, WhatItSentIsSentAgainAndTracedToItsOrigin) {
  Room room{7};
  congestion::Fixed controller{100'000'000};
  Pacer pacer{controller, {room.random, room.pool}};
  SendStreamConfig config{.ssrc = 77, .payload_type = 96};
  config.rtx_ssrc = 78;
  config.rtx_payload_type = 97;
  SendStream stream{config, {room.random, room.pool}};
  room.forwarder.select(Source{0}, room.now);
  std::map<std::uint16_t, std::vector<std::uint8_t>> payloads;
  const auto run = [&](core::Buffer packet) {
    room.forwarder.handle_datagram({Source{0}, std::move(packet)}, room.now);
    while (auto out = room.forwarder.poll_transmit()) {
      const auto view = Packet::parse(*out).value();
      payloads[view.sequence()] = {view.payload().begin(), view.payload().end()};
      stream.forward(std::move(*out), true, room.now, pacer);
    }
    while (auto out = pacer.poll_transmit()) stream.sent(std::move(*out), room.now);
  };
  for (int i = 0; i < 20; ++i) {
    auto packets = room.publishers[0].frame(room.pool);
    // Every fourth frame its first packet comes last.
    if (i % 4 == 3) std::ranges::rotate(packets, packets.begin() + 1);
    for (auto& packet : packets) run(std::move(packet));
  }
  ASSERT_EQ(payloads.size(), 60U);
  room.now += 100ms;
  for (const auto& [sequence, payload] : payloads) {
    const std::array<std::uint16_t, 1> one{sequence};
    stream.handle(rtcp::Nack{1, 77, rtcp::Nack::pack(one)}, room.now, pacer);
    pacer.handle_timeout(room.now += 10ms);
    const auto again = pacer.poll_transmit();
    ASSERT_TRUE(again);
    const auto view = Packet::parse(again->bytes).value();
    EXPECT_EQ(core::ByteReader{view.payload()}.u16(), sequence);
    EXPECT_TRUE(std::ranges::equal(view.payload().subspan(2), payload));
    ASSERT_TRUE(room.forwarder.origin(sequence));
  }
  const std::uint16_t first = payloads.begin()->first;
  const auto distance =
      room.forwarder.origin(first + 59)->sequence - room.forwarder.origin(first)->sequence;
  EXPECT_EQ(static_cast<std::uint16_t>(distance), 59);
  EXPECT_FALSE(room.forwarder.origin(first + 60));
}

}  // namespace
}  // namespace lucid::rtp
