#include <gtest/gtest.h>

#include <chrono>

#include "rtp/extension_values.hpp"
#include "rtp/receive/stream.hpp"

// What a source may do to a receiver: begin its numbers anew, wish for delay, turn its camera.
namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t orientation_id = 4;
constexpr std::uint8_t delay_id = 5;

struct Receiving : testing::Test {
  static ReceiveStreamConfig config() {
    ReceiveStreamConfig config{.ssrc = 1};
    config.formats = {{96, core::Codec::vp8}};
    config.extensions.add(orientation_id, ExtensionType::video_orientation);
    config.extensions.add(delay_id, ExtensionType::playout_delay);
    return config;
  }
  struct Piece {
    bool key = false;
    bool first = true;
    bool last = true;
  };
  // The sequence number is the caller's, time goes on by a frame with each last packet.
  core::Buffer packet(std::uint16_t sequence, Piece piece, std::string_view extension = {},
                      std::uint8_t id = 0) {
    HeaderWriter header{{.payload_type = 96,
                         .marker = piece.last,
                         .sequence = sequence,
                         .timestamp = timestamp,
                         .ssrc = 1}};
    if (id != 0) header.add_extension(id, *core::from_hex(extension));
    const char* payload = !piece.first ? "00 aabbcc"
                          : piece.key  ? "10 10 00 00 9d 01 2a 40 01 f0 00 00"
                                       : "10 11 00 00";
    core::Buffer bytes = pool.copy(*core::from_hex(payload));
    header.prepend_to(bytes);
    if (piece.last) timestamp += 2970;
    return bytes;
  }
  void receive(core::Buffer bytes) {
    stream.handle_datagram(std::move(bytes), now);
    look();
  }
  // A frame of one packet, every 33 ms.
  void frame(std::uint16_t sequence, bool key = false) {
    receive(packet(sequence, {.key = key}));
    pass(33ms);
  }
  void pass(core::Duration time) {
    const core::Time end = now + time;
    for (auto next = stream.next_timeout(); next && *next < end; next = stream.next_timeout()) {
      now = std::max(now + 1us, *next);
      stream.handle_timeout(now);
      look();
    }
    now = end;
  }
  void look() {
    while (auto event = stream.poll_event()) {
      shown.push_back(std::get<ReceiveStream::Frame>(*event).frame);
      shown_at.push_back(now);
    }
  }
  bool asked_for_key_frame() {
    bool asked = false;
    while (const auto message = stream.poll_transmit()) {
      asked = asked || std::holds_alternative<rtcp::PictureLoss>(*message);
    }
    return asked;
  }

  core::SeededRandom random{1};
  core::Pool pool;
  ReceiveStream stream{config(), {random, pool}};
  std::uint32_t timestamp = 1000;
  core::Time now{10s};
  std::vector<core::EncodedFrame> shown;
  std::vector<core::Time> shown_at;
};

