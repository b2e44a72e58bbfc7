// a=rid and a=simulcast: the encodings of one source.
#include "sdp/detail/text.hpp"
#include "sdp/rtp.hpp"

namespace lucid::sdp {

using detail::number;
using detail::split;
using detail::trim;
using detail::Words;

std::string_view to_string(RidDirection direction) {
  switch (direction) {
    case RidDirection::send:
      return "send";
    case RidDirection::recv:
      return "recv";
  }
  return "";
}

namespace {

// RFC 8851 10: letters and digits, with "-" and "_".
bool is_rid(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!detail::is_alpha(c) && !detail::is_digit(c) && c != '-' && c != '_') return false;
  }
  return true;
}

// One of the restrictions; the pt list is a field of its own.
bool parse_restriction(std::string_view text, Rid& rid) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view{} : text.substr(equals + 1);
  if (name.empty()) return false;
  if (name != "pt") {
    rid.restrictions.push_back({std::string{name}, std::string{value}});
    return true;
  }
  for (const std::string_view part : split(value, ',')) {
    const auto payload_type = number<std::uint8_t>(part);
    if (!payload_type || *payload_type > 127) return false;
    rid.payload_types.push_back(*payload_type);
  }
  return true;
}

// RFC 8853 5.1: streams by ";", alternatives by ",", "~" before one that starts paused.
std::optional<std::vector<Simulcast::Stream>> parse_streams(std::string_view text) {
  // Drafts of RFC 8853 wrote "send rid=1;2".
  if (text.starts_with("rid=")) text.remove_prefix(4);
  std::vector<Simulcast::Stream> streams;
  for (const std::string_view part : split(text, ';')) {
    Simulcast::Stream stream;
    for (std::string_view rid : split(part, ',')) {
      const bool paused = rid.starts_with('~');
      if (paused) rid.remove_prefix(1);
      if (!is_rid(rid)) return std::nullopt;
      stream.push_back({std::string{rid}, paused});
    }
    streams.push_back(std::move(stream));
  }
  return streams;
}

void append_streams(std::string& out, std::string_view name,
                    const std::vector<Simulcast::Stream>& streams) {
  if (streams.empty()) return;
  if (!out.empty()) out.push_back(' ');
  out.append(name).append(" ");
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (i != 0) out.push_back(';');
    for (std::size_t k = 0; k < streams[i].size(); ++k) {
      if (k != 0) out.push_back(',');
      if (streams[i][k].paused) out.push_back('~');
      out.append(streams[i][k].rid);
    }
  }
}

}  // namespace

std::expected<Rid, SyntaxError> Rid::parse(std::string_view text) {
  Words words{text};
  Rid rid;
  rid.id = words.next();
  if (!is_rid(rid.id)) return words.fail(Rule::rid);
  const std::string_view direction = words.next();
  if (direction != "send" && direction != "recv") return words.fail(Rule::rid);
  rid.direction = direction == "send" ? RidDirection::send : RidDirection::recv;
  const std::string_view restrictions = words.rest();
  if (restrictions.empty()) return rid;
  for (const std::string_view part : split(restrictions, ';')) {
    const std::string_view restriction = trim(part);
    if (restriction.empty()) continue;
    if (!parse_restriction(restriction, rid)) return words.fail(Rule::rid);
  }
  return rid;
}

std::string Rid::value() const {
  std::string out = id;
  out.append(" ").append(to_string(direction));
  char separator = ' ';
  for (std::size_t i = 0; i < payload_types.size(); ++i) {
    out.append(i == 0 ? " pt=" : ",").append(std::to_string(payload_types[i]));
    separator = ';';
  }
  for (const Restriction& each : restrictions) {
    out.push_back(separator);
    out.append(each.name);
    if (!each.value.empty()) out.append("=").append(each.value);
    separator = ';';
  }
  return out;
}

std::expected<Simulcast, SyntaxError> Simulcast::parse(std::string_view text) {
  Words words{text};
  Simulcast simulcast;
  for (auto word = words.next(); !word.empty(); word = words.next()) {
    if (word != "send" && word != "recv") return words.fail(Rule::simulcast);
    auto& streams = word == "send" ? simulcast.send : simulcast.recv;
    if (!streams.empty()) return words.fail(Rule::simulcast);
    auto parsed = parse_streams(words.next());
    if (!parsed) return words.fail(Rule::simulcast);
    streams = std::move(*parsed);
  }
  if (simulcast.send.empty() && simulcast.recv.empty()) return words.fail(Rule::simulcast);
  return simulcast;
}

std::string Simulcast::value() const {
  std::string out;
  append_streams(out, "send", send);
  append_streams(out, "recv", recv);
  return out;
}

}  // namespace lucid::sdp
