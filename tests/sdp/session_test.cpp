#include "sdp/session.hpp"

#include <gtest/gtest.h>

#include "sdp/candidate.hpp"
#include "sdp/transport.hpp"
#include "sdp/validate.hpp"
#include "tests/sdp/vectors.hpp"

namespace lucid::sdp {
namespace {

constexpr std::string_view minimal = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

Session parsed(std::string_view text) {
  auto session = parse(text);
  EXPECT_TRUE(session) << session.error().text();
  return session ? *session : Session{};
}

Problem refused(std::string_view text, const Limits& limits = {}) {
  const auto session = parse(text, limits);
  EXPECT_FALSE(session) << text;
  return session ? Problem{} : session.error();
}

TEST(SdpSession, EveryVectorIsParsedAndWrittenBackToTheByte) {
  const auto vectors = read_vectors();
  EXPECT_GT(vectors.size(), 90U);
  for (const Vector& vector : vectors) {
    const auto session = parse(vector.text);
    ASSERT_TRUE(session) << vector.name << ": " << session.error().text();
    EXPECT_EQ(serialize(*session), vector.text) << vector.name;
  }
}

TEST(SdpSession, ReadsSectionsAndTheirAttributes) {
  const Session session = parsed(read_vector("chromium/audio-video.offer.sdp"));
  ASSERT_EQ(session.media.size(), 2U);
  const MediaSection& audio = session.media[0];
  EXPECT_EQ(audio.kind(), core::MediaKind::audio);
  EXPECT_EQ(audio.mid(), "0");
  EXPECT_EQ(audio.media_line().port, 9);
  EXPECT_EQ(audio.media_line().protocol, "UDP/TLS/RTP/SAVPF");
  EXPECT_TRUE(audio.is_rtp());
  EXPECT_TRUE(audio.uses_dtls());
  EXPECT_FALSE(audio.is_data());
  EXPECT_TRUE(audio.has("rtcp-mux"));
  EXPECT_EQ(audio.find<sdp::Setup>()->role, Role::actpass);
  EXPECT_EQ(audio.direction(), Direction::sendrecv);
  EXPECT_EQ(session.head.find<Group>()->mids, (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(session.find_mid("1"), &session.media[1]);
  EXPECT_EQ(session.find_mid("2"), nullptr);
}

TEST(SdpSession, SessionLevelValuesHoldForSectionsWithoutTheirOwn) {
  const Session session = parsed(read_vector("firefox/data.offer.sdp"));
  ASSERT_EQ(session.media.size(), 1U);
  EXPECT_FALSE(session.media[0].find<Fingerprint>());
  EXPECT_EQ(session.effective<Fingerprint>(session.media[0])->hash, "sha-256");
  EXPECT_TRUE(session.media[0].is_data());
}

// RFC 8866 6.7
TEST(SdpSession, DirectionIsSendrecvWhenNothingIsSaid) {
  Session session = parsed(std::string{minimal} + "m=audio 9 RTP/AVP 0\r\n");
  EXPECT_EQ(session.direction(session.media[0]), Direction::sendrecv);
  session.head.set_direction(Direction::recvonly);
  EXPECT_EQ(session.direction(session.media[0]), Direction::recvonly);
  session.media[0].set_direction(Direction::sendonly);
  EXPECT_EQ(session.direction(session.media[0]), Direction::sendonly);
}

TEST(SdpSession, ToleratesWhatIsHarmless) {
  for (const std::string_view text : {
           "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\n",                          // LF only
           "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0",                      // no last ending
           "v=0\r\nt=0 0\r\na=x\r\ns=-\r\no=- 1 2 IN IP4 127.0.0.1\r\n",           // odd order
           "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=\r\nt=0 0\r\n\r\n",               // blank line
           "v=0\r\no=a b c 1 2 IN IP4 127.0.0.1\r\ns=x y\r\nq=?\r\nt=0 0\r\n",     // unknown line
           "v=0\r\no=- 1 2 IN IP4 h\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP\r\n",     // no format
           "v=0\r\no=- 1 2 IN IP4 h\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0 \r\n",  // trailing blank
                                                                                   // blank
       }) {
    const auto session = parse(text);
    ASSERT_TRUE(session) << text << session.error().text();
    EXPECT_EQ(serialize(*session), text);
  }
}

// RFC 8866 5, RFC 8866 5.1, RFC 8866 5.2, RFC 8866 5.7, RFC 8866 5.8, RFC 8866 5.9, RFC 8866 5.14,
// RFC 8866 9
TEST(SdpSession, RefusesWithLineColumnAndRule) {
  struct Case {
    std::string text;
    Rule rule;
    std::uint32_t line;
    std::uint32_t column;
  };
  const std::string head{minimal};
  const std::vector<Case> cases{
      {"", Rule::line_missing, 1, 1},
      {"hello", Rule::line_format, 1, 1},
      {"o=- 1 2 IN IP4 h\r\nv=0\r\n", Rule::line_misplaced, 1, 1},
      {"v=1\r\n", Rule::version, 1, 3},
      {"v=0\r\nv=0\r\n", Rule::line_repeated, 2, 1},
      {"v=0\r\no=- 1 x IN IP4 h\r\n", Rule::origin, 2, 7},
      {"v=0\r\no=- 1 2 IN IP4\r\n", Rule::origin, 2, 15},
      {"v=0\r\no=- 1 2 IN IP4 h\r\ns=-\r\n", Rule::line_missing, 3, 1},
      {head + "t=0\r\n", Rule::timing, 5, 4},
      {head + "c=IN IP4\r\n", Rule::connection, 5, 9},
      {head + "b=AS:x\r\n", Rule::bandwidth, 5, 6},
      {head + "a\r\n", Rule::line_format, 5, 1},
      {head + "a=:x\r\n", Rule::attribute_value, 5, 4},
      {head + "a=rtcp-mux:1\r\n", Rule::attribute_value, 5, 12},
      {head + std::string{"a=x\0y\r\n", 7}, Rule::nul_byte, 5, 4},
      {head + "a=x\ry\r\n", Rule::nul_byte, 5, 4},
      {head + "m=audio 99999 RTP/AVP 0\r\n", Rule::media_line, 5, 9},
      {head + "m=audio 9\r\n", Rule::media_line, 5, 10},
      {head + "m=audio 9 RTP/AVP\r\n", Rule::media_line, 5, 18},
      {head + "m=audio 9 RTP/AVP 0 128\r\n", Rule::media_line, 5, 21},
      {head + "m=audio 9/0 RTP/AVP 0\r\n", Rule::media_line, 5, 9},
      {head + "m=audio 9 RTP/AVP 0\r\ns=-\r\n", Rule::line_misplaced, 6, 1},
      {head + "m=audio 9 RTP/AVP 0\r\na=mid:\r\n", Rule::mid, 6, 7},
      {head + "m=audio 9 RTP/AVP 0\r\na=setup:both\r\n", Rule::setup, 6, 9},
  };
  for (const Case& each : cases) {
    const Problem problem = refused(each.text);
    EXPECT_EQ(to_string(problem.rule), to_string(each.rule)) << each.text;
    EXPECT_EQ(problem.line, each.line) << each.text;
    EXPECT_EQ(problem.column, each.column) << each.text;
  }
}

// What a description holds may not speak to the terminal of whoever reads the refusal.
TEST(SdpSession, RefusesInPlainTextOnOneLine) {
  const std::string head{minimal};
  const std::string with_escape = head + "m=audio 9 RTP/AVP 0 \x1b[2J\rnext\r\n";
  const auto session = parse(with_escape);
  ASSERT_FALSE(session);
  EXPECT_NE(session.error().text().find("\\x1B[2J\\x0Dnext"), std::string::npos);
  const auto twice =
      parse(head + "m=audio 9 RTP/AVP 0\na=mid:\x1b\nm=audio 9 RTP/AVP 0\na=mid:\x1b\n");
  ASSERT_TRUE(twice);
  const auto valid = first_error(validate(*twice, Type::offer));
  ASSERT_FALSE(valid);
  EXPECT_NE(valid.error().text().find("mid \"\\x1B\" is taken"), std::string::npos);
}

TEST(SdpSession, KeepsToItsLimits) {
  const std::string text = std::string{minimal} + "m=audio 9 RTP/AVP 0\r\nm=audio 9 RTP/AVP 0\r\n";
  EXPECT_EQ(refused(text, {.bytes = text.size() - 1}).rule, Rule::too_large);
  EXPECT_EQ(refused(text, {.lines = 5}).rule, Rule::too_many_lines);
  EXPECT_EQ(refused(text, {.section_lines = 3}).line, 4U);
  EXPECT_EQ(refused(text, {.line_bytes = 18}).rule, Rule::line_too_long);
  EXPECT_EQ(refused(text, {.sections = 1}).rule, Rule::too_many_sections);
  EXPECT_TRUE(parse(
      text,
      {.bytes = text.size(), .lines = 6, .section_lines = 4, .line_bytes = 26, .sections = 2}));
}

TEST(SdpSession, WhatIsChangedAloneChanges) {
  const std::string text = read_vector("firefox/audio-video.offer.sdp");
  Session session = parsed(text);
  session.media[0].set(Mid{"sound"});
  std::string expected = text;
  expected.replace(expected.find("a=mid:0"), 7, "a=mid:sound");
  EXPECT_EQ(serialize(session), expected);
}

// RFC 8866 5
TEST(SdpSession, AddedLinesStandWhereTheirKindBelongs) {
  Session session = Session::make({});
  MediaSection section{MediaLine{}};
  section.add(Mid{"0"});
  section.add(Connection{});
  section.add_attribute("rtcp-mux");
  session.media.push_back(std::move(section));
  session.head.add(Group{"BUNDLE", {"0"}});
  EXPECT_EQ(serialize(session),
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
            "a=rtcp-mux\r\n");
  session.media[0].erase<Mid>();
  session.media[0].erase_attribute("rtcp-mux");
  EXPECT_EQ(session.media[0].lines().size(), 2U);
}

TEST(SdpSession, NoValueEndsItsLine) {
  Session session = Session::make({});
  session.head.add_attribute("x", "1\r\na=ice-lite");
  EXPECT_EQ(parsed(serialize(session)).head.attribute("x"), "1a=ice-lite");
}

TEST(SdpSession, TheMediaLineStays) {
  MediaSection section{MediaLine{}};
  section.erase_lines([](const Line&) { return true; });
  ASSERT_EQ(section.lines().size(), 1U);
  section.set_media_line({"audio", 0, 1, "RTP/AVP", {"0"}});
  EXPECT_EQ(section.lines()[0].text, "m=audio 0 RTP/AVP 0");
  EXPECT_TRUE(section.is_rejected());
}

// RFC 9143 6
TEST(SdpSession, ABundleOnlySectionIsNotRejected) {
  MediaSection section{MediaLine{"audio", 0, 1, "UDP/TLS/RTP/SAVPF", {"0"}}};
  EXPECT_TRUE(section.is_rejected());
  section.add_attribute("bundle-only");
  EXPECT_FALSE(section.is_rejected());
}

// RFC 8840 9
TEST(SdpSession, FragmentsNeedNoHead) {
  constexpr std::string_view text =
      "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
      "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n";
  EXPECT_FALSE(parse(text));
  const auto fragment = parse_fragment(text);
  ASSERT_TRUE(fragment);
  EXPECT_EQ(fragment->effective<IceUfrag>(fragment->media[0])->text, "EsAw");
  EXPECT_EQ(fragment->media[0].all<Candidate>().size(), 1U);
  EXPECT_EQ(serialize(*fragment), text);
}

}  // namespace
}  // namespace lucid::sdp
