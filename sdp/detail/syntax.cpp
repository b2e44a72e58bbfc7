// Which lines have a type here, and so a syntax that parse() insists on.
#include "sdp/detail/syntax.hpp"

#include <algorithm>
#include <array>

#include "sdp/candidate.hpp"
#include "sdp/codec.hpp"
#include "sdp/detail/text.hpp"
#include "sdp/rtp.hpp"
#include "sdp/session.hpp"
#include "sdp/transport.hpp"

namespace lucid::sdp::detail {
namespace {

using Check = std::optional<SyntaxError> (*)(std::string_view);

struct KnownLine {
  std::string_view key;
  Check check;
};

template <Field T>
constexpr KnownLine known() {
  return {T::key, [](std::string_view value) -> std::optional<SyntaxError> {
            const auto field = T::parse(value);
            if (field) return std::nullopt;
            return field.error();
          }};
}

std::optional<SyntaxError> check_version(std::string_view value) {
  // RFC 8866 5.1: there is no version but 0.
  if (trim(value) == "0") return std::nullopt;
  return SyntaxError{Rule::version, 0};
}

std::optional<SyntaxError> check_timing(std::string_view value) {
  Words words{value};
  for (int i = 0; i < 2; ++i) {
    if (!saturated_number(words.next())) return SyntaxError{Rule::timing, words.offset()};
  }
  return std::nullopt;
}

std::optional<SyntaxError> check_flag(std::string_view value) {
  if (trim(value).empty()) return std::nullopt;
  return SyntaxError{Rule::attribute_value, 0};
}

constexpr auto known_lines = std::to_array<KnownLine>({
    {"v=", check_version},
    known<Origin>(),
    known<Connection>(),
    known<Bandwidth>(),
    {"t=", check_timing},
    known<Candidate>(),
    known<Rtpmap>(),
    known<Fmtp>(),
    known<RtcpFb>(),
    known<SsrcAttribute>(),
    known<Extmap>(),
    known<Mid>(),
    known<Group>(),
    known<IceUfrag>(),
    known<IcePwd>(),
    known<IceOptions>(),
    known<Fingerprint>(),
    known<Setup>(),
    known<TlsId>(),
    known<SctpPort>(),
    known<Sctpmap>(),
    known<MaxMessageSize>(),
    known<Rtcp>(),
    known<Msid>(),
    known<SsrcGroup>(),
    known<Rid>(),
    known<Simulcast>(),
    known<Ptime>(),
    known<MaxPtime>(),
    {"a=sendrecv", check_flag},
    {"a=sendonly", check_flag},
    {"a=recvonly", check_flag},
    {"a=inactive", check_flag},
    {"a=rtcp-mux", check_flag},
    {"a=rtcp-mux-only", check_flag},
    {"a=rtcp-rsize", check_flag},
    {"a=bundle-only", check_flag},
    {"a=ice-lite", check_flag},
    {"a=end-of-candidates", check_flag},
    {"a=extmap-allow-mixed", check_flag},
});

}  // namespace

bool is_line(const Line& line) {
  return line.text.size() >= 2 && is_alpha(line.text[0]) && line.text[1] == '=';
}

std::optional<SyntaxError> check_syntax(const Line& line) {
  const std::string_view key = line.key();
  if (key == "a=") return SyntaxError{Rule::attribute_value, 0};
  const auto found = std::ranges::find(known_lines, key, &KnownLine::key);
  if (found == known_lines.end()) return std::nullopt;
  return found->check(line.value());
}

}  // namespace lucid::sdp::detail
