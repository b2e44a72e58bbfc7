#include "sdp/transport.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "sdp/detail/text.hpp"

namespace lucid::sdp {

using detail::number;
using detail::trim;
using detail::Words;

namespace {

std::string join(std::string first, const std::vector<std::string>& rest) {
  for (const std::string& word : rest) {
    if (!first.empty()) first.push_back(' ');
    first.append(word);
  }
  return first;
}

// One word that is not empty, and nothing after it.
std::expected<std::string, SyntaxError> single_word(std::string_view text, Rule rule) {
  Words words{text};
  std::string word{words.next()};
  if (word.empty()) return words.fail(rule);
  if (!words.at_end()) {
    words.next();
    return words.fail(rule);
  }
  return word;
}

template <class Predicate>
std::expected<std::string, SyntaxError> characters(std::string_view text, Rule rule,
                                                   std::size_t min, std::size_t max,
                                                   Predicate allowed) {
  text = trim(text);
  const auto bad = std::ranges::find_if_not(text, allowed);
  if (bad != text.end()) {
    return std::unexpected(SyntaxError{rule, static_cast<std::size_t>(bad - text.begin())});
  }
  if (text.size() < min) return std::unexpected(SyntaxError{rule, text.size()});
  if (text.size() > max) return std::unexpected(SyntaxError{rule, max});
  return std::string{text};
}

// RFC 8839 5.4 has ice-chars only. The four others are in credentials of some servers, and browsers
// take them, so they are no reason to refuse a call.
bool is_credential_char(char c) {
  return detail::is_ice_char(c) || c == '-' || c == '=' || c == '#' || c == '_';
}

bool is_tls_id_char(char c) { return detail::is_ice_char(c) || c == '-' || c == '_'; }

}  // namespace

std::expected<Mid, SyntaxError> Mid::parse(std::string_view text) {
  auto word = single_word(text, Rule::mid);
  if (!word) return std::unexpected(word.error());
  return Mid{std::move(*word)};
}

std::expected<Group, SyntaxError> Group::parse(std::string_view text) {
  Words words{text};
  Group group;
  group.semantics = words.next();
  if (group.semantics.empty()) return words.fail(Rule::group);
  for (auto mid = words.next(); !mid.empty(); mid = words.next()) group.mids.emplace_back(mid);
  return group;
}

std::string Group::value() const { return join(semantics, mids); }

std::expected<IceUfrag, SyntaxError> IceUfrag::parse(std::string_view text) {
  // RFC 8839 5.4: a ufrag has 4 to 256 characters, a password 22 to 256.
  auto ufrag = characters(text, Rule::ice_ufrag, 4, 256, is_credential_char);
  if (!ufrag) return std::unexpected(ufrag.error());
  return IceUfrag{std::move(*ufrag)};
}

std::expected<IcePwd, SyntaxError> IcePwd::parse(std::string_view text) {
  auto password = characters(text, Rule::ice_pwd, 22, 256, is_credential_char);
  if (!password) return std::unexpected(password.error());
  return IcePwd{std::move(*password)};
}

bool IceOptions::has(std::string_view tag) const {
  return std::ranges::find(tags, tag) != tags.end();
}

std::expected<IceOptions, SyntaxError> IceOptions::parse(std::string_view text) {
  Words words{text};
  IceOptions options;
  for (auto tag = words.next(); !tag.empty(); tag = words.next()) options.tags.emplace_back(tag);
  if (options.tags.empty()) return words.fail(Rule::ice_options);
  return options;
}

std::string IceOptions::value() const { return join({}, tags); }

std::optional<std::size_t> hash_length(std::string_view hash) {
  struct Known {
    std::string_view name;
    std::size_t length;
  };
  // RFC 8122 5: of the names it lists, md5 and md2 must not be used.
  constexpr std::array known{Known{"sha-1", 20}, Known{"sha-224", 28}, Known{"sha-256", 32},
                             Known{"sha-384", 48}, Known{"sha-512", 64}};
  for (const Known& entry : known) {
    if (core::equal_ignoring_case(entry.name, hash)) return entry.length;
  }
  return std::nullopt;
}

std::expected<Fingerprint, SyntaxError> Fingerprint::parse(std::string_view text) {
  Words words{text};
  Fingerprint fingerprint;
  fingerprint.hash = core::to_lower(words.next());
  if (fingerprint.hash.empty()) return words.fail(Rule::fingerprint);
  const std::string_view hex = words.next();
  const std::size_t start = words.offset();
  // RFC 8122 5: pairs of hexadecimal digits with colons between them. Upper case is asked for;
  // lower case, which some stacks write, says the same.
  for (std::size_t i = 0; i < hex.size(); i += 3) {
    const auto byte = core::from_hex(hex.substr(i, 2));
    const bool colon = i + 2 == hex.size() || (i + 3 < hex.size() && hex[i + 2] == ':');
    if (!byte || byte->size() != 1 || !colon) {
      return std::unexpected(SyntaxError{Rule::fingerprint, start + i});
    }
    fingerprint.bytes.push_back(byte->front());
  }
  const auto length = hash_length(fingerprint.hash);
  if (fingerprint.bytes.empty() || (length && *length != fingerprint.bytes.size())) {
    return std::unexpected(SyntaxError{Rule::fingerprint, start});
  }
  if (!words.at_end()) {
    words.next();
    return words.fail(Rule::fingerprint);
  }
  return fingerprint;
}

std::string Fingerprint::value() const {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out = hash + ' ';
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i != 0) out.push_back(':');
    out.push_back(digits[bytes[i] >> 4]);
    out.push_back(digits[bytes[i] & 0x0F]);
  }
  return out;
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::active:
      return "active";
    case Role::passive:
      return "passive";
    case Role::actpass:
      return "actpass";
    case Role::holdconn:
      return "holdconn";
  }
  return "";
}

