// Every truncation and every changed byte of real descriptions: refused or parsed, and what is
// parsed is written back to the byte.
#include <gtest/gtest.h>

#include "sdp/codec.hpp"
#include "sdp/session.hpp"
#include "tests/sdp/vectors.hpp"

namespace lucid::sdp {
namespace {

void check_round_trip(std::string_view text) {
  const auto session = parse(text);
  if (!session) {
    EXPECT_LE(session.error().line, 1000U);
    return;
  }
  ASSERT_EQ(serialize(*session), text);
  for (const MediaSection& section : session->media) codecs(section);
}

TEST(SdpRobustness, EveryTruncation) {
  for (const auto* name : {"chromium/data-gathered.offer.sdp", "firefox/simulcast.offer.sdp"}) {
    const std::string text = read_vector(name);
    for (std::size_t size = 0; size < text.size(); ++size) {
      check_round_trip(std::string_view{text}.substr(0, size));
    }
  }
}

TEST(SdpRobustness, EveryChangedByte) {
  std::string text = read_vector("firefox/data-gathered.offer.sdp") + "a=simulcast:send 1;2\r\n";
  for (char& byte : text) {
    const char kept = byte;
    for (const char other :
         {'\0', '\n', ' ', ':', '=', '9', 'z', '\xFF', static_cast<char>(kept ^ 1)}) {
      byte = other;
      check_round_trip(text);
    }
    byte = kept;
  }
}

}  // namespace
}  // namespace lucid::sdp
