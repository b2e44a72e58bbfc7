#include "sdp/explain.hpp"

#include <gtest/gtest.h>

#include "tests/sdp/vectors.hpp"

namespace lucid::sdp {
namespace {

std::string meaning_of(const std::string& vector, std::string_view line) {
  const auto session = parse(read_vector(vector));
  EXPECT_TRUE(session) << vector;
  if (!session) return {};
  for (const Explanation& each : explain(*session)) {
    if (each.text == line) return each.meaning;
  }
  return {};
}

TEST(SdpExplain, EveryLineOfEveryVectorHasItsWords) {
  for (const Vector& vector : read_vectors()) {
    const auto session = parse(vector.text);
    ASSERT_TRUE(session) << vector.name;
    const auto lines = explain(*session);
    EXPECT_EQ(lines.size(), static_cast<std::size_t>(std::ranges::count(vector.text, '\n')));
    for (const Explanation& line : lines) {
      EXPECT_FALSE(line.meaning.empty()) << vector.name << ' ' << line.text;
    }
  }
}

TEST(SdpExplain, KnowsEveryLineOfBrowsers) {
  for (const std::string browser : {"chromium", "firefox"}) {
    for (const Vector& vector : read_vectors(browser)) {
      for (const Explanation& line : explain(*parse(vector.text))) {
        EXPECT_EQ(line.meaning.find("does not know"), std::string::npos)
            << vector.name << ' ' << line.text;
      }
    }
  }
}

TEST(SdpExplain, SaysWhatALineMeans) {
  const std::string vector = "chromium/audio-video.offer.sdp";
  EXPECT_EQ(meaning_of(vector, "a=group:BUNDLE 0 1"),
            "sections 0, 1 share one transport, that of the first of them (RFC 9143)");
  EXPECT_EQ(meaning_of(vector, "a=fmtp:97 apt=96"),
            "retransmissions of payload type 96 (RFC 4588)");
  EXPECT_EQ(meaning_of(vector, "a=rtcp-fb:96 nack pli"),
            "feedback for VP8 (96): a picture was lost: a key frame is asked for (RFC 4585 6.3.1)");
  EXPECT_EQ(meaning_of("firefox/simulcast.offer.sdp", "a=simulcast:send q;h;f"),
            "sends 3 encodings of one source: q, h, f (RFC 8853)");
  EXPECT_EQ(meaning_of("sip/desk-phone.offer.sdp", "m=application 0 UDP/BFCP *"),
            "a section for application, refused or ended: its port is 0 (RFC 3264 6)");
}

// RFC 8445 5.1.2.1
TEST(SdpExplain, TakesACandidateApart) {
  const auto candidate = parse_candidate(
      "candidate:842163049 1 udp 1677729535 192.168.1.100 54321 typ srflx raddr 10.0.0.1 rport 7 "
      "generation 0 network-cost 999");
  ASSERT_TRUE(candidate);
  const auto sentences = explain(*candidate);
  ASSERT_EQ(sentences.size(), 8U);
  EXPECT_TRUE(sentences[0].starts_with("a server-reflexive candidate"));
  EXPECT_EQ(sentences[2], "it belongs to the local address 10.0.0.1 port 7");
  EXPECT_EQ(sentences[5],
            "priority 1677729535: type preference 100, local preference 30, component 1 (RFC 8445 "
            "5.1.2.1)");
}

TEST(SdpExplain, JsonQuotesWhatIsNoPlainText) {
  const std::string json =
      to_json({{1, "a=\"x\"\xFF\n", "words"}}, {{Rule::version, 1, 3, {}, Severity::error}});
  EXPECT_EQ(json,
            "{\"lines\":[{\"line\":1,\"text\":\"a=\\\"x\\\"\xEF\xBF\xBD\\u000a\",\"meaning\":"
            "\"words\"}],"
            "\"problems\":[{\"line\":1,\"severity\":\"error\",\"rule\":\"version\",\"detail\":\"\","
            "\"meaning\":\"the version is 0\",\"reference\":\"RFC 8866 5.1\",\"column\":3}]}");
}

}  // namespace
}  // namespace lucid::sdp
