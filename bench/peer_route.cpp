// RTP packets a second on one core to the section of a bundle that they belong to (RFC 9143 9.2):
// each found by the MID that it carries, by its SSRC, or by its payload type.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "peer/detail/media_router.hpp"
#include "rtp/extension_values.hpp"

namespace {

using namespace lucid;

// So many sections of video, each with a payload type of its own.
std::vector<peer::detail::MediaPlan> plans(std::uint32_t count) {
  std::vector<peer::detail::MediaPlan> made(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    made[i].id = peer::TransceiverId{i};
    made[i].mid = std::to_string(i);
    auto& receiving = made[i].receiving.emplace();
    receiving.formats = {{static_cast<std::uint8_t>(96 + i), core::Codec::vp8}};
    receiving.extensions.add(4, rtp::ExtensionType::mid);
    receiving.extensions.add(5, rtp::ExtensionType::rid);
  }
  return made;
}

enum Way : std::int64_t { by_mid, by_ssrc, by_payload_type };

// A thousand streams, about as many as one transport may have.
constexpr std::uint32_t streams = 1000;

void route(benchmark::State& state) {
  const auto sections = static_cast<std::uint32_t>(state.range(0));
  const auto way = static_cast<Way>(state.range(1));
  const auto planned = plans(sections);
  peer::detail::MediaRouter router;
  router.set_plans(planned);
  std::vector<rtp::HeaderWriter> headers;
  for (std::uint32_t i = 0; i < streams; ++i) {
    const std::uint32_t section = i % sections;
    headers.emplace_back(
        rtp::Header{.payload_type = static_cast<std::uint8_t>(96 + section), .ssrc = 1000 + i});
    if (way == by_mid) headers.back().add_extension(4, core::as_bytes(planned[section].mid));
    headers.back().add_extension(5, core::as_bytes("h"));
  }
  for (auto _ : state) {
    if (way == by_payload_type) {  // which it is only until the SSRC is known
      state.PauseTiming();
      router.set_plans(planned);
      state.ResumeTiming();
    }
    for (const rtp::HeaderWriter& header : headers) {
      const auto view = rtp::Packet::parse(header.bytes());
      const auto to = router.route(*view);
      if (!to) return state.SkipWithError("nobody's");
      benchmark::DoNotOptimize(to->id);
    }
  }
  state.SetItemsProcessed(state.iterations() * streams);
  state.SetLabel(way == by_mid ? "by MID" : way == by_ssrc ? "by SSRC" : "by payload type");
}
BENCHMARK(route)
    ->ArgNames({"sections", "way"})
    ->ArgsProduct({{2, 20}, {by_mid, by_ssrc, by_payload_type}});

}  // namespace
