#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lucid::signaling {

// The body of a trickle PATCH: credentials and candidates without the rest of a description
// (RFC 8840 9).
struct SdpFragment {
  struct Candidate {
    std::string mid{};
    std::string line{};  // "candidate:..."
    friend bool operator==(const Candidate&, const Candidate&) = default;
  };
  std::string ufrag{}, pwd{};
  std::vector<Candidate> candidates{};
  bool end = false;  // there are no more

  static std::optional<SdpFragment> parse(std::string_view text);
  // Of a whole description: its first credentials and all its candidates.
  static std::optional<SdpFragment> of(std::string_view sdp) { return parse(sdp); }
  std::string text() const;
  friend bool operator==(const SdpFragment&, const SdpFragment&) = default;
};

// The description with other ICE credentials, and without candidates, which were for the old ones.
std::string with_credentials(std::string_view sdp, const std::string& ufrag,
                             const std::string& pwd);

}  // namespace lucid::signaling
