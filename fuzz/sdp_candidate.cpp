// A candidate that parses is written to text that parses to the same candidate, and can be
// explained.
#include "core/check.hpp"
#include "sdp/candidate.hpp"
#include "sdp/explain.hpp"

namespace sdp = lucid::sdp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto candidate = sdp::parse_candidate(lucid::core::as_text({data, size}));
  if (!candidate) return 0;
  lucid::core::check(!sdp::explain(*candidate).empty());
  const auto again = sdp::parse_candidate(serialize(*candidate));
  lucid::core::check(again.has_value() && *again == *candidate);
  return 0;
}
