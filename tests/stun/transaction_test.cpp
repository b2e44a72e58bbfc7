#include "stun/transaction.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "stun/builder.hpp"

namespace lucid::stun {
namespace {

using namespace std::chrono_literals;

constexpr core::Time start{1h};
constexpr TransactionId some_id{1, 2, 3};

core::Buffer request(core::Pool& pool) {
  return Builder{pool, Class::request, Method::binding, some_id}.finish();
}

std::vector<core::Duration> run(Transaction& transaction) {
  std::vector<core::Duration> at;
  while (true) {
    const core::Time now = transaction.next_timeout();
    at.push_back(now - start);
    if (transaction.handle_timeout(now) == Transaction::Next::give_up) return at;
  }
}

// RFC 8489 6.2.1: the example's times.
TEST(Transaction, RepeatsAtTheTimesOfTheExample) {
  core::Pool pool;
  Transaction transaction{request(pool), Transaction::Reliability::datagram, {}, start};
  const std::vector<core::Duration> wanted{500ms,   1500ms,  3500ms, 7500ms,
                                           15500ms, 31500ms, 39500ms};
  EXPECT_EQ(run(transaction), wanted);
}

// RFC 8489 6.2.2
TEST(Transaction, OverAStreamWaitsOnce) {
  core::Pool pool;
  Transaction transaction{request(pool), Transaction::Reliability::stream, {}, start};
  EXPECT_EQ(run(transaction), std::vector<core::Duration>{39500ms});
}

TEST(Transaction, KnowsItsAnswers) {
  core::Pool pool;
  Transaction transaction{request(pool), Transaction::Reliability::datagram, {}, start};
  const core::Buffer yes = Builder{pool, Class::success, Method::binding, some_id}.finish();
  const core::Buffer no = Builder{pool, Class::success, Method::binding, {9}}.finish();
  EXPECT_TRUE(transaction.answered_by(*Message::parse(yes)));
  EXPECT_FALSE(transaction.answered_by(*Message::parse(no)));
  EXPECT_FALSE(transaction.answered_by(*Message::parse(transaction.request())));
}

// RFC 6298 3
TEST(Transaction, MeasuresTheRoundTripOnlyOfWhatWasSentOnce) {
  core::Pool pool;
  Transaction transaction{request(pool), Transaction::Reliability::datagram, {}, start};
  EXPECT_EQ(transaction.round_trip(start + 70ms), 70ms);
  EXPECT_EQ(transaction.handle_timeout(start + 500ms), Transaction::Next::send);
  EXPECT_FALSE(transaction.round_trip(start + 570ms));
}

}  // namespace
}  // namespace lucid::stun
