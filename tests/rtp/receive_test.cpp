#include <gtest/gtest.h>

#include "core/trace.hpp"
#include "sim/simulation.hpp"
#include "tests/rtp/video_pair.hpp"

namespace lucid::rtp {
namespace {

using test::VideoReceiver;
using test::VideoSender;
using namespace std::chrono_literals;

struct Call {
  explicit Call(sim::Link link, sim::Link back, std::size_t frame_size = 4000)
      : sim{[&](core::Context c) { return VideoSender{c, frame_size, 3'000'000}; },
            [&](core::Context c) { return VideoReceiver{c, link.delay + back.delay}; }, link,
            back} {}
  explicit Call(sim::Link both) : Call{both, both} {}

  std::vector<const ReceiveStream::Frame*> frames() const {
    std::vector<const ReceiveStream::Frame*> out;
    for (const auto& recorded : sim.right.events) {
      if (const auto* frame = std::get_if<ReceiveStream::Frame>(&recorded.event))
        out.push_back(frame);
    }
    return out;
  }
  // Frames that came, of those sent more than a second ago.
  double complete() const {
    return static_cast<double>(frames().size()) / std::max(1, sim.left.machine.frames_sent - 30);
  }
  bool in_order() const {
    const auto all = frames();
    return std::ranges::is_sorted(all, {}, [](const auto* f) { return f->sequence; });
  }
  void run(core::Duration time) {
    sim.run_for(time);
    sim.left.machine.running = false;
    sim.run_for(2s);
  }

