// Two connections on one loop over loopback sockets: from create_offer to open channels on both
// sides, a 64-byte message there and back, and 64 KiB messages one way.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "net/driver.hpp"
#include "net/loop.hpp"
#include "peer/peer_connection.hpp"

namespace {

using namespace lucid;
using namespace std::chrono_literals;

struct Side {
  Side(net::Loop& loop, const dtls::Certificate& certificate)
      : pc{std::move(*peer::PeerConnection::create({.certificates = {certificate},
                                                    .wall_clock = loop.wall_clock(),
                                                    .gather_loopback = true,
                                                    .gather_tcp = false},
                                                   loop.context(), loop.now()))},
        driver{loop, pc, [this](peer::Event event, core::Time now) { on(event, now); }} {}

  void on(peer::Event& event, core::Time now) {
    if (auto* found = std::get_if<peer::events::IceCandidate>(&event)) {
      (void)other->pc.add_ice_candidate(found->candidate, now);
      other->driver.pump();
    } else if (auto* open = std::get_if<peer::events::ChannelOpen>(&event)) {
      channel = open->channel;
    } else if (auto* message = std::get_if<peer::events::ChannelMessage>(&event)) {
      ++messages;
      bytes += message->message.data.size();
      if (echo) (void)channel.send(core::Bytes{message->message.data}, now);
    }
  }

  peer::PeerConnection pc;
  Side* other = nullptr;
  peer::DataChannel channel;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  bool echo = false;
  net::Driver<peer::PeerConnection> driver;
};

struct Pair {
  explicit Pair(const dtls::Certificate& certificate)
      : left{loop, certificate}, right{loop, certificate} {
    left.other = &right;
    right.other = &left;
  }
  bool connect() {
    (void)left.pc.create_data_channel("d", loop.now());
    (void)left.pc.set_local_description(loop.now());
    (void)right.pc.set_remote_description(*left.pc.local_description(), loop.now());
    (void)right.pc.set_local_description(loop.now());
    (void)left.pc.set_remote_description(*right.pc.local_description(), loop.now());
    left.driver.pump();
    right.driver.pump();
    return loop.run_until(
        [&] {
          return left.channel.ready_state() == peer::DataChannelState::open &&
                 right.channel.ready_state() == peer::DataChannelState::open;
        },
        5s);
  }

  net::Loop loop;
  Side left;
  Side right;
};

// The middle and the worst twentieth of what was measured one by one.
class Samples {
 public:
  template <class Action>
  bool measure(Action&& action) {
    const auto began = std::chrono::steady_clock::now();
    const bool good = action();
    taken_.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - began));
    return good;
  }
  void report(benchmark::State& state, double per_second) {
    std::ranges::sort(taken_);
    if (taken_.empty()) return;
    state.counters["p50"] = taken_[taken_.size() / 2].count() * per_second;
    state.counters["p95"] = taken_[taken_.size() * 95 / 100].count() * per_second;
  }

 private:
  std::vector<std::chrono::duration<double>> taken_;
};

dtls::Certificate certificate() {
  const net::Loop loop;
  return *dtls::Certificate::generate({.wall_clock = loop.wall_clock()}, loop.now());
}

void connect(benchmark::State& state) {
  const auto own = certificate();
  Samples samples;
  for (auto _ : state) {
    state.PauseTiming();
    auto pair = std::make_unique<Pair>(own);
    state.ResumeTiming();
    if (!samples.measure([&] { return pair->connect(); })) state.SkipWithError("no connection");
    state.PauseTiming();
    pair.reset();
    state.ResumeTiming();
  }
  samples.report(state, 1e3);
}
BENCHMARK(connect)->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(2);

void ping_pong(benchmark::State& state) {
  Pair pair{certificate()};
  if (!pair.connect()) return state.SkipWithError("no connection");
  pair.right.echo = true;
  const std::string ping(64, 'p');
  Samples samples;
  for (auto _ : state) {
    const std::uint64_t before = pair.left.messages;
    const bool echoed = samples.measure([&] {
      (void)pair.left.channel.send(ping, pair.loop.now());
      pair.left.driver.pump();
      return pair.loop.run_until([&] { return pair.left.messages > before; }, 5s);
    });
    if (!echoed) return state.SkipWithError("no echo");
  }
  samples.report(state, 1e6);
}
BENCHMARK(ping_pong)->Unit(benchmark::kMicrosecond)->UseRealTime();

void throughput(benchmark::State& state) {
  Pair pair{certificate()};
  if (!pair.connect()) return state.SkipWithError("no connection");
  const std::vector<std::uint8_t> message(64 * 1024, 7);
  for (auto _ : state) {
    const std::uint64_t wanted = pair.right.messages + 64;
    for (int i = 0; i < 64; ++i)
      (void)pair.left.channel.send(core::Bytes{message}, pair.loop.now());
    pair.left.driver.pump();
    if (!pair.loop.run_until([&] { return pair.right.messages >= wanted; }, 10s)) {
      return state.SkipWithError("messages lost");
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(pair.right.bytes));
}
BENCHMARK(throughput)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
