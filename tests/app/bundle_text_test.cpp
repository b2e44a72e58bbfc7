#include "app/bundle_text.hpp"

#include <gtest/gtest.h>

namespace lucid::app {
namespace {

const Bundle example{{peer::SdpType::offer, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"},
                     {{"candidate:1 1 udp 1 192.0.2.1 5000 typ host", "0", 0, "abcd"}}};

TEST(BundleText, ALineAndTheJsonGiveTheSameBundle) {
  for (const std::string& text : {to_line(example), dump(to_json(example))}) {
    const auto parsed = parse_bundle(text);
    ASSERT_TRUE(parsed) << parsed.error();
    EXPECT_EQ(parsed->description, example.description);
    EXPECT_EQ(parsed->candidates, example.candidates);
  }
}

TEST(BundleText, ALineIsOneWordThatAUrlMayCarry) {
  const std::string line = to_line(example);
  EXPECT_TRUE(line.starts_with("lucid:"));
  EXPECT_EQ(
      line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:"),
      std::string::npos);
}

TEST(BundleText, ALineBrokenByATerminalIsWhole) {
  std::string line = to_line(example);
  line.insert(20, "\n  ");
  EXPECT_TRUE(parse_bundle(" " + line + "\n"));
}

TEST(BundleText, ADescriptionByItselfWillDo) {
  const auto parsed = parse_bundle(R"({"type":"answer","sdp":"v=0"})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->description.type, peer::SdpType::answer);
  EXPECT_TRUE(parsed->candidates.empty());
}

TEST(BundleText, WhatIsDamagedIsSaidToBe) {
  const std::string line = to_line(example);
  for (std::size_t length = 0; length < line.size(); ++length) {
    EXPECT_FALSE(parse_bundle(line.substr(0, length))) << length;
  }
  for (const char* text : {"", "lucid:", "lucid:!!!", "{", "[]", "{}", R"({"sdp":7})",
                           R"({"sdp":{"type":"x","sdp":"v=0"}})"}) {
    const auto parsed = parse_bundle(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_FALSE(parsed.error().empty());
  }
}

// RFC 4648 10.
TEST(BundleText, Base64UrlFollowsTheVectorsOfItsRfc) {
  EXPECT_EQ(to_base64url(""), "");
  EXPECT_EQ(to_base64url("f"), "Zg");
  EXPECT_EQ(to_base64url("fo"), "Zm8");
  EXPECT_EQ(to_base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(from_base64url("Zm9vYmFy"), "foobar");
  EXPECT_EQ(from_base64url("-_8"), "\xfb\xff");
  EXPECT_FALSE(from_base64url("Zg=="));
}

// RFC 1951 3.2.6: made by another implementation, with fixed codes.
TEST(BundleText, InflatesWhatOthersDeflate) {
  const std::string foreign{"\xcb\x48\xcd\xc9\xc9\x07\x00", 7};
  EXPECT_EQ(inflated(foreign, 100), "hello");
  EXPECT_FALSE(inflated(foreign, 4));
  EXPECT_FALSE(inflated("\xff\xff", 100));
  EXPECT_EQ(inflated(deflated(std::string(100'000, 'x')), 100'000), std::string(100'000, 'x'));
  EXPECT_FALSE(inflated(deflated(std::string(100'001, 'x')), 100'000));
}

}  // namespace
}  // namespace lucid::app
