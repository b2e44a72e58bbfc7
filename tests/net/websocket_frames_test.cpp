#include "net/websocket_frames.hpp"

#include <gmock/gmock.h>

namespace lucid::net {
namespace {

using Texts = std::vector<std::string>;
using ::testing::ElementsAre;

std::vector<std::uint8_t> bytes(std::string_view hex) { return *core::from_hex(hex); }

// The messages in a stream that comes in pieces of this size.
Texts messages(WebSocketReader& reader, core::Bytes stream, std::size_t piece = 1000) {
  Texts texts;
  for (; !stream.empty(); stream = stream.subspan(std::min(piece, stream.size()))) {
    reader.feed(stream.first(std::min(piece, stream.size())));
    while (auto item = reader.next()) {
      if (auto* message = std::get_if<WebSocketMessage>(&*item)) texts.push_back(message->data);
    }
  }
  return texts;
}

std::optional<CloseCode> objection(std::string_view hex,
                                   WebSocketRole role = WebSocketRole::client) {
  WebSocketReader reader{role, 1000};
  (void)messages(reader, bytes(hex));
  return reader.error();
}

// RFC 6455 5.7: its examples
TEST(WebSocketFrames, ReadsTheExamplesOfTheRfc) {
  WebSocketReader client{WebSocketRole::client, 1000};
  EXPECT_THAT(messages(client, bytes("8105 48656C6C6F")), ElementsAre("Hello"));
  EXPECT_THAT(messages(client, bytes("0103 48656C 8002 6C6F")), ElementsAre("Hello"));
  WebSocketReader server{WebSocketRole::server, 1000};
  EXPECT_THAT(messages(server, bytes("8185 37FA213D 7F9F4D5158")), ElementsAre("Hello"));
}

// RFC 6455 5.3
TEST(WebSocketFrames, WritesTheExamplesOfTheRfc) {
  std::vector<std::uint8_t> out;
  append_message(MessageKind::text, core::as_bytes("Hello"), {}, out);
  EXPECT_EQ(out, bytes("8105 48656C6C6F"));
  out.clear();
  append_message(MessageKind::text, core::as_bytes("Hello"), MaskingKey{0x37, 0xFA, 0x21, 0x3D},
                 out);
  EXPECT_EQ(out, bytes("8185 37FA213D 7F9F4D5158"));
}

// RFC 6455 5.2: lengths of 7, 16 and 64 bits
TEST(WebSocketFrames, RoundTripOfAllLengthsWhereverTheStreamIsCut) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U}) {
    std::vector<std::uint8_t> stream;
    const std::string text(size, 'x');
    append_message(MessageKind::text, core::as_bytes(text), MaskingKey{1, 2, 3, 4}, stream);
    append_message(MessageKind::text, core::as_bytes("next"), MaskingKey{5, 6, 7, 8}, stream);
    for (const std::size_t piece : {std::size_t{1 + size / 50}, stream.size()}) {
      WebSocketReader reader{WebSocketRole::server, 100'000};
      EXPECT_EQ(messages(reader, stream, piece), (Texts{text, "next"})) << size;
    }
  }
}

// RFC 6455 5.4: control frames may stand between fragments
TEST(WebSocketFrames, APingMayInterruptAMessage) {
  WebSocketReader reader{WebSocketRole::client, 1000};
  reader.feed(bytes("0103 48656C 8901 70 8002 6C6F"));
  EXPECT_EQ(std::get<WebSocketPing>(*reader.next()).data, "p");
  EXPECT_EQ(std::get<WebSocketMessage>(*reader.next()).data, "Hello");
}

// RFC 6455 5.1, RFC 6455 5.2, RFC 6455 5.4, RFC 6455 5.5
TEST(WebSocketFrames, RefusesWhatBreaksTheRules) {
  EXPECT_EQ(objection("8105 48656C6C6F", WebSocketRole::server), CloseCode::protocol_error);
  EXPECT_EQ(objection("8185 37FA213D 7F9F4D5158"), CloseCode::protocol_error);
  EXPECT_EQ(objection("C100"), CloseCode::protocol_error);             // a reserved bit
  EXPECT_EQ(objection("8300"), CloseCode::protocol_error);             // an unknown opcode
  EXPECT_EQ(objection("8B00"), CloseCode::protocol_error);             // an unknown control opcode
  EXPECT_EQ(objection("0900"), CloseCode::protocol_error);             // a ping in fragments
  EXPECT_EQ(objection("897E 0080"), CloseCode::protocol_error);        // a long ping
  EXPECT_EQ(objection("8000"), CloseCode::protocol_error);             // continues nothing
  EXPECT_EQ(objection("0101 61 8101 62"), CloseCode::protocol_error);  // begins before the end
}

// RFC 6455 7.4, RFC 6455 8.1
TEST(WebSocketFrames, RefusesBadTextAndBadCloseCodes) {
  EXPECT_EQ(objection("8102 C328"), CloseCode::bad_data);
  EXPECT_EQ(objection("8801 03"), CloseCode::protocol_error);
  EXPECT_EQ(objection("8802 03ED"), CloseCode::protocol_error);  // 1005 is never sent
  EXPECT_EQ(objection("8804 03E8 C328"), CloseCode::bad_data);
}

TEST(WebSocketFrames, RefusesALongMessageByItsHeaderAndByTheSumOfItsFragments) {
  EXPECT_EQ(objection("827E 03E9"), CloseCode::too_big);
  EXPECT_EQ(objection("827F 7FFFFFFFFFFFFFFF"), CloseCode::too_big);
  WebSocketReader reader{WebSocketRole::client, 4};
  (void)messages(reader, bytes("0203 616263 8002 6465"));
  EXPECT_EQ(reader.error(), CloseCode::too_big);
}

// RFC 6455 5.5.1
TEST(WebSocketFrames, CloseHasACodeAndAReasonOrNothing) {
  for (const WebSocketClose& close :
       {WebSocketClose{}, WebSocketClose{CloseCode::going_away, "so long"}}) {
    std::vector<std::uint8_t> stream;
    append_frame(close, {}, stream);
    WebSocketReader reader{WebSocketRole::client, 1000};
    reader.feed(stream);
    const auto item = reader.next();
    ASSERT_TRUE(item);
    EXPECT_EQ(std::get<WebSocketClose>(*item).code, close.code);
    EXPECT_EQ(std::get<WebSocketClose>(*item).reason, close.reason);
  }
}

// RFC 6455 4.2.2, with the example of RFC 6455 1.3
TEST(WebSocketFrames, AnswersTheKeyOfTheRfc) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

// RFC 3629 4
TEST(WebSocketFrames, KnowsUtf8) {
  for (const auto* good : {"", "plain", "\xC2\xA2", "\xE2\x82\xAC", "\xF0\x90\x8D\x88",
                           "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const auto* bad : {"\x80", "\xC0\xAF", "\xC2", "\xE0\x80\xAF", "\xED\xA0\x80",
                          "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

}  // namespace
}  // namespace lucid::net
