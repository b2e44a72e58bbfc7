// Pairs of agents made, connected over a link without delay, and torn down: how many a second.
#include <benchmark/benchmark.h>

#include "tests/ice/pair_of_agents.hpp"

using namespace lucid;

namespace {

void connect_two_agents(benchmark::State& state) {
  for (auto _ : state) {
    ice::PairOfAgents pair{sim::Link{}};
    pair.exchange();
    const bool connected =
        pair.sim.run_until([&] { return pair.both_saw_selected(); }, std::chrono::seconds{1});
    if (!connected) state.SkipWithError("the agents did not connect");
  }
  state.SetItemsProcessed(2 * state.iterations());  // agents
}
BENCHMARK(connect_two_agents);

}  // namespace