// RFC 3550 A.1
TEST_F(Receiving, ASourceThatBeginsItsNumbersAnewIsFollowed) {
  for (const int back : {20, 200, 3000, 20'000, 40'000}) {
    SCOPED_TRACE(back);
    stream = ReceiveStream{config(), {random, pool}};
    shown.clear();
    std::uint16_t sequence = 50'000;
    for (int i = 0; i < 2100; ++i) frame(sequence++, i == 0);
    ASSERT_EQ(shown.size(), 2100U);
    sequence = static_cast<std::uint16_t>(sequence - back);
    timestamp += 123'456'789;
    for (int i = 0; i < 100; ++i) frame(sequence++, i == 0);
    pass(200ms);
    EXPECT_EQ(shown.size(), 2200U) << "its first frame, too";
    EXPECT_TRUE(shown[2100].key);
    EXPECT_EQ(stream.stats().restarts, back > 32'768 ? 0U : 1U);
  }
}

TEST_F(Receiving, AKeyFrameIsAskedForWhenASourceBeginsAnewWithoutOne) {
  for (std::uint16_t i = 0; i < 100; ++i) frame(30'000 + i, i == 0);
  (void)asked_for_key_frame();
  for (std::uint16_t i = 0; i < 20; ++i) frame(10'000 + i);
  EXPECT_TRUE(asked_for_key_frame());
  EXPECT_EQ(shown.size(), 100U);
}

TEST_F(Receiving, OldPacketsThatComeAgainAreNoNewBeginning) {
  std::vector<core::Buffer> sent;
  for (std::uint16_t i = 0; i < 3000; ++i) {
    core::Buffer bytes = packet(i, {.key = i == 0});
    sent.push_back(pool.copy(bytes.bytes()));
    receive(std::move(bytes));
    pass(33ms);
  }
  for (std::size_t i = 1500; i < 3000; ++i) receive(pool.copy(sent[i].bytes()));
  // Too old to be known, but not in sequence.
  for (std::size_t i = 0; i < 900; i += 7) receive(pool.copy(sent[i].bytes()));
  EXPECT_EQ(stream.stats().restarts, 0U);
  EXPECT_GT(stream.stats().duplicates, 1600U);
  const std::size_t before = shown.size();
  for (std::uint16_t i = 3000; i < 3010; ++i) frame(i);
  EXPECT_EQ(shown.size(), before + 10);
}

// As the first frame's packets may come in any order, none of them is lost for that.
TEST_F(Receiving, TheFirstFrameIsWholeWhateverPacketOfItComesFirst) {
  core::Buffer first = packet(1, {.key = true, .last = false});
  core::Buffer middle = packet(2, {.first = false, .last = false});
  core::Buffer last = packet(3, {.first = false});
  receive(std::move(last));
  receive(std::move(first));
  receive(std::move(middle));
  frame(4);
  pass(33ms);
  EXPECT_EQ(shown.size(), 2U);
}

// The playout-delay extension, in steps of 10 ms: 12 bits at least, 12 bits at most.
TEST_F(Receiving, TheSendersWishForDelayIsObeyedUntilItChanges) {
  std::uint16_t sequence = 0;
  const auto delay_of_next = [&](std::string_view wish) {
    const core::Time came = now;
    const std::size_t before = shown.size();
    receive(packet(sequence, {.key = sequence == 0}, wish, wish.empty() ? 0 : delay_id));
    ++sequence;
    pass(1s);
    EXPECT_EQ(shown.size(), before + 1);
    timestamp += 90'000 - 2970;
    return shown.size() > before ? shown_at.back() - came : -1s;
  };
  EXPECT_LE(delay_of_next(""), 10ms);
  EXPECT_NEAR(static_cast<double>(delay_of_next("01e032").count()), 300e3, 2e3);
  EXPECT_NEAR(static_cast<double>(delay_of_next("").count()), 300e3, 2e3) << "it stays";
  EXPECT_EQ(delay_of_next("000000"), 0ms) << "at once";
  stream.limit_delay({.least = 100ms});  // what we want ourselves goes first
  EXPECT_NEAR(static_cast<double>(delay_of_next("").count()), 100e3, 2e3);
}

// 3GPP TS 26.114 7.4.5: it comes with the last packet, whichever arrives last.
TEST_F(Receiving, TheCameraIsAsItsFrameSays) {
  core::Buffer first = packet(1, {.key = true, .last = false});
  core::Buffer last = packet(2, {.key = true, .first = false}, "01", orientation_id);
  receive(std::move(first));
  receive(std::move(last));
  pass(33ms);
  first = packet(3, {.last = false});
  last = packet(4, {.first = false}, "02", orientation_id);
  receive(std::move(last));
  receive(std::move(first));
  pass(33ms);
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[0].rotation, 90);
  EXPECT_EQ(shown[1].rotation, 180);
}

}  // namespace
}  // namespace lucid::rtp
