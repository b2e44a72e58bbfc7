#include "core/text.hpp"

#include <gtest/gtest.h>

#include <array>

namespace lucid::core {
namespace {

TEST(Text, ComparesLettersOfAsciiWithoutCase) {
  EXPECT_TRUE(equal_ignoring_case("Sec-WebSocket-Key", "sec-websocket-KEY"));
  EXPECT_FALSE(equal_ignoring_case("opus", "opus "));
  EXPECT_FALSE(
      equal_ignoring_case("@[", "`{"));  // one bit apart, as letters and their capitals are
  EXPECT_FALSE(equal_ignoring_case("\xC3\x84", "\xC3\xA4"));
  EXPECT_EQ(to_lower("H264/90000"), "h264/90000");
}

TEST(Text, JsonEscapesWhatItMust) {
  EXPECT_EQ(json("say \"no\\\"\n\x7F"), R"("say \"no\\\"\u000a\u007f")");
  EXPECT_EQ(json(""), "\"\"");
  EXPECT_EQ(json(std::string_view{"\0", 1}), R"("\u0000")");
}

TEST(Text, JsonKeepsUtf8) {
  constexpr std::string_view text = "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x8E\xA5";
  EXPECT_EQ(json(text), '"' + std::string{text} + '"');
}

TEST(Text, JsonReplacesBytesThatAreNoUtf8) {
  constexpr std::string_view replaced = "\xEF\xBF\xBD";
  for (const std::string_view wrong : std::to_array<std::string_view>({"\x80", "\xC3", "\xFF"})) {
    EXPECT_EQ(json(wrong), '"' + std::string{replaced} + '"');
  }
  EXPECT_EQ(json("\xC3("), '"' + std::string{replaced} + "(\"");
  // RFC 3629 4: overlong, a surrogate, beyond U+10FFFF.
  for (const std::string_view wrong : std::to_array<std::string_view>(
           {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80"})) {
    EXPECT_EQ(json(wrong).find(wrong), std::string::npos);
  }
}

}  // namespace
}  // namespace lucid::core