  sim::Simulation<VideoSender, VideoReceiver> sim;
};

TEST(ReceiveStream, DeliversEveryFrameUnchangedOnAPerfectLink) {
  Call call{{.delay = 40ms}};
  call.run(10s);
  const auto frames = call.frames();
  ASSERT_EQ(frames.size(), static_cast<std::size_t>(call.sim.left.machine.frames_sent));
  EXPECT_TRUE(frames[0]->frame.key);
  EXPECT_EQ(frames[0]->frame.data.size(), 16'000U);
  for (std::size_t i = 1; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i]->frame.data.size(), 4000U);
    EXPECT_EQ(frames[i]->frame.depends_on, std::vector{frames[i - 1]->frame.id});
    EXPECT_EQ(frames[i]->frame.data[100], static_cast<std::uint8_t>(i));
    EXPECT_EQ(frames[i]->frame.rtp_timestamp - frames[i - 1]->frame.rtp_timestamp, 3000U);
  }
  EXPECT_EQ(call.sim.right.machine.stream().stats().nacks, 0U);
  EXPECT_EQ(call.sim.right.machine.stream().stats().key_frame_requests, 0U);
}

TEST(ReceiveStream, RepairsEveryFrameAtTwoPercentLoss) {
  Call call{{.delay = 40ms}};
  call.sim.run_for(200ms);  // nobody can miss the first packet of a stream, nor the last
  call.sim.left_to_right.change({.delay = 40ms, .loss = 0.02});
  call.sim.right_to_left.change({.delay = 40ms, .loss = 0.02});
  call.sim.run_for(60s);
  call.sim.left_to_right.change({.delay = 40ms});
  call.run(500ms);
  EXPECT_EQ(call.frames().size(), static_cast<std::size_t>(call.sim.left.machine.frames_sent));
  EXPECT_TRUE(call.in_order());
  EXPECT_GT(call.sim.right.machine.stream().stats().repaired_packets, 50U);
  EXPECT_EQ(call.sim.right.machine.stream().stats().key_frame_requests, 0U);
}

TEST(ReceiveStream, CompletesNearlyEveryFrameAtTenPercentLoss) {
  Call call{{.delay = 40ms, .loss = 0.10}};
  call.run(60s);
  EXPECT_GT(call.complete(), 0.98);
  EXPECT_TRUE(call.in_order());
}

TEST(ReceiveStream, AsksForNothingMuchWhenPacketsAreOnlyReordered) {
  Call call{{.delay = 40ms}};
  call.sim.run_for(200ms);
  call.sim.left_to_right.change({.delay = 40ms, .reorder = 0.05, .reorder_delay = 25ms});
  call.run(60s);
  EXPECT_EQ(call.frames().size(), static_cast<std::size_t>(call.sim.left.machine.frames_sent));
  const auto& nacks = call.sim.right.machine.stream().nack_stats();
  const auto packets = call.sim.right.machine.packets;
  EXPECT_LT(nacks.asked, packets / 100);
}

TEST(ReceiveStream, RecoversWithinASecondAfterAnOutage) {
  Call call{{.delay = 40ms}};
  call.sim.run_for(5s);
  call.sim.left_to_right.change({.delay = 40ms, .loss = 1});
  call.sim.right_to_left.change({.delay = 40ms, .loss = 1});
  call.sim.run_for(400ms);
  call.sim.left_to_right.change({.delay = 40ms});
  call.sim.right_to_left.change({.delay = 40ms});
  const core::Time end_of_outage = call.sim.now();
  call.run(5s);
  // From the first frame shown afterwards on, they come without a gap.
  core::Time last{};
  core::Duration longest{};
  for (const auto& recorded : call.sim.right.events) {
    if (recorded.time > end_of_outage + 1s && last > end_of_outage)
      longest = std::max(longest, recorded.time - last);
    last = recorded.time;
  }
  EXPECT_LT(longest, 150ms);
  EXPECT_GT(call.frames().size(), 290U);
}

TEST(ReceiveStream, AsksForAKeyFrameWhenItBeginsInTheMiddle) {
  Call call{{.delay = 40ms, .loss = 1}, {.delay = 40ms}};
  call.sim.run_for(500ms);
  call.sim.left_to_right.change({.delay = 40ms});
  call.run(3s);
  ASSERT_FALSE(call.frames().empty());
  EXPECT_TRUE(call.frames().front()->frame.key);
  EXPECT_GE(call.sim.right.machine.stream().stats().key_frame_requests, 1U);
  EXPECT_GE(call.sim.left.machine.stream().stats().key_frames, 2U);
}

TEST(ReceiveStream, IgnoresDuplicates) {
  Call call{{.delay = 40ms, .duplicate = 0.3}};
  call.run(10s);
  EXPECT_EQ(call.frames().size(), static_cast<std::size_t>(call.sim.left.machine.frames_sent));
  EXPECT_GT(call.sim.right.machine.stream().stats().duplicates, 100U);
}

// RFC 4588 4
TEST(ReceiveStream, HandsOnRepairedPacketsAsTheOriginals) {
  core::SeededRandom random{3};
  core::Pool pool;
  ReceiveStreamConfig config = VideoReceiver::settings();
  config.output = ReceiveStreamConfig::Output::packets;
  ReceiveStream stream{config, {random, pool}};
  HeaderWriter header{{.payload_type = 97, .sequence = 5, .timestamp = 7, .ssrc = 2222}};
  core::Buffer packet = pool.copy(*core::from_hex("0102aabb"));
  header.prepend_to(packet);
  stream.handle_datagram(std::move(packet), core::Time{1s});
  const auto event = stream.poll_event();
  ASSERT_TRUE(event);
  const auto& received = std::get<ReceiveStream::ReceivedPacket>(*event);
  EXPECT_TRUE(received.repaired);
  const auto view = Packet::parse(received.bytes.bytes()).value();
  EXPECT_EQ(view.ssrc(), 1111U);
  EXPECT_EQ(view.sequence(), 0x0102);
  EXPECT_EQ(view.payload_type(), 96);
  EXPECT_EQ(core::to_hex(view.payload()), "aabb");
}

TEST(ReceiveStream, AllocatesNoPacketMemoryInTheSteadyState) {
  Call call{{.delay = 40ms, .loss = 0.01}};
  call.sim.run_for(10s);
  const std::size_t before = call.sim.right.pool.allocations();
  call.sim.run_for(10s);
  // The most that is under way at once may still rise by a few; 1,200 packets went by.
  EXPECT_LE(call.sim.right.pool.allocations(), before + 5);
}

// RFC 7741 4.1: the marker ends a frame, not the next timestamp.
TEST(FrameAssembler, AFrameThatWasCutShortIsNotComplete) {
  core::Pool pool;
  FrameAssembler assembler{core::Codec::vp8};
  const auto insert = [&](std::int64_t number, std::uint32_t timestamp, bool marker) {
    HeaderWriter header{{.marker = marker, .timestamp = timestamp}};
    core::Buffer packet = pool.copy(*core::from_hex("10 10 00 00 9d 01 2a 40 01 f0 00 00"));
    header.prepend_to(packet);
    const Packet view = Packet::parse(packet).value();
    EXPECT_TRUE(assembler.insert(view, std::move(packet), {number, core::Time{1s}}));
  };
  insert(1, 3000, false);
  insert(2, 6000, true);
  const auto frame = assembler.pop();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->frame.rtp_timestamp, 6000U);
  EXPECT_FALSE(assembler.pop());
}

}  // namespace
}  // namespace lucid::rtp
