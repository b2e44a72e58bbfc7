#include "sdp/candidate.hpp"

#include <array>

#include "core/text.hpp"
#include "sdp/detail/text.hpp"
#include "sdp/session.hpp"

namespace lucid::sdp {

using detail::number;
using detail::Words;

namespace {

constexpr std::array types{Candidate::Type::host, Candidate::Type::srflx, Candidate::Type::prflx,
                           Candidate::Type::relay};
constexpr std::array tcp_types{Candidate::Tcp::active, Candidate::Tcp::passive, Candidate::Tcp::so};

// RFC 8839 5.1: what follows the type is pairs of a name and a value; raddr and rport come first.
std::expected<void, SyntaxError> parse_pairs(Words& words, Candidate& candidate) {
  for (auto name = words.next(); !name.empty(); name = words.next()) {
    const std::string_view text = words.next();
    if (text.empty()) return words.fail(Rule::candidate);
    if (name == "raddr" && !candidate.related_address) {
      candidate.related_address = text;
    } else if (name == "rport" && !candidate.related_port) {
      candidate.related_port = number<std::uint16_t>(text);
      if (!candidate.related_port) return words.fail(Rule::candidate);
    } else {
      candidate.extensions.push_back({std::string{name}, std::string{text}});
    }
  }
  return {};
}

}  // namespace

std::string_view to_string(Candidate::Type type) {
  switch (type) {
    case Candidate::Type::host:
      return "host";
    case Candidate::Type::srflx:
      return "srflx";
    case Candidate::Type::prflx:
      return "prflx";
    case Candidate::Type::relay:
      return "relay";
    case Candidate::Type::other:
      return "other";
  }
  return "";
}

std::string_view to_string(Candidate::Tcp tcp) {
  switch (tcp) {
    case Candidate::Tcp::active:
      return "active";
    case Candidate::Tcp::passive:
      return "passive";
    case Candidate::Tcp::so:
      return "so";
  }
  return "";
}

std::expected<Candidate, SyntaxError> Candidate::parse(std::string_view text) {
  Words words{text};
  Candidate candidate;
  candidate.foundation = words.next();
  if (candidate.foundation.empty()) return words.fail(Rule::candidate);
  // RFC 8839 5.1: components run from 1 to 256, and a foundation has up to 32 characters.
  if (candidate.foundation.size() > 32) return words.fail(Rule::candidate);
  const auto component = number<std::uint16_t>(words.next());
  if (!component || *component < 1 || *component > 256) return words.fail(Rule::candidate);
  candidate.component = *component;
  candidate.transport = words.next();
  if (candidate.transport.empty()) return words.fail(Rule::candidate);
  const auto priority = number<std::uint32_t>(words.next());
  if (!priority) return words.fail(Rule::candidate);
  candidate.priority = *priority;
  candidate.address = words.next();
  if (candidate.address.empty()) return words.fail(Rule::candidate);
  const auto port = number<std::uint16_t>(words.next());
  if (!port) return words.fail(Rule::candidate);
  candidate.port = *port;
  if (words.next() != "typ") return words.fail(Rule::candidate);
  candidate.type_name = words.next();
  if (candidate.type_name.empty()) return words.fail(Rule::candidate);
  if (const auto pairs = parse_pairs(words, candidate); !pairs)
    return std::unexpected(pairs.error());
  return candidate;
}

std::string Candidate::value() const {
  std::string out = foundation;
  out.append(" ").append(std::to_string(component)).append(" ").append(transport);
  out.append(" ").append(std::to_string(priority)).append(" ").append(address);
  out.append(" ").append(std::to_string(port)).append(" typ ").append(type_name);
  if (related_address) out.append(" raddr ").append(*related_address);
  if (related_port) out.append(" rport ").append(std::to_string(*related_port));
  for (const Extension& each : extensions) {
    out.append(" ").append(each.name).append(" ").append(each.value);
  }
  return out;
}

Candidate::Type Candidate::type() const {
  for (const Type known : types) {
    if (type_name == to_string(known)) return known;
  }
  return Type::other;
}

bool Candidate::is_udp() const { return core::equal_ignoring_case(transport, "udp"); }
bool Candidate::is_tcp() const { return core::equal_ignoring_case(transport, "tcp"); }

std::optional<core::Ip> Candidate::ip() const { return core::Ip::parse(address); }

std::optional<Candidate::Tcp> Candidate::tcptype() const {
  const auto name = extension("tcptype");
  for (const Tcp known : tcp_types) {
    if (name == to_string(known)) return known;
  }
  return std::nullopt;
}

std::optional<std::string_view> Candidate::extension(std::string_view name) const {
  for (const Extension& each : extensions) {
    if (each.name == name) return each.value;
  }
  return std::nullopt;
}

std::expected<Candidate, ParseError> parse_candidate(std::string_view text) {
  const auto fail = [](std::size_t offset, std::string_view detail) {
    return std::unexpected(ParseError{Rule::candidate, 1, static_cast<std::uint32_t>(offset + 1),
                                      std::string{detail}, Severity::error});
  };
  std::string_view line = text;
  // As long as it may be in a description, which it becomes a line of.
  if (line.size() > Limits{}.line_bytes) return fail(Limits{}.line_bytes, "it is too long");
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t bad = line.find_first_of(std::string_view{"\r\n\0", 3});
  if (bad != std::string_view::npos) return fail(bad, "a candidate is one line");
  std::size_t start = line.starts_with("a=") ? 2 : 0;
  constexpr std::string_view prefix = "candidate:";
  if (!line.substr(start).starts_with(prefix))
    return fail(start, "it does not begin with candidate:");
  start += prefix.size();
  auto candidate = Candidate::parse(line.substr(start));
  if (!candidate) return fail(start + candidate.error().offset, {});
  return std::move(*candidate);
}

std::string serialize(const Candidate& candidate) { return "candidate:" + candidate.value(); }

}  // namespace lucid::sdp
