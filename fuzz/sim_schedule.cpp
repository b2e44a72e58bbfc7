// Any text: a schedule whose steps are in order and whose shares are shares, or an error that names
// one of its lines.
#include "sim/schedule.hpp"

#include <algorithm>

#include "core/bytes.hpp"
#include "core/check.hpp"

using namespace lucid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = core::as_text({data, size});
  const auto schedule = sim::Schedule::parse(text);
  if (!schedule) {
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    core::check(schedule.error().line >= 1 && schedule.error().line <= lines);
    core::check(!schedule.error().reason.empty());
    return 0;
  }
  core::Duration last{};
  core::check(std::ranges::is_sorted(schedule->deliveries));
  for (const auto& [at, link] : schedule->steps) {
    core::check(at >= last && link.delay >= core::Duration::zero());
    core::check(link.loss >= 0 && link.loss <= 1);
    last = at;
  }
  return 0;
}
