// Two ends in one thread: throughput by message size, the time of a 64-byte round trip, and what an
// idle association costs in memory and in time.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <chrono>
#include <memory>
#include <vector>

#include "sctp/data_channels.hpp"

namespace {

using namespace lucid;
using sctp::DataChannels;

core::Time now() {
  return core::Time{std::chrono::duration_cast<core::Duration>(
      std::chrono::steady_clock::now().time_since_epoch())};
}

struct Ends {
  core::SeededRandom random{1};
  core::Pool own_pool;
  core::Pool& pool;
  DataChannels left{{}, {random, pool}};
  DataChannels right{{}, {random, pool}};
  sctp::ChannelId channel{};
  std::size_t received = 0;  // bytes
  std::size_t messages = 0;

  explicit Ends(core::Pool* shared = nullptr) : pool{shared != nullptr ? *shared : own_pool} {
    for (DataChannels* end : {&left, &right}) end->set_remote({.max_message_size = 0});
    left.set_role(sctp::Role::client, now());
    right.set_role(sctp::Role::server, now());
    channel = left.open({.label = "bench"}, now()).value();
    static_cast<void>(left.connect(now()));
    static_cast<void>(right.connect(now()));
    run();
  }
  // Delivers what there is until nobody has anything to say.
  void run() {
    for (bool any = true; any;) any = pump(left, right) | pump(right, left);
  }
  bool pump(DataChannels& from, DataChannels& to) {
    bool any = false;
    while (const auto packet = from.poll_transmit()) {
      to.handle_datagram(*packet, now());
      any = true;
    }
    while (const auto event = to.poll_event()) {
      if (const auto* message = std::get_if<DataChannels::Message>(&*event)) {
        received += message->payload.size();
        ++messages;
      }
    }
    return any;
  }
  void tick() {
    for (DataChannels* end : {&left, &right}) {
      const auto due = end->next_timeout();
      if (due && *due <= now()) end->handle_timeout(now());
    }
  }
};

void send(benchmark::State& state) {
  Ends ends;
  const std::vector<std::uint8_t> message(static_cast<std::size_t>(state.range(0)), 'x');
  ends.received = 0;
  for (auto _ : state) {
    const std::size_t wanted = ends.received + message.size();
    static_cast<void>(ends.left.send(ends.channel, sctp::MessageKind::binary, message, now()));
    while (ends.left.buffered_amount(ends.channel) > 1024 * 1024 ||
           ends.received + 4 * 1024 * 1024 < wanted) {
      ends.run();
      ends.tick();
    }
  }
  ends.run();
  state.SetBytesProcessed(static_cast<std::int64_t>(ends.received));
}
BENCHMARK(send)
    ->Name("send_one_way")
    ->Arg(64)
    ->Arg(1024)
    ->Arg(16 * 1024)
    ->Arg(64 * 1024)
    ->Arg(256 * 1024);

void round_trip(benchmark::State& state) {
  Ends ends;
  const std::vector<std::uint8_t> message(64, 'x');
  sctp::ChannelId there{0};
  for (auto _ : state) {
    static_cast<void>(ends.left.send(ends.channel, sctp::MessageKind::binary, message, now()));
    ends.run();
    static_cast<void>(ends.right.send(there, sctp::MessageKind::binary, message, now()));
    ends.run();
    ends.tick();
  }
  state.counters["messages"] = static_cast<double>(ends.messages);
}
BENCHMARK(round_trip)->Name("round_trip_64_bytes");

void idle(benchmark::State& state) {
  constexpr std::size_t count = 500;
  core::Pool pool;
  malloc_trim(0);
  const std::size_t before = mallinfo2().uordblks;
  std::vector<std::unique_ptr<Ends>> pairs;
  for (std::size_t i = 0; i < count; ++i) pairs.push_back(std::make_unique<Ends>(&pool));
  const std::size_t after = mallinfo2().uordblks;
  std::size_t due = 0;
  for (auto _ : state) {
    // What a loop does for associations that sleep: nothing, once their last SACK is sent.
    for (auto& ends : pairs) {
      ends->tick();
      due += ends->left.next_timeout().has_value();
    }
  }
  state.counters["KiB_each"] =
      static_cast<double>(after - before) / static_cast<double>(2 * count) / 1024;
  state.counters["awake"] = static_cast<double>(due) / static_cast<double>(state.iterations());
}
BENCHMARK(idle)->Name("500_idle_pairs")->Unit(benchmark::kMicrosecond);

}  // namespace
