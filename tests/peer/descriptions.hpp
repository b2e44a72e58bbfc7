#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "peer/peer_connection.hpp"
#include "sdp/session.hpp"

// Descriptions as tests look into them and change them.
namespace lucid::peer {

inline sdp::Session parsed(const SessionDescription& description) {
  auto session = sdp::parse(description.sdp);
  EXPECT_TRUE(session);
  return std::move(*session);
}

inline std::string of_another_certificate(std::string text) {
  constexpr std::string_view start = "a=fingerprint:sha-256 ";
  for (auto at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
    char& digit = text[at + start.size()];
    digit = digit == 'A' ? 'B' : 'A';
  }
  return text;
}

}  // namespace lucid::peer
