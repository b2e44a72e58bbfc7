// Our code points against IANA's lists of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <string>

#include "stun/attributes.hpp"

namespace lucid::stun {
namespace {

using Names = std::map<unsigned, std::string>;

Names registry(std::string_view kind) {
  Names names;
  std::ifstream file{LUCID_VECTORS "/stun/iana.csv"};
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(',');
    const auto second = line.find(',', first + 1);
    if (line.starts_with('#') || line.substr(0, first) != kind) continue;
    const std::string number = line.substr(first + 1, second - first - 1);
    const int base = number.starts_with("0x") ? 16 : 10;
    names[static_cast<unsigned>(std::stoul(number, nullptr, base))] = line.substr(second + 1);
  }
  EXPECT_GT(names.size(), 9U);
  return names;
}

template <class Code>
void compare(const Names& names, unsigned end, int least) {
  int known = 0;
  for (unsigned number = 0; number < end; ++number) {
    const std::string_view ours = to_string(static_cast<Code>(number));
    if (ours == "unknown") continue;
    ++known;
    const auto theirs = names.find(number);
    ASSERT_NE(theirs, names.end()) << ours;
    EXPECT_EQ(ours, theirs->second);
  }
  EXPECT_GE(known, least);
}

TEST(StunIana, AttributesHaveTheirNumbers) {
  Names names = registry("attribute");
  // draft-thatcher-ice-renomination: browsers use this number, whoever else has it.
  names[static_cast<unsigned>(AttributeType::nomination)] = "NOMINATION";
  compare<AttributeType>(names, 0x10000, 40);
}

TEST(StunIana, MethodsHaveTheirNumbers) {
  const Names names = registry("method");
  compare<Method>(names, 0x1000, 7);
}

TEST(StunIana, ErrorsHaveTheirNumbers) {
  const Names names = registry("error");
  compare<ErrorCode>(names, 700, 15);
}

// What the RFCs of this module define, all of it, is known here.
TEST(StunIana, NothingOfTheseRfcsIsMissing) {
  for (const auto& [number, name] : registry("attribute")) {
    // RFC 6062, 6679, 7635, 7982, 8016, and what companies have for themselves.
    static constexpr std::array others{0x001B, 0x002A, 0x8025, 0x802D, 0x802E, 0x8030};
    if (number >= 0xC000 || std::ranges::find(others, static_cast<int>(number)) != others.end()) {
      continue;
    }
    EXPECT_EQ(to_string(static_cast<AttributeType>(number)), name);
  }
}

}  // namespace
}  // namespace lucid::stun
