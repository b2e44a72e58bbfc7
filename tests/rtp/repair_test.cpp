#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "sim/simulation.hpp"
#include "tests/rtp/video_pair.hpp"

// A receiver against a sender over 40 ms each way, at several rates, sizes and seeds.
namespace lucid::rtp {
namespace {

using test::VideoReceiver;
using test::VideoSender;
using namespace std::chrono_literals;

constexpr core::Duration one_way = 40ms;
constexpr core::Duration round_trip = 2 * one_way;

struct Video {
  int rate;
  std::size_t frame_size;
};
constexpr Video videos[] = {{30, 1500}, {30, 15'000}, {60, 5000}};

struct Call {
  Call(Video what, sim::Link forth_, sim::Link back_, std::uint64_t seed)
      : video{what},
        forth{forth_},
        back{back_},
        sim{[&](core::Context c) { return VideoSender{c, what.frame_size, 12'000'000, what.rate}; },
            [&](core::Context c) { return VideoReceiver{c, round_trip}; },
            {.delay = one_way},
            {.delay = one_way},
            sim::Seed{seed}} {}
  void change(sim::Link left_to_right, sim::Link right_to_left) {
    sim.left_to_right.change(left_to_right);
    sim.right_to_left.change(right_to_left);
  }
  // Nobody can miss the first packet of a stream, nor the last: these go well.
  void run(core::Duration time) {
    sim.run_for(200ms);
    change(forth, back);
    sim.run_for(time);
    change({.delay = one_way}, {.delay = one_way});
    sim.run_for(500ms);
    sim.left.machine.running = false;
    sim.run_for(2s);
  }
  std::size_t frames() const {
    return static_cast<std::size_t>(std::ranges::count_if(sim.right.events, [](const auto& each) {
      return std::holds_alternative<ReceiveStream::Frame>(each.event);
    }));
  }
  std::size_t sent() const { return static_cast<std::size_t>(sim.left.machine.frames_sent); }
  ReceiveStream& receiver() { return sim.right.machine.stream(); }
  void print(const char* name, double value) const {
    if (std::getenv("LUCID_PRINT") == nullptr) return;
    std::printf("%s: %d/s of %zu bytes: %zu of %zu frames, %.3f\n", name, video.rate,
                video.frame_size, frames(), sent(), value);
  }

  Video video;
  sim::Link forth;
  sim::Link back;
  sim::Simulation<VideoSender, VideoReceiver> sim;
};

void for_each_video(const std::function<void(Video, std::uint64_t)>& check) {
  for (const Video video : videos) {
    for (const sim::Seed each : sim::seeds(2)) {
      const auto seed = std::to_underlying(each);
      SCOPED_TRACE(std::to_string(video.rate) + "/s of " + std::to_string(video.frame_size) +
                   ", seed " + std::to_string(seed));
      check(video, seed);
    }
  }
}

TEST(Repair, TwoPercentLossCostsNoFrameAndOneAndAHalfRoundTrips) {
  for_each_video([](Video video, std::uint64_t seed) {
    Call call{video, {.delay = one_way, .loss = 0.02}, {.delay = one_way, .loss = 0.02}, seed};
    call.run(20s);
    EXPECT_EQ(call.frames(), call.sent());
    const auto& nacks = call.receiver().nack_stats();
    ASSERT_GT(nacks.recovered, 5U);
    const double trips = static_cast<double>(nacks.total_repair_time.count()) /
                         static_cast<double>(nacks.recovered) / round_trip.count();
    call.print("2 % loss, round trips to repair", trips);
    EXPECT_LE(trips, 1.5);
  });
}

TEST(Repair, TenPercentLossLeavesNinetyEightPercentOfFramesComplete) {
  for_each_video([](Video video, std::uint64_t seed) {
    Call call{video, {.delay = one_way, .loss = 0.10}, {.delay = one_way, .loss = 0.10}, seed};
    call.run(20s);
    const double share = static_cast<double>(call.frames()) / static_cast<double>(call.sent());
    call.print("10 % loss, share complete", share);
    EXPECT_GT(share, 0.98);
  });
}

TEST(Repair, ReorderingByTwentyPacketsIsNoLoss) {
  for_each_video([](Video video, std::uint64_t seed) {
    const double packets_a_second =
        video.rate * std::ceil(static_cast<double>(video.frame_size) / 1150);
    const core::Duration late{static_cast<std::int64_t>(20e6 / packets_a_second)};
    Call call{video,
              {.delay = one_way, .reorder = 0.05, .reorder_delay = late},
              {.delay = one_way},
              seed};
    call.run(20s);
    EXPECT_EQ(call.frames(), call.sent());
    const double asked = static_cast<double>(call.receiver().nack_stats().asked) /
                         static_cast<double>(call.sim.right.machine.packets);
    call.print("reordered, asked again for", asked);
    // One in twenty is overtaken, by up to two thirds of a second.
    EXPECT_LT(asked, 0.01);
  });
}

TEST(Repair, AnOutageIsOverWithinASecond) {
  for_each_video([](Video video, std::uint64_t seed) {
    Call call{video, {.delay = one_way}, {.delay = one_way}, seed};
    call.sim.run_for(5s);
    call.change({.delay = one_way, .loss = 1}, {.delay = one_way, .loss = 1});
    call.sim.run_for(400ms);
    call.change({.delay = one_way}, {.delay = one_way});
    const core::Time end = call.sim.now();
    call.sim.run_for(5s);
    // Recovered: from here on no two frames are further apart than at a steady pace, but for
    // jitter.
    core::Time recovered = end;
    core::Time last = end;
    for (const auto& recorded : call.sim.right.events) {
      if (recorded.time < end) continue;
      if (recorded.time - last > 70ms) recovered = recorded.time;
      last = recorded.time;
    }
    EXPECT_GT(last, end + 4s);
    call.print("outage, seconds to recover",
               std::chrono::duration<double>(recovered - end).count());
    EXPECT_LT(recovered - end, 1s);
  });
}

}  // namespace
}  // namespace lucid::rtp
