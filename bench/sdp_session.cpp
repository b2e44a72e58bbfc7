// How fast descriptions are read, written and checked.
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <string>

#include "sdp/codec.hpp"
#include "sdp/validate.hpp"

namespace {

namespace sdp = lucid::sdp;

constexpr const char* vectors[] = {"chromium/data.offer.sdp", "chromium/audio-video.offer.sdp",
                                   "chromium/twenty-sections.offer.sdp"};

std::string read(benchmark::State& state) {
  const std::string name = vectors[state.range(0)];
  std::ifstream file{std::string{LUCID_VECTORS "/sdp/"} + name, std::ios::binary};
  state.SetLabel(name);
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.empty()) state.SkipWithError("the vector cannot be read");
  return text;
}

void parse(benchmark::State& state) {
  const std::string text = read(state);
  for (auto _ : state) benchmark::DoNotOptimize(sdp::parse(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse)->DenseRange(0, 2);

void serialize(benchmark::State& state) {
  const std::string text = read(state);
  const auto session = sdp::parse(text);
  for (auto _ : state) benchmark::DoNotOptimize(serialize(*session));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(serialize)->DenseRange(0, 2);

void validate(benchmark::State& state) {
  const auto session = sdp::parse(read(state));
  for (auto _ : state) benchmark::DoNotOptimize(sdp::validate(*session, sdp::Type::offer));
}
BENCHMARK(validate)->DenseRange(0, 2);

void codecs(benchmark::State& state) {
  const auto session = sdp::parse(read(state));
  for (auto _ : state) {
    for (const auto& section : session->media) benchmark::DoNotOptimize(sdp::codecs(section));
  }
}
BENCHMARK(codecs)->DenseRange(0, 2);

}  // namespace
