#include "net/mdns_message.hpp"

#include <gmock/gmock.h>

namespace lucid::net {
namespace {

std::vector<std::uint8_t> bytes(std::string_view hex) { return *core::from_hex(hex); }

MdnsMessage example() {
  MdnsMessage message;
  message.kind = MdnsMessage::Kind::response;
  message.questions = {{"a.local", RecordType::aaaa, true}, {"b.local", RecordType::any, false}};
  message.answers = {{"a.local", RecordType::a, core::Ip::v4(0xC0000201)}};
  message.additional = {{"b.local", RecordType::aaaa, *core::Ip::parse("2001:db8::1"),
                         std::chrono::seconds{10}, false}};
  return message;
}

// RFC 6762 18
TEST(MdnsMessage, ParsesWhatItSerializes) {
  const MdnsMessage before = example();
  const auto after = MdnsMessage::parse(before.serialize());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->kind, before.kind);
  EXPECT_EQ(after->questions, before.questions);
  EXPECT_EQ(after->answers, before.answers);
  EXPECT_EQ(after->additional, before.additional);
}

// RFC 1035 4.1.4
TEST(MdnsMessage, FollowsCompressedNames) {
  // Answers for "x.local" and, by a pointer to its second label, "y.local".
  const auto message =
      MdnsMessage::parse(bytes("0000 8400 0000 0002 0000 0000"
                               "01 78 05 6C6F63616C 00 0001 8001 00000078 0004 C0000201"
                               "01 79 C0 0E 0001 8001 00000078 0004 C0000202"));
  ASSERT_TRUE(message);
  ASSERT_EQ(message->answers.size(), 2U);
  EXPECT_EQ(message->answers[0].name, "x.local");
  EXPECT_EQ(message->answers[1].name, "y.local");
}

TEST(MdnsMessage, RefusesNamesThatPointAtThemselvesOrForward) {
  for (const auto* name : {"C00C", "C00D", "01 61 C00C", "01 61 C0FF", "40"}) {
    const std::string query = std::string{"0000 0000 0001 0000 0000 0000 "} + name + " 0001 0001";
    EXPECT_FALSE(MdnsMessage::parse(bytes(query))) << name;
  }
}

TEST(MdnsMessage, ReadsOverRecordsOfOtherTypes) {
  const auto message =
      MdnsMessage::parse(bytes("0000 8400 0000 0002 0000 0000"
                               "01 78 00 0010 8001 00000078 0003 026869"
                               "01 78 00 0001 8001 00000078 0004 C0000201"));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->answers.size(), 1U);
}

// RFC 1035 5.1
TEST(MdnsMessage, KeepsDotsWithinALabelApart) {
  const auto query = bytes("0000 0000 0001 0000 0000 0000 03 612E62 05 6C6F63616C 00 0001 0001");
  const auto message = MdnsMessage::parse(query);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->questions.at(0).name, "a\\.b.local");
  EXPECT_EQ(message->serialize(), query);
}

// RFC 6762 18.3, RFC 6762 18.11
TEST(MdnsMessage, IgnoresOtherOpcodesAndResponseCodes) {
  for (const auto* flags : {"0800", "8003"}) {
    const auto message =
        MdnsMessage::parse(bytes(std::string{"0000 "} + flags + " 0000 0000 0000 0000"));
    EXPECT_EQ(message.error(), MdnsParseError::not_a_query_or_response);
  }
}

TEST(MdnsMessage, EveryTruncationIsRefused) {
  const auto whole = example().serialize();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(MdnsMessage::parse(core::Bytes{whole}.first(size))) << size;
  }
}

TEST(MdnsMessage, NoSingleByteChangeCrashesIt) {
  const auto whole = example().serialize();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      auto changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      (void)MdnsMessage::parse(changed);
    }
  }
}

}  // namespace
}  // namespace lucid::net
