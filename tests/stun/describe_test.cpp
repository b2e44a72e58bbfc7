#include "stun/describe.hpp"

#include <gtest/gtest.h>

#include "stun/builder.hpp"
#include "tests/stun/vectors.hpp"

namespace lucid::stun {
namespace {

constexpr TransactionId some_id{1, 2, 3};

std::string only_value(Builder out) {
  const core::Buffer bytes = std::move(out).finish();
  const auto message = Message::parse(bytes);
  return describe(*message, *message->attributes().begin());
}

TEST(Describe, SaysEachFormOfValueInWords) {
  core::Pool pool;
  const auto fresh = [&] { return Builder{pool, Class::request, Method::allocate, some_id}; };
  Builder out = fresh();
  out.address(AttributeType::xor_peer_address, *core::Address::parse("192.0.2.1:5000"));
  EXPECT_EQ(only_value(std::move(out)), "192.0.2.1:5000");
  out = fresh();
  out.error(ErrorCode::stale_nonce);
  EXPECT_EQ(only_value(std::move(out)), "438 Stale Nonce");
  out = fresh();
  out.requested_transport(17);
  EXPECT_EQ(only_value(std::move(out)), "UDP");
  out = fresh();
  out.u32(AttributeType::lifetime, 600);
  EXPECT_EQ(only_value(std::move(out)), "600 s");
  out = fresh();
  out.text(AttributeType::software, "a\"b\n");
  EXPECT_EQ(only_value(std::move(out)), "\"a\\\"b\\x0a\"");
  out = fresh();
  out.channel_number(0x4001);
  EXPECT_EQ(only_value(std::move(out)), "0x4001");
  out = fresh();
  out.change_request({.ip = true, .port = true});
  EXPECT_EQ(only_value(std::move(out)), "address and port");
  out = fresh();
  out.bytes(AttributeType::priority, core::as_bytes("abc"));
  EXPECT_EQ(only_value(std::move(out)), "malformed: 616263");
  out = fresh();
  out.bytes(AttributeType::even_port, std::array<std::uint8_t, 1>{0x80});
  EXPECT_EQ(only_value(std::move(out)), "and the next one reserved");
}

// RFC 8656 18.12, RFC 8656 18.13
TEST(Describe, SaysWhatBecameOfAPacketAndOfAFamily) {
  core::Pool pool;
  Builder icmp{pool, Class::indication, Method::data, some_id};
  icmp.bytes(AttributeType::icmp, std::array<std::uint8_t, 8>{0, 0, 3 << 1, 4, 0, 0, 5, 0xDC});
  EXPECT_EQ(only_value(std::move(icmp)), "type 3 code 4 data 0x000005dc");
  Builder error{pool, Class::success, Method::allocate, some_id};
  error.bytes(AttributeType::address_error_code,
              std::array<std::uint8_t, 6>{2, 0, 4, 40, 'n', 'o'});
  EXPECT_EQ(only_value(std::move(error)), "IPv6 440 no");
}

// A reason phrase may come from anybody, and go to a terminal.
TEST(Describe, KeepsToOneLineWithoutControlCharacters) {
  core::Pool pool;
  Builder out{pool, Class::error, Method::binding, some_id};
  out.error(ErrorCode::bad_request, "a\nb\x1B[2J\xC2\x9B\xE3\x83\x9E");
  EXPECT_EQ(only_value(std::move(out)), "400 a\\x0ab\\x1b[2J\\xc2\\x9b\xE3\x83\x9E");
}

TEST(Describe, FindsTheValueThatIsNotOfItsForm) {
  core::Pool pool;
  for (const auto& [type, size] :
       {std::pair{AttributeType::message_integrity, 19U}, std::pair{AttributeType::userhash, 31U},
        std::pair{AttributeType::xor_mapped_address, 9U},
        std::pair{AttributeType::unknown_attributes, 3U}, std::pair{AttributeType::icmp, 4U}}) {
    Builder out{pool, Class::success, Method::binding, some_id};
    out.text(AttributeType::software, "");
    const std::array<std::uint8_t, 32> blank{};
    out.bytes(type, core::Bytes{blank}.first(size));
    const core::Buffer bytes = std::move(out).finish();
    EXPECT_EQ(first_malformed(*Message::parse(bytes)), type);
  }
  EXPECT_FALSE(first_malformed(*Message::parse(vector("rfc5769_request"))));
}

TEST(Describe, TellsAWholeMessage) {
  const auto bytes = vector("rfc5769_request");
  const Key key = Key::short_term(rfc5769_password);
  const std::string text = to_text(*Message::parse(bytes), &key);
  EXPECT_NE(text.find("Binding request, transaction b7e7a701bc34d686fa87dfae, 108 bytes"),
            std::string::npos);
  EXPECT_NE(text.find("  USERNAME                 \"evtj:h6vY\"\n"), std::string::npos);
  EXPECT_NE(text.find("integrity valid, fingerprint valid"), std::string::npos);
}

TEST(Describe, JsonStaysJsonWhateverTheBytesAre) {
  core::Pool pool;
  Builder out{pool, Class::request, Method::binding, some_id};
  out.text(AttributeType::username, "\xFF\xC3\xA9\"");
  const core::Buffer bytes = std::move(out).finish();
  const std::string json = to_json(*Message::parse(bytes), nullptr, "test");
  EXPECT_NE(json.find("\"\\\"\\\\xff\xC3\xA9\\\\\\\"\\\"\""), std::string::npos) << json;
}

}  // namespace
}  // namespace lucid::stun
