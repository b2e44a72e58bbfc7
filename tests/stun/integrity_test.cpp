#include "stun/integrity.hpp"

#include <gtest/gtest.h>

#include "stun/builder.hpp"
#include "tests/stun/vectors.hpp"

namespace lucid::stun {
namespace {

// RFC 2202 3 and RFC 4231 4: keys shorter than a block, of its size, and longer.
TEST(Key, GivesTheHmacsOfTheirVectors) {
  const Key jefe = Key::short_term("Jefe");
  const auto text = core::as_bytes("what do ya want for nothing?");
  EXPECT_EQ(core::to_hex(jefe.sha1(text, {})), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(core::to_hex(jefe.sha1(text.first(5), text.subspan(5))),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(core::to_hex(jefe.sha256(text, {})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::vector<std::uint8_t> aa(80, 0xAA);
  EXPECT_EQ(core::to_hex(Key{aa}.sha1(
                core::as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"), {})),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112");
  const std::vector<std::uint8_t> aaa(131, 0xAA);
  EXPECT_EQ(core::to_hex(Key{aaa}.sha256(
                core::as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"), {})),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// RFC 8489 9.2.2
TEST(Key, LongTermHashesUserRealmAndPassword) {
  const auto bytes = vector("rfc5769_long_term_request");
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(check_integrity(*message, Key::long_term(matrix_username, "example.org", "TheMatrIX")),
            Integrity::valid);
  EXPECT_EQ(check_integrity(*message, Key::long_term(matrix_username, "example.org", "thematrix")),
            Integrity::invalid);
}

// RFC 8489 14.4, RFC 8489 14.6, RFC 8489 18.5.1
TEST(Key, LongTermWithSha256AndUserHash) {
  const auto bytes = vector("rfc8489_userhash_request");
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  const Key key =
      Key::long_term(matrix_username, "example.org", "TheMatrIX", PasswordAlgorithm::sha256);
  EXPECT_EQ(check_integrity(*message, key), Integrity::valid);
  EXPECT_TRUE(core::equal(userhash(matrix_username, "example.org"),
                          *message->find(AttributeType::userhash)));
}

TEST(CheckIntegrity, TellsAbsentFromInvalid) {
  const auto bytes = vector("rfc5769_request");
  const auto message = Message::parse(bytes);
  EXPECT_EQ(check_integrity(*message, Key::short_term("other")), Integrity::invalid);
  const std::array<std::uint8_t, 20> bare{0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42};
  EXPECT_EQ(check_integrity(*Message::parse(bare), Key::short_term("other")), Integrity::absent);
  EXPECT_EQ(check_fingerprint(*Message::parse(bare)), Integrity::absent);
}

// RFC 8489 14.6: whole, unless the usage says otherwise, and neither ICE nor TURN does.
TEST(CheckIntegrity, TakesNoTagThatWasCut) {
  core::Pool pool;
  const Key key = Key::short_term("secret");
  for (const std::size_t size : {16U, 20U, 28U, 32U}) {
    Builder out{pool, Class::request, Method::binding, {1}};
    const std::array<std::uint8_t, 32> blank{};
    out.text(AttributeType::username, "a:b");
    out.bytes(AttributeType::message_integrity_sha256, core::Bytes{blank}.first(size));
    core::Buffer bytes = std::move(out).finish();
    const Key::Sha256 tag = key.sha256(bytes.bytes().first(bytes.size() - 4 - size), {});
    std::copy_n(tag.begin(), size, bytes.bytes().last(size).begin());
    EXPECT_EQ(check_integrity(*Message::parse(bytes), key),
              size == 32 ? Integrity::valid : Integrity::invalid)
        << size;
  }
}

}  // namespace
}  // namespace lucid::stun
