#include "app/qr_code.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <set>
#include <vector>

namespace lucid::app {
namespace {

using Dark = std::set<std::pair<int, int>>;  // modules, row and column, without the margin

bool supported() { return qr_code("x") != std::unexpected(QrError::unsupported); }

// Reads what qr_svg draws: "M4 4h7v1h-7z" is seven dark modules in a row.
Dark modules_of_picture(std::string_view svg) {
  Dark dark;
  const auto number = [&](std::string_view from) {
    int value = 0;
    std::from_chars(from.data(), from.data() + from.size(), value);
    return value;
  };
  std::string_view rest = svg.substr(svg.rfind("d=\"") + 3);
  for (std::size_t at = rest.find('M'); at != rest.npos; at = rest.find('M', at + 1)) {
    const int x = number(rest.substr(at + 1));
    const int y = number(rest.substr(rest.find(' ', at) + 1));
    const int width = number(rest.substr(rest.find('h', at) + 1));
    for (int i = 0; i < width; ++i) dark.insert({y - 4, x - 4 + i});
  }
  return dark;
}

// Reads what qr_code draws: two rows of modules in one of characters.
Dark modules_of_terminal(std::string_view text) {
  Dark dark;
  int row = -2, column = -2;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest[0] == '\x1b') {
      i += rest.find('m');
      continue;
    }
    if (rest[0] == '\n') {
      row += 2;
      column = -2;
      continue;
    }
    const bool full = rest.starts_with("█");
    if (full || rest.starts_with("▀")) dark.insert({row, column});
    if (full || rest.starts_with("▄")) dark.insert({row + 1, column});
    if (rest[0] != ' ') i += 2;  // three bytes of UTF-8
    ++column;
  }
  return dark;
}

TEST(QrCode, IsTheSameInATerminalAndAsAPicture) {
  if (!supported()) GTEST_SKIP() << "built without libqrencode";
  const std::string text = "http://192.168.0.7:8080/?who=ann";
  const Dark picture = modules_of_picture(*qr_svg(text));
  EXPECT_EQ(picture, modules_of_terminal(*qr_code(text)));
  // ISO/IEC 18004 6.3.3: a finder pattern in three corners, seven modules wide. Version 2 has 25.
  for (const auto& [row, column] : {std::pair{0, 0}, std::pair{0, 18}, std::pair{18, 0}}) {
    for (int i = 0; i < 7; ++i) {
      EXPECT_TRUE(picture.contains({row, column + i}));
      EXPECT_TRUE(picture.contains({row + 6, column + i}));
      EXPECT_EQ(picture.contains({row + 1, column + i}), i == 0 || i == 6);
    }
  }
  EXPECT_FALSE(picture.contains({24, 25}));
}

TEST(QrCode, HoldsAsMuchAsTheLargestCodeAndNotAByteMore) {
  if (!supported()) GTEST_SKIP() << "built without libqrencode";
  EXPECT_TRUE(qr_svg(std::string(qr_capacity, 'a')));
  EXPECT_EQ(qr_svg(std::string(qr_capacity + 1, 'a')), std::unexpected(QrError::too_long));
  EXPECT_EQ(qr_code(""), std::unexpected(QrError::empty));
  EXPECT_NE(to_string(QrError::too_long).find("2953"), std::string_view::npos);
}

}  // namespace
}  // namespace lucid::app