std::expected<Setup, SyntaxError> Setup::parse(std::string_view text) {
  const auto word = single_word(text, Rule::setup);
  if (!word) return std::unexpected(word.error());
  for (const Role role : {Role::active, Role::passive, Role::actpass, Role::holdconn}) {
    if (*word == to_string(role)) return Setup{role};
  }
  return std::unexpected(SyntaxError{Rule::setup, 0});
}

std::expected<TlsId, SyntaxError> TlsId::parse(std::string_view text) {
  auto id = characters(text, Rule::tls_id, 20, 255, is_tls_id_char);
  if (!id) return std::unexpected(id.error());
  return TlsId{std::move(*id)};
}

std::expected<SctpPort, SyntaxError> SctpPort::parse(std::string_view text) {
  const auto port = number<std::uint16_t>(trim(text));
  if (!port) return std::unexpected(SyntaxError{Rule::sctp_port, 0});
  return SctpPort{*port};
}

std::string SctpPort::value() const { return std::to_string(port); }

std::expected<MaxMessageSize, SyntaxError> MaxMessageSize::parse(std::string_view text) {
  const auto size = detail::saturated_number(trim(text));
  if (!size) return std::unexpected(SyntaxError{Rule::max_message_size, 0});
  return MaxMessageSize{*size};
}

std::string MaxMessageSize::value() const { return std::to_string(bytes); }

std::expected<Sctpmap, SyntaxError> Sctpmap::parse(std::string_view text) {
  Words words{text};
  Sctpmap map;
  const auto port = number<std::uint16_t>(words.next());
  if (!port) return words.fail(Rule::sctpmap);
  map.port = *port;
  map.protocol = words.next();
  if (map.protocol.empty()) return words.fail(Rule::sctpmap);
  map.streams = number<std::uint32_t>(words.next());
  return map;
}

std::string Sctpmap::value() const {
  std::string out = std::to_string(port) + ' ' + protocol;
  if (streams) out.append(" ").append(std::to_string(*streams));
  return out;
}

std::expected<Rtcp, SyntaxError> Rtcp::parse(std::string_view text) {
  Words words{text};
  const auto port = number<std::uint16_t>(words.next());
  if (!port) return words.fail(Rule::rtcp);
  return Rtcp{*port, std::string{words.rest()}};
}

std::string Rtcp::value() const {
  std::string out = std::to_string(port);
  if (!address.empty()) out.append(" ").append(address);
  return out;
}

}  // namespace lucid::sdp
