#include "stun/message.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "stun/builder.hpp"
#include "stun/integrity.hpp"
#include "tests/stun/vectors.hpp"

namespace lucid::stun {
namespace {

constexpr TransactionId some_id{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

// RFC 8489 5
TEST(Message, ReadsTheSampleRequest) {
  const auto bytes = vector("rfc5769_request");
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), Class::request);
  EXPECT_EQ(message->method(), Method::binding);
  EXPECT_EQ(message->text(AttributeType::software), "STUN test client");
  EXPECT_EQ(message->u32(AttributeType::priority), 0x6e0001ffU);
  EXPECT_EQ(message->u64(AttributeType::ice_controlled), 0x932ff9b151263b36U);
  EXPECT_EQ(message->text(AttributeType::username), "evtj:h6vY");
  EXPECT_EQ(check_integrity(*message, Key::short_term(rfc5769_password)), Integrity::valid);
  EXPECT_EQ(check_fingerprint(*message), Integrity::valid);
}

// RFC 8489 14.1, RFC 8489 14.2
TEST(Message, ReadsXorAddressesOfBothFamilies) {
  const auto v4 = vector("rfc5769_ipv4_response");
  const auto v6 = vector("rfc5769_ipv6_response");
  for (const auto& [bytes, text] :
       {std::pair{v4, "192.0.2.1:32853"},
        std::pair{v6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"}}) {
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    ASSERT_TRUE(message->mapped_address());
    EXPECT_EQ(message->mapped_address()->text(), text);
    EXPECT_EQ(check_integrity(*message, Key::short_term(rfc5769_password)), Integrity::valid);
    EXPECT_EQ(check_fingerprint(*message), Integrity::valid);
  }
}

TEST(Message, RefusesEveryTruncationOfAVector) {
  for (const auto& [name, bytes] : read_vectors()) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(Message::parse(core::Bytes{bytes}.first(size))) << name << " cut to " << size;
    }
  }
}

TEST(Message, NoSingleByteChangeKeepsTheSampleRequestAuthentic) {
  const Key key = Key::short_term(rfc5769_password);
  auto bytes = vector("rfc5769_request");
  for (std::size_t at = 0; at < bytes.size() - 8; ++at) {  // the fingerprint is not covered
    bytes[at] ^= 0x01;
    const auto message = Message::parse(bytes);
    if (message) {
      EXPECT_NE(check_integrity(*message, key), Integrity::valid) << at;
    }
    bytes[at] ^= 0x01;
  }
}

TEST(Message, NamesWhatIsWrong) {
  auto bytes = vector("rfc5769_request");
  bytes[4] = 0;
  EXPECT_EQ(Message::parse(bytes).error(), ParseError::not_stun);
  bytes = vector("rfc5769_request");
  bytes[0] = 0x80;
  EXPECT_EQ(Message::parse(bytes).error(), ParseError::not_stun);
  bytes = vector("rfc5769_request");
  bytes[3] = 0x57;
  EXPECT_EQ(Message::parse(bytes).error(), ParseError::bad_length);
  bytes = vector("rfc5769_request");
  bytes[23] = 0xFF;
  EXPECT_EQ(Message::parse(bytes).error(), ParseError::bad_attribute);
  bytes = vector("rfc5769_request");
  bytes.push_back(0);
  EXPECT_EQ(Message::parse(bytes).error(), ParseError::bad_length);
}

// RFC 8489 14.5, RFC 8489 14.6: attributes behind the integrity are not protected, so they do not
// count.
TEST(Message, IgnoresWhatFollowsTheIntegrity) {
  core::Pool pool;
  Builder out{pool, Class::request, Method::binding, some_id};
  out.text(AttributeType::username, "a:b");
  out.integrity(Key::short_term("secret"));
  out.flag(AttributeType::use_candidate);
  out.fingerprint();
  const core::Buffer bytes = std::move(out).finish();
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->has(AttributeType::username));
  EXPECT_FALSE(message->has(AttributeType::use_candidate));
  EXPECT_TRUE(message->has(AttributeType::fingerprint));
  EXPECT_EQ(std::ranges::distance(message->attributes()), 4);
}

// RFC 8489 14
TEST(Message, TheFirstOfSeveralAttributesOfATypeCounts) {
  core::Pool pool;
  Builder out{pool, Class::indication, Method::binding, some_id};
  out.text(AttributeType::software, "first");
  out.text(AttributeType::software, "second");
  const core::Buffer bytes = std::move(out).finish();
  EXPECT_EQ(Message::parse(bytes)->text(AttributeType::software), "first");
}

// RFC 8489 6.3.1
TEST(Message, ListsUnknownAttributesThatMustBeUnderstood) {
  core::Pool pool;
  Builder out{pool, Class::request, Method::binding, some_id};
  out.u32(AttributeType{0x7001}, 1);
  out.u32(AttributeType{0xC0DE}, 1);
  out.u32(AttributeType{0x7001}, 2);
  out.text(AttributeType::username, "a:b");
  out.u32(AttributeType{0x7002}, 1);
  const core::Buffer bytes = std::move(out).finish();
  const std::array known{AttributeType::username};
  std::array<AttributeType, 8> room{};
  const auto unknown = Message::parse(bytes)->unknown_required(known, room);
  ASSERT_EQ(unknown.size(), 2U);
  EXPECT_EQ(unknown[0], AttributeType{0x7001});
  EXPECT_EQ(unknown[1], AttributeType{0x7002});
}

// RFC 8489 5: the class's bits lie between those of the method.
TEST(Message, EveryMethodAndClassSurvivesTheWire) {
  core::Pool pool;
  for (unsigned method = 0; method < 0x1000; method += 0x0F7) {
    for (const Class c : {Class::request, Class::indication, Class::success, Class::error}) {
      const core::Buffer bytes =
          Builder{pool, c, Method{static_cast<std::uint16_t>(method)}, some_id}.finish();
      const auto message = Message::parse(bytes);
      ASSERT_TRUE(message);
      EXPECT_EQ(message->message_class(), c);
      EXPECT_EQ(message->method(), Method{static_cast<std::uint16_t>(method)});
    }
  }
}

// RFC 8489 14.8
TEST(Message, RefusesErrorCodesOutOfRange) {
  const std::array<std::uint8_t, 4> good{0, 0, 4, 38};
  const std::array<std::uint8_t, 4> bad_class{0, 0, 7, 38};
  const std::array<std::uint8_t, 4> bad_number{0, 0, 4, 100};
  ASSERT_TRUE(parse_error_code(good));
  EXPECT_EQ(parse_error_code(good)->code, ErrorCode::stale_nonce);
  EXPECT_FALSE(parse_error_code(bad_class));
  EXPECT_FALSE(parse_error_code(bad_number));
}

// RFC 8489 14.5: what stands behind the integrity is ignored, so nobody has to understand it.
TEST(Message, WhatStandsBehindTheIntegrityNeedNotBeUnderstood) {
  core::Pool pool;
  Builder out{pool, Class::request, Method::binding, some_id};
  out.u32(AttributeType{0x7F01}, 0);
  out.integrity(Key::short_term("secret"));
  out.u32(AttributeType{0x7F02}, 0);
  const core::Buffer bytes = std::move(out).finish();
  std::array<AttributeType, 4> room{};
  const auto unknown = Message::parse(bytes)->unknown_required({}, room);
  ASSERT_EQ(unknown.size(), 1U);
  EXPECT_EQ(unknown[0], AttributeType{0x7F01});
}

}  // namespace
}  // namespace lucid::stun
