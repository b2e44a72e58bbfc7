#include "net/framing.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace lucid::net {
namespace {

using Messages = std::vector<std::vector<std::uint8_t>>;

std::vector<std::uint8_t> bytes(std::string_view hex) { return *core::from_hex(hex); }

// Feeds the stream in pieces of this size and collects what comes out.
Messages read_all(MessageReader& reader, core::Bytes stream, std::size_t piece) {
  Messages messages;
  for (; !stream.empty(); stream = stream.subspan(std::min(piece, stream.size()))) {
    reader.feed(stream.first(std::min(piece, stream.size())));
    while (const auto message = reader.next()) {
      messages.emplace_back(message->bytes().begin(), message->bytes().end());
    }
  }
  return messages;
}

// RFC 4571 2
TEST(NetFraming, Rfc4571MessagesComeOutWhereverTheStreamIsCut) {
  const auto stream = bytes("0003 616263 0000 0001 7A");
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    core::Pool pool;
    MessageReader reader{core::Framing::rfc4571, pool};
    EXPECT_EQ(read_all(reader, stream, piece), (Messages{bytes("616263"), bytes("7A")})) << piece;
  }
}

// RFC 8489 5, RFC 8656 12.4, RFC 8656 12.5
TEST(NetFraming, StunAndPaddedChannelDataShareAStream) {
  const auto stun = bytes("0001 0004 2112A442 000102030405060708090A0B 80220000");
  const auto channel = bytes("4001 0005 6162636465");
  std::vector<std::uint8_t> stream;
  ASSERT_TRUE(append_framed(core::Framing::stun, channel, stream));
  EXPECT_EQ(stream.size(), 12U);
  ASSERT_TRUE(append_framed(core::Framing::stun, stun, stream));
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    core::Pool pool;
    MessageReader reader{core::Framing::stun, pool};
    EXPECT_EQ(read_all(reader, stream, piece), (Messages{channel, stun})) << piece;
  }
}

TEST(NetFraming, TheLongestMessagePasses) {
  const std::vector<std::uint8_t> message(65535, 0x42);
  std::vector<std::uint8_t> stream;
  ASSERT_TRUE(append_framed(core::Framing::rfc4571, message, stream));
  core::Pool pool;
  MessageReader reader{core::Framing::rfc4571, pool};
  EXPECT_EQ(read_all(reader, stream, 1400), Messages{message});
}

TEST(NetFraming, AStreamOfSomethingElseIsBrokenForGood) {
  core::Pool pool;
  MessageReader reader{core::Framing::stun, pool};
  EXPECT_TRUE(read_all(reader, core::as_bytes("\x80\x60 this is RTP"), 4).empty());
  EXPECT_TRUE(reader.broken());
  EXPECT_FALSE(reader.next());
}

TEST(NetFraming, RefusesToSendWhatTheFramingCannotCarry) {
  std::vector<std::uint8_t> out;
  EXPECT_FALSE(append_framed(core::Framing::rfc4571, std::vector<std::uint8_t>(65536), out));
  EXPECT_FALSE(append_framed(core::Framing::stun, bytes("0001 0004 2112A442"), out));
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace lucid::net
