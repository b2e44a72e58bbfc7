// What a relay costs its client: packets wrapped and unwrapped, by channel and by indication.
#include <benchmark/benchmark.h>

#include "ice/turn_frames.hpp"
#include "stun/builder.hpp"

using namespace lucid;

namespace {

const core::Address peer{core::Ip::v4(0xCB007109), 7000};
constexpr std::size_t packet = 1200;

void wrap_in_channel(benchmark::State& state) {
  core::Pool pool;
  for (auto _ : state) {
    core::Buffer out = ice::wrap_in_channel(pool, ice::first_channel, pool.take(packet));
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(wrap_in_channel);

void wrap_in_indication(benchmark::State& state) {
  core::Pool pool;
  core::SeededRandom random{1};
  for (auto _ : state) {
    core::Buffer out = ice::wrap_in_indication(pool, random, peer, pool.take(packet));
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(wrap_in_indication);

void unwrap_from_channel(benchmark::State& state) {
  core::Pool pool;
  for (auto _ : state) {
    core::Buffer in = pool.take(packet);
    core::ByteWriter header{in.bytes()};
    header.u16(ice::first_channel);
    header.u16(packet - 4);
    benchmark::DoNotOptimize(ice::unwrap_from_channel(in));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(unwrap_from_channel);

}  // namespace
