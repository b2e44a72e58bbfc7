#include "signaling/sdp_fragment.hpp"

namespace lucid::signaling {

namespace {

constexpr std::size_t most_candidates = 200;

// The next line, without its end; some end theirs with LF alone.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool take(std::string_view line, std::string_view head, std::string& into) {
  if (!line.starts_with(head)) return false;
  if (into.empty()) into = line.substr(head.size());
  return true;
}

}  // namespace

std::optional<SdpFragment> SdpFragment::parse(std::string_view text) {
  SdpFragment fragment;
  std::string mid;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    if (line.size() < 2 || line[1] != '=') return std::nullopt;
    constexpr std::string_view mid_head = "a=mid:", candidate_head = "a=candidate:";
    if (line.starts_with("m=")) mid.clear();
    if (line.starts_with(mid_head)) mid = line.substr(mid_head.size());
    if (take(line, "a=ice-ufrag:", fragment.ufrag) || take(line, "a=ice-pwd:", fragment.pwd))
      continue;
    if (line == "a=end-of-candidates") fragment.end = true;
    if (line.starts_with(candidate_head) && fragment.candidates.size() < most_candidates)
      fragment.candidates.push_back({mid, std::string{line.substr(2)}});
  }
  return fragment;
}

std::string SdpFragment::text() const {
  std::string out = "a=ice-ufrag:" + ufrag + "\r\na=ice-pwd:" + pwd + "\r\n";
  const std::string* mid = nullptr;
  for (const Candidate& candidate : candidates) {
    // RFC 8840 9.2: candidates stand under a media line with the mid; its other fields say nothing.
    if (mid == nullptr || *mid != candidate.mid)
      out += "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:" + candidate.mid + "\r\n";
    mid = &candidate.mid;
    out += "a=" + candidate.line + "\r\n";
  }
  if (end) out += "a=end-of-candidates\r\n";
  return out;
}

std::string with_credentials(std::string_view sdp, const std::string& ufrag,
                             const std::string& pwd) {
  std::string out;
  while (!sdp.empty()) {
    const std::string_view line = take_line(sdp);
    if (line.starts_with("a=candidate:") || line == "a=end-of-candidates") continue;
    if (line.starts_with("a=ice-ufrag:")) {
      out += "a=ice-ufrag:" + ufrag;
    } else if (line.starts_with("a=ice-pwd:")) {
      out += "a=ice-pwd:" + pwd;
    } else {
      out += line;
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace lucid::signaling
