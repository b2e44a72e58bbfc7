#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sdp/codec.hpp"
#include "sdp/session.hpp"

// The words behind explain(): each function has sentences for some kinds of lines, and an empty
// string for the others.
namespace lucid::sdp::detail {

// Where a line stands: in an m= section with its codecs, or before the first one.
struct Place {
  const MediaSection* section = nullptr;
  std::vector<Codec> codecs;
};

std::string describe_head(const Line& line, const Place& place);  // v=, o=, m=, c= ...
std::string describe_transport(const Line& line);
std::string describe_rtp(const Line& line);
std::string describe_codec(const Line& line, const Place& place);

}  // namespace lucid::sdp::detail
