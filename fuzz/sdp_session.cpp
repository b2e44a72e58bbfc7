// What parses is written back to the byte; codecs survive being rewritten; explanations, checks and
// answers never fail.
#include <string_view>

#include "core/check.hpp"
#include "sdp/codec.hpp"
#include "sdp/explain.hpp"
#include "sdp/negotiate.hpp"
#include "sdp/validate.hpp"

namespace sdp = lucid::sdp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = lucid::core::as_text({data, size});
  auto session = sdp::parse(text);
  if (!session) session = sdp::parse_fragment(text);
  if (!session) return 0;
  lucid::core::check(serialize(*session) == text);
  sdp::explain(*session);
  sdp::validate(*session, sdp::Type::offer);
  sdp::check_answer(*session, *session);
  // Nothing has changed, so nothing changed that may not. (Repeated numbers contradict themselves.)
  sdp::check_change(*session, *session);
  for (sdp::MediaSection& section : session->media) {
    auto codecs = sdp::codecs(section);
    if (codecs.empty()) continue;
    sdp::set_codecs(section, codecs);
    lucid::core::check(sdp::codecs(section) == codecs);
    sdp::answer_codecs(codecs, codecs);
    sdp::PayloadTypes types;
    lucid::core::check(!types.assign(codecs) || sdp::codecs(section).size() == codecs.size());
  }
  const auto again =
      sdp::parse_fragment(serialize(*session), {.bytes = SIZE_MAX, .line_bytes = SIZE_MAX});
  lucid::core::check(again.has_value() && *again == *session);
  return 0;
}
