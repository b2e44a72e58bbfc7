// What one core does with STUN: a check as ICE sends it, parsed, verified, built.
#include <benchmark/benchmark.h>

#include "stun/builder.hpp"
#include "stun/integrity.hpp"

using namespace lucid;

namespace {

struct Fixture {
  core::SeededRandom random{1};
  core::Pool pool;
  stun::Key key = stun::Key::short_term("VOkJxbRl1RmTxUk/WvJxBt");

  core::Buffer check() {
    stun::Builder out{pool, stun::Class::request, stun::Method::binding,
                      stun::random_transaction(random)};
    out.text(stun::AttributeType::username, "evtjevtj:h6vYh6vY");
    out.u32(stun::AttributeType::priority, 0x6e0001ff);
    out.u64(stun::AttributeType::ice_controlling, 0x932ff9b151263b36);
    out.flag(stun::AttributeType::use_candidate);
    out.integrity(key);
    out.fingerprint();
    return std::move(out).finish();
  }
};

void parse(benchmark::State& state) {
  Fixture fixture;
  const core::Buffer bytes = fixture.check();
  for (auto _ : state) {
    const auto message = stun::Message::parse(bytes);
    benchmark::DoNotOptimize(message->find(stun::AttributeType::username));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(parse);

void parse_and_verify(benchmark::State& state) {
  Fixture fixture;
  const core::Buffer bytes = fixture.check();
  for (auto _ : state) {
    const auto message = stun::Message::parse(bytes);
    benchmark::DoNotOptimize(check_fingerprint(*message));
    benchmark::DoNotOptimize(check_integrity(*message, fixture.key));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(parse_and_verify);

void build(benchmark::State& state) {
  Fixture fixture;
  for (auto _ : state) benchmark::DoNotOptimize(fixture.check());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(build);

}  // namespace
