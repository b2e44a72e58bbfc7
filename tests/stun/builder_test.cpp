#include "stun/builder.hpp"

#include <gtest/gtest.h>

#include "tests/stun/vectors.hpp"

namespace lucid::stun {
namespace {

constexpr TransactionId some_id{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

TransactionId transaction_of(core::Bytes message) { return Message::parse(message)->transaction(); }

// RFC 8489 14.5 to 14.7. The vector pads with zeroes, as we do.
TEST(Builder, RebuildsTheLongTermVectorToTheByte) {
  const auto wanted = vector("rfc5769_long_term_request");
  core::Pool pool;
  Builder out{pool, Class::request, Method::binding, transaction_of(wanted)};
  out.text(AttributeType::username, matrix_username);
  out.text(AttributeType::nonce, "f//499k954d6OL34oL9FSTvy64sA");
  out.text(AttributeType::realm, "example.org");
  out.integrity(Key::long_term(matrix_username, "example.org", "TheMatrIX"));
  EXPECT_EQ(core::to_hex(std::move(out).finish()), core::to_hex(wanted));
}

// RFC 8489 14.6
TEST(Builder, RebuildsTheUserHashVectorToTheByte) {
  const auto wanted = vector("rfc8489_userhash_request");
  core::Pool pool;
  Builder out{pool, Class::request, Method::binding, transaction_of(wanted)};
  out.bytes(AttributeType::userhash, userhash(matrix_username, "example.org"));
  out.text(AttributeType::nonce, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
  out.text(AttributeType::realm, "example.org");
  out.password_algorithm(PasswordAlgorithm::sha256);
  out.integrity_sha256(
      Key::long_term(matrix_username, "example.org", "TheMatrIX", PasswordAlgorithm::sha256));
  EXPECT_EQ(core::to_hex(std::move(out).finish()), core::to_hex(wanted));
}

TEST(Builder, AddressesSurviveTheWire) {
  core::Pool pool;
  for (const std::string_view text : {"192.0.2.1:1", "[2001:db8::5]:65535"}) {
    const core::Address address = *core::Address::parse(text);
    Builder out{pool, Class::success, Method::allocate, some_id};
    out.address(AttributeType::xor_relayed_address, address);
    out.address(AttributeType::other_address, address);
    const core::Buffer bytes = std::move(out).finish();
    const auto message = Message::parse(bytes);
    EXPECT_EQ(message->address(AttributeType::xor_relayed_address), address);
    EXPECT_EQ(message->address(AttributeType::other_address), address);
  }
}

// RFC 8489 14.8, RFC 8489 14.9
TEST(Builder, ErrorsSurviveTheWire) {
  core::Pool pool;
  Builder out{pool, Class::error, Method::binding, some_id};
  out.error(ErrorCode::unknown_attribute);
  const std::array unknown{AttributeType{0x7001}, AttributeType{0x7002}, AttributeType{0x7003}};
  out.unknown_attributes(unknown);
  out.fingerprint();
  const core::Buffer bytes = std::move(out).finish();
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message->error());
  EXPECT_EQ(message->error()->code, ErrorCode::unknown_attribute);
  EXPECT_EQ(message->error()->reason, "Unknown Attribute");
  EXPECT_EQ(core::to_hex(*message->find(AttributeType::unknown_attributes)), "700170027003");
  EXPECT_EQ(check_fingerprint(*message), Integrity::valid);
}

TEST(Builder, GivesNothingWhenSomethingDidNotFit) {
  core::Pool pool;
  Builder out{pool, Class::request, Method::binding, some_id, 64};
  out.text(AttributeType::username, std::string(60, 'u'));
  out.fingerprint();
  EXPECT_FALSE(out.ok());
  EXPECT_TRUE(std::move(out).finish().empty());
}

TEST(Builder, RefusesWhatItsLengthFieldsCannotHold) {
  core::Pool pool;
  const std::string large(0x10000, 'x');
  Builder one{pool, Class::request, Method::binding, {1}, 200'000};
  one.text(AttributeType::software, large);
  EXPECT_FALSE(one.ok());
  Builder two{pool, Class::request, Method::binding, {1}, 200'000};
  two.text(AttributeType::software, std::string_view{large}.substr(0, 40'000));
  EXPECT_TRUE(two.ok());
  two.text(AttributeType::software, std::string_view{large}.substr(0, 40'000));
  EXPECT_FALSE(two.ok());
}

}  // namespace
}  // namespace lucid::stun
