// Every truncation and every changed byte of real descriptions: refused or parsed, and what is
// parsed is written back to the byte.
#include <gtest/gtest.h>

#include "sdp/codec.hpp"
#include "sdp/session.hpp"
#include "sdp/validate.hpp"
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

// A description as large as the limits allow, made to repeat what could cost the square of its
// length.
TEST(SdpRobustness, LargeDescriptionsAreCheckedInTime) {
  std::string text = "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\n";
  std::string group = "a=group:BUNDLE";
  for (int i = 0; i < 500; ++i) group += " m" + std::to_string(i);
  for (int i = 0; i < 20; ++i) text += group + "\r\n";
  for (int i = 0; i < 500; ++i) {
    text += "m=audio 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:m" + std::to_string(i) + "\r\n";
    for (int k = 0; k < 20; ++k) {
      const std::string number = std::to_string(k);
      text += "a=rtcp-fb:* nack x" + number + "\r\na=extmap:" + number + " urn:x" + number + "\r\n";
    }
  }
  const auto session = parse(text);
  ASSERT_TRUE(session) << session.error().text();
  EXPECT_FALSE(first_error(validate(*session, Type::offer)));
  EXPECT_TRUE(first_error(check_answer(*session, *session)).error().rule == Rule::answer_codec);
  EXPECT_TRUE(first_error(check_change(*session, *session)));
}

// A line may name thousands of what is not there, and there may be a hundred such lines.
TEST(SdpRobustness, ProblemsAreCollectedUpToABound) {
  std::string text =
      "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\na=group:BUNDLE nobody\r\n"
      "m=audio 9 RTP/SAVPF 0\r\n";
  std::string group = "a=ssrc-group:SIM";
  for (int i = 0; i < 5000; ++i) group += " 1";
  for (int i = 0; i < 20; ++i) text += group + "\r\n";
  const auto session = parse(text);
  ASSERT_TRUE(session) << session.error().text();
  const auto problems = validate(*session, Type::offer);
  EXPECT_LE(problems.size(), 2000U);
  EXPECT_EQ(first_error(problems).error().rule, Rule::bundle_tag_unknown);
}

}  // namespace
}  // namespace lucid::sdp
