#include "rtp/rtcp/transport_feedback.hpp"

#include <gtest/gtest.h>

#include "rtp/rtcp/packet.hpp"

namespace lucid::rtp::rtcp {
namespace {

using namespace std::chrono_literals;

struct Arrival {
  std::uint16_t sequence;
  core::Time time;
};

// Builds a message, writes it, reads it, and returns what it says.
TransportFeedback through_the_wire(const std::vector<Arrival>& arrivals, bool timestamps = true) {
  TransportFeedbackBuilder builder{arrivals[0].sequence, arrivals[0].time, 7, timestamps};
  for (const Arrival& arrival : arrivals) EXPECT_TRUE(builder.add(arrival.sequence, arrival.time));
  std::vector<std::uint8_t> room(70'000);
  core::ByteWriter out{room};
  EXPECT_TRUE(write(builder.build(1, 2), out));
  const auto messages = parse_compound(out.written());
  EXPECT_TRUE(messages);
  if (!messages) return {};
  EXPECT_EQ(messages->front(), Message{builder.build(1, 2)});
  return std::get<TransportFeedback>(messages->front());
}

std::optional<TransportFeedback> read(std::string_view hex) {
  const auto bytes = *core::from_hex(hex);
  const auto messages = parse_compound(bytes);
  if (!messages) return std::nullopt;
  std::vector<std::uint8_t> room(bytes.size());
  core::ByteWriter out{room};
  EXPECT_TRUE(write(messages->front(), out));
  EXPECT_EQ(core::to_hex(out.written()), core::to_hex(bytes));
  return std::get<TransportFeedback>(messages->front());
}

TEST(TransportFeedback, ReportsArrivalsAndLosses) {
  const auto feedback = through_the_wire({{65534, core::Time{10s}},
                                          {65535, core::Time{10s + 1ms}},
                                          {2, core::Time{10s + 500ms}},
                                          {3, core::Time{10s + 499ms}}});
  EXPECT_EQ(feedback.feedback_count, 7);
  const auto results = feedback.results();
  ASSERT_EQ(results.size(), 6U);
  EXPECT_EQ(results[0].arrival, 10s);
  EXPECT_EQ(results[1].arrival, 10s + 1ms);
  EXPECT_FALSE(results[2].received);
  EXPECT_FALSE(results[3].received);
  EXPECT_EQ(results[4].sequence, 2);
  EXPECT_EQ(results[4].arrival, 10s + 500ms);
  EXPECT_EQ(results[5].arrival, 10s + 499ms);
}

TEST(TransportFeedback, ChoosesTheChunkThatSaysMost) {
  std::vector<Arrival> steady;
  for (std::uint16_t i = 0; i < 100; ++i) steady.push_back({i, core::Time{i * 1ms}});
  EXPECT_EQ(through_the_wire(steady).chunks, (std::vector<std::uint16_t>{0x2064}));

  std::vector<Arrival> every_other;
  for (std::uint16_t i = 0; i < 28; i += 2) every_other.push_back({i, core::Time{i * 1ms}});
  EXPECT_EQ(through_the_wire(every_other).chunks, (std::vector<std::uint16_t>{0xAAAA, 0xAAAA}));

  std::vector<Arrival> slow;
  for (std::uint16_t i = 0; i < 4; i += 2) slow.push_back({i, core::Time{i * 100ms}});
  EXPECT_EQ(through_the_wire(slow).chunks, (std::vector<std::uint16_t>{0xC000 | 0x1000 | 0x0200}));
}

TEST(TransportFeedback, RoundingDoesNotAddUp) {
  std::vector<Arrival> arrivals;
  for (std::uint16_t i = 0; i < 1000; ++i) arrivals.push_back({i, core::Time{i * 1100us}});
  const auto results = through_the_wire(arrivals).results();
  ASSERT_EQ(results.size(), arrivals.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto error = results[i].arrival - arrivals[i].time.time_since_epoch();
    EXPECT_LE(std::abs(error.count()), 125);
  }
}

TEST(TransportFeedback, RefusesWhatNeedsANewMessage) {
  TransportFeedbackBuilder builder{10, core::Time{1s}, 0};
  EXPECT_TRUE(builder.add(10, core::Time{1s}));
  EXPECT_FALSE(builder.add(10, core::Time{1s}));
  EXPECT_FALSE(builder.add(9, core::Time{1s}));
  EXPECT_FALSE(builder.add(11, core::Time{10s}));
  EXPECT_TRUE(builder.add(11, core::Time{9s}));
}

TEST(TransportFeedback, MayLeaveTimestampsOut) {
  const auto feedback = through_the_wire({{1, core::Time{1s}}, {3, core::Time{100s}}}, false);
  EXPECT_FALSE(feedback.has_timestamps);
  EXPECT_TRUE(feedback.deltas.empty());
  const auto results = feedback.results();
  ASSERT_EQ(results.size(), 3U);
  EXPECT_TRUE(results[0].received);
  EXPECT_FALSE(results[1].received);
  EXPECT_TRUE(results[2].received);
}

TEST(TransportFeedback, ReferenceTimeIsSigned) {
  const auto feedback = read("8fcd0005 00000001 00000002 00990001 ffffff17 2001 94 00");
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->reference_time, -1);
  EXPECT_FALSE(feedback->padding_bit);
  EXPECT_EQ(feedback->results()[0].arrival, -64ms + 0x94 * 250us);
}

TEST(TransportFeedback, FillIsAnnouncedAsPaddingOrNot) {
  EXPECT_TRUE(read("afcd0005 00000001 00000002 00990001 3de80217 2001 94 01")->padding_bit);
  EXPECT_FALSE(read("8fcd0005 00000001 00000002 00990001 3de80217 2001 94 00")->padding_bit);
}

TEST(TransportFeedback, AnySendersChunksAreRebuilt) {
  // Two vectors of seven where a run would have done.
  const auto feedback = read(
      "8fcd0009 00000001 00000002 0001000e 00000000 d555 d555"
      "01020304 05060708 090a0b0c 0d0e0000");
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->results().size(), 14U);
}

TEST(TransportFeedback, RefusesChunksThatRunOut) {
  EXPECT_FALSE(read("8fcd0005 00000001 00000002 00990020 3de80217 0001 0001"));
  EXPECT_FALSE(read("8fcd0007 00000001 00000002 00990001 3de80217 2001 9400 00000000 00000000"));
}

// Seen of other stacks: the padding is said to be longer than what fills the last word.
TEST(TransportFeedback, DeltasThatWereCountedAsPaddingAreRead) {
  const auto bytes =
      *core::from_hex("afcd0006 00000001 00000002 0001000e 10636d00 ba00100c 0c100003");
  const auto messages = parse_compound(bytes);
  ASSERT_TRUE(messages);
  const auto feedback = std::get<TransportFeedback>(messages->front());
  EXPECT_TRUE(feedback.has_timestamps);
  EXPECT_EQ(feedback.deltas, (std::vector<std::int16_t>{0x10, 0x0C, 0x0C, 0x10}));
  EXPECT_EQ(feedback.results().size(), 14U);
  // Without timestamps there is nothing but chunks, and what fills the word is padding.
  EXPECT_FALSE(read("afcd0005 00000001 00000002 00010001 10636d00 20010002")->has_timestamps);
}

}  // namespace
}  // namespace lucid::rtp::rtcp
