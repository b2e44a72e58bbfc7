#pragma once
#include <string>
#include <string_view>

#include "sdp/session.hpp"

// The words behind explain(): each function has sentences for some kinds of lines, and an empty
// string for the others.
namespace lucid::sdp::detail {

std::string describe_head(const Line& line, const MediaSection* section);  // v=, o=, m=, c= ...
std::string describe_transport(const Line& line);
std::string describe_rtp(const Line& line);
std::string describe_codec(const Line& line, const MediaSection* section);

}  // namespace lucid::sdp::detail
