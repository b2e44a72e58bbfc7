#include "stun/long_term.hpp"

#include <gtest/gtest.h>

#include <array>

namespace lucid::stun {
namespace {

constexpr TransactionId some_id{1, 2, 3};
constexpr std::array both{PasswordAlgorithm::sha256, PasswordAlgorithm::md5};

struct Challenge {
  ErrorCode code = ErrorCode::unauthenticated;
  std::string_view nonce = "abc";
  bool algorithms = false;
};

core::Buffer challenge(core::Pool& pool, Challenge says) {
  Builder out{pool, Class::error, Method::allocate, some_id};
  out.error(says.code);
  out.text(AttributeType::realm, "example.org");
  out.text(AttributeType::nonce, says.nonce);
  if (says.algorithms) out.password_algorithms(both);
  return std::move(out).finish();
}

core::Buffer signed_request(core::Pool& pool, const LongTerm& credentials) {
  Builder out{pool, Class::request, Method::allocate, some_id};
  credentials.sign(out);
  return std::move(out).finish();
}

// RFC 8489 9.2.3, RFC 8489 9.2.5
TEST(LongTerm, SignsAfterAChallenge) {
  core::Pool pool;
  LongTerm credentials{"user", "secret"};
  EXPECT_EQ(signed_request(pool, credentials).size(), header_size);
  EXPECT_EQ(credentials.challenge(*Message::parse(challenge(pool, {}))), LongTerm::Verdict::retry);
  const core::Buffer bytes = signed_request(pool, credentials);
  const auto request = Message::parse(bytes);
  EXPECT_EQ(request->text(AttributeType::username), "user");
  EXPECT_EQ(request->text(AttributeType::nonce), "abc");
  EXPECT_EQ(check_integrity(*request, Key::long_term("user", "example.org", "secret")),
            Integrity::valid);
}

// RFC 8489 9.2.5
TEST(LongTerm, ASecondRefusalIsFinalAndAStaleNonceIsNot) {
  core::Pool pool;
  LongTerm credentials{"user", "secret"};
  credentials.challenge(*Message::parse(challenge(pool, {})));
  EXPECT_EQ(credentials.challenge(
                *Message::parse(challenge(pool, {.code = ErrorCode::stale_nonce, .nonce = "def"}))),
            LongTerm::Verdict::retry);
  const core::Buffer bytes = signed_request(pool, credentials);
  EXPECT_EQ(Message::parse(bytes)->text(AttributeType::nonce), "def");
  EXPECT_EQ(credentials.challenge(*Message::parse(challenge(pool, {}))),
            LongTerm::Verdict::refused);
}

// RFC 8489 9.2, RFC 8489 14.11, RFC 8489 14.12, RFC 8489 18.1
TEST(LongTerm, FollowsTheNonceCookie) {
  core::Pool pool;
  LongTerm credentials{"user", "secret"};
  const core::Buffer asks = challenge(pool, {.nonce = "obMatJos2wAAAxyz", .algorithms = true});
  EXPECT_EQ(credentials.challenge(*Message::parse(asks)), LongTerm::Verdict::retry);
  const core::Buffer bytes = signed_request(pool, credentials);
  const auto request = Message::parse(bytes);
  EXPECT_FALSE(request->has(AttributeType::username));
  EXPECT_TRUE(
      core::equal(*request->find(AttributeType::userhash), userhash("user", "example.org")));
  EXPECT_EQ(core::to_hex(*request->find(AttributeType::password_algorithm)), "00020000");
  EXPECT_EQ(core::to_hex(*request->find(AttributeType::password_algorithms)), "0002000000010000");
  EXPECT_FALSE(request->has(AttributeType::message_integrity));
  const Key key = Key::long_term("user", "example.org", "secret", PasswordAlgorithm::sha256);
  EXPECT_EQ(check_integrity(*request, key), Integrity::valid);
}

// RFC 8489 9.2.5: somebody on the way took the stronger algorithm out.
TEST(LongTerm, NoticesABidDown) {
  core::Pool pool;
  LongTerm credentials{"user", "secret"};
  EXPECT_EQ(credentials.challenge(*Message::parse(challenge(pool, {.nonce = "obMatJos2gAAAxyz"}))),
            LongTerm::Verdict::malformed);
  EXPECT_FALSE(credentials.challenged());
}

// RFC 8489 9.2.5: and what the server offered before still holds.
TEST(LongTerm, AForgedChallengeChangesNothing) {
  core::Pool pool;
  LongTerm credentials{"user", "secret"};
  const core::Buffer asks = challenge(pool, {.nonce = "obMatJos2wAAAxyz", .algorithms = true});
  credentials.challenge(*Message::parse(asks));
  const core::Buffer before = signed_request(pool, credentials);
  const core::Buffer forged =
      challenge(pool, {.code = ErrorCode::stale_nonce, .nonce = "obMatJos2wAAAabc"});
  EXPECT_EQ(credentials.challenge(*Message::parse(forged)), LongTerm::Verdict::malformed);
  EXPECT_TRUE(core::equal(before, signed_request(pool, credentials)));
}

TEST(SecurityFeatures, AreReadFromTheCookieAlone) {
  EXPECT_FALSE(security_features("abc").password_algorithms);
  EXPECT_FALSE(security_features("obMatJos2").password_algorithms);
  EXPECT_FALSE(security_features("obMatJos2AAAA").username_anonymity);
  EXPECT_TRUE(security_features("obMatJos2gAAA").password_algorithms);
  EXPECT_TRUE(security_features("obMatJos2QAAA").username_anonymity);
}

// RFC 8489 14.9, RFC 8489 14.10: realm and nonce have at most 763 bytes.
TEST(LongTerm, TakesNoChallengeThatIsTooLong) {
  core::Pool pool;
  LongTerm credentials{"user", "secret"};
  const std::string longest(763, 'n');
  const std::string too_long(764, 'n');
  EXPECT_EQ(credentials.challenge(*Message::parse(challenge(pool, {.nonce = too_long}))),
            LongTerm::Verdict::malformed);
  EXPECT_EQ(credentials.challenge(*Message::parse(challenge(pool, {.nonce = longest}))),
            LongTerm::Verdict::retry);
}

// RFC 8489 9.2.5: the offer is answered wherever it stands, cookie or not.
TEST(LongTerm, TakesAnOfferWithoutACookieToo) {
  core::Pool pool;
  LongTerm credentials{"user", "secret"};
  credentials.challenge(*Message::parse(challenge(pool, {.nonce = "plain", .algorithms = true})));
  const core::Buffer bytes = signed_request(pool, credentials);
  EXPECT_EQ(core::to_hex(*Message::parse(bytes)->find(AttributeType::password_algorithm)),
            "00020000");
}

}  // namespace
}  // namespace lucid::stun
