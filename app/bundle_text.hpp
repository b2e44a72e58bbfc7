#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "app/json.hpp"

namespace lucid::app {

// What one side gives the other by hand, without a server (signaling/README.md, "The bundle").
struct Bundle {
  peer::SessionDescription description;
  std::vector<peer::IceCandidate> candidates;
};

json to_json(const Bundle& bundle);
// One short line: "lucid:" and the compressed JSON in base64url.
std::string to_line(const Bundle& bundle);
// Takes either. The error is a sentence.
[[nodiscard]] std::expected<Bundle, std::string> parse_bundle(std::string_view text);

// RFC 4648 5, without padding. Nullopt where a character is none of its alphabet.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);
// Raw DEFLATE (RFC 1951). Nullopt where the input is none, or becomes more than `most` bytes.
std::string deflated(std::string_view bytes);
std::optional<std::string> inflated(std::string_view bytes, std::size_t most);

}  // namespace lucid::app
