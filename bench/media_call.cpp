// A 640x480 VP8 call at 30 pictures a second, both directions, over loopback sockets: processor
// time for each second of the call, both ends together, and how much of it is spent in the codec.
// Pictures are ready before; nothing is shown. A call is one end: half of what is printed.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "capture/test_picture.hpp"
#include "codec/video.hpp"
#include "core/random.hpp"
#include "media/video_chain.hpp"
#include "net/driver.hpp"
#include "net/loop.hpp"
#include "peer/peer_connection.hpp"

namespace {

using namespace lucid;
using namespace std::chrono_literals;

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// The test picture under the noise of a camera, which gives an encoder something to do.
std::vector<core::VideoFrame> pictures() {
  std::vector<core::VideoFrame> made;
  core::SeededRandom random{1};
  const capture::TestPicture test{640, 480, 30};
  for (int i = 0; i < 60; ++i) {
    made.push_back(test.frame(i));
    for (std::uint8_t& sample : made.back().planes) {
      sample = static_cast<std::uint8_t>(
          std::clamp<int>(sample + static_cast<int>(random.u32() % 7) - 3, 0, 255));
    }
  }
  return made;
}

struct Side {
  explicit Side(net::Loop& loop)
      : pc{std::move(*peer::PeerConnection::create(
            {.wall_clock = loop.wall_clock(), .gather_loopback = true, .gather_tcp = false},
            loop.context(), loop.now()))},
        driver{loop, pc, [this](peer::Event event, core::Time now) { on(event, now); }} {
    sender = *pc.add_track({core::MediaKind::video, "picture"}, {"stream"});
  }
  void on(peer::Event& event, core::Time now) {
    if (auto* found = std::get_if<peer::events::IceCandidate>(&event)) {
      (void)other->pc.add_ice_candidate(found->candidate, now);
      other->driver.pump();
    } else if (std::holds_alternative<peer::events::KeyFrameRequested>(event)) {
      chain.request_key_frame();
    } else if (auto* it = std::get_if<peer::events::Frame>(&event)) {
      const double begun = processor_seconds();
      if (const auto shown = decoder->decode(it->frame)) decoded += shown->size();
      codec_time += processor_seconds() - begun;
    }
  }
  void send(core::VideoFrame picture, core::Time now) {
    picture.capture_time = now;
    picture.rtp_timestamp = static_cast<std::uint32_t>(now.time_since_epoch().count() * 9 / 100);
    const double begun = processor_seconds();
    const auto frames = chain.encode(picture);
    codec_time += processor_seconds() - begun;
    for (const auto& frame : frames) sender.send(frame, now);
    driver.pump();
  }

  peer::PeerConnection pc;
  Side* other = nullptr;
  peer::Sender sender;
  media::VideoChain chain{{}, {{.bitrate = 1'000'000}}};
  std::unique_ptr<codec::VideoDecoder> decoder = codec::make_decoder(core::Codec::vp8).value();
  std::size_t decoded = 0;
  double codec_time = 0;
  net::Driver<peer::PeerConnection> driver;
};

void one_second_of_a_call(benchmark::State& state) {
  net::Loop loop;
  Side left{loop};
  Side right{loop};
  left.other = &right;
  right.other = &left;
  (void)left.pc.set_local_description(loop.now());
  (void)right.pc.set_remote_description(*left.pc.local_description(), loop.now());
  (void)right.pc.set_local_description(loop.now());
  (void)left.pc.set_remote_description(*right.pc.local_description(), loop.now());
  left.driver.pump();
  right.driver.pump();
  const auto connected = [&] {
    return left.pc.connection_state() == peer::ConnectionState::connected &&
           right.pc.connection_state() == peer::ConnectionState::connected;
  };
  if (!loop.run_until(connected, 5s)) return state.SkipWithError("not connected");
  const auto source = pictures();
  std::size_t next = 0;
  double total = 0;
  for (auto _ : state) {
    const double begun = processor_seconds();
    for (int i = 0; i < 30; ++i) {
      const core::Time due = loop.now() + 33'333us;
      left.send(source[next % source.size()], loop.now());
      right.send(source[next++ % source.size()], loop.now());
      (void)loop.run_until([&] { return loop.now() >= due; }, due - loop.now());
    }
    total += processor_seconds() - begun;
    state.SetIterationTime(processor_seconds() - begun);
  }
  const auto seconds = static_cast<double>(state.iterations());
  state.counters["cores_per_end"] = total / seconds / 2;
  state.counters["codec_share"] = (left.codec_time + right.codec_time) / total;
  state.counters["decoded_per_second"] =
      static_cast<double>(left.decoded + right.decoded) / 2 / seconds;
}
BENCHMARK(one_second_of_a_call)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);

}  // namespace
