// What a description may not be, with the line and the rule of the refusal.
#include <gtest/gtest.h>

#include "sdp/validate.hpp"
#include "tests/sdp/vectors.hpp"

namespace lucid::sdp {
namespace {

struct Change {
  std::string_view from;
  std::string_view to;
  std::string_view verdict;  // "12 mid-duplicate"; empty: nothing is wrong
};

std::string verdict_of(const Problem& problem) {
  return std::to_string(problem.line) + ' ' + std::string{to_string(problem.rule)};
}

std::string verdict(const std::vector<Problem>& problems) {
  const auto result = first_error(problems);
  return result ? std::string{} : verdict_of(result.error());
}

std::string changed(std::string text, const Change& change) {
  const std::size_t at = text.find(change.from);
  EXPECT_NE(at, std::string::npos) << change.from;
  if (at != std::string::npos) text.replace(at, change.from.size(), change.to);
  return text;
}

std::string check(const std::string& text, Type type) {
  const auto session = parse(text);
  return session ? verdict(validate(*session, type)) : verdict_of(session.error());
}

constexpr std::string_view offer_text =
    "v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaa\r\na=fingerprint:sha-1 "
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13\r\na=setup:actpass\r\n"
    "a=rtcp-mux\r\na=sendrecv\r\na=rtpmap:111 opus/48000/2\r\na=extmap:1 urn:mid\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=rtcp-mux\r\n"
    "a=sendonly\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
    "a=extmap:2 urn:rid\r\na=rid:h send\r\na=rid:l send\r\na=simulcast:send h;l\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\n"
    "a=sctp-port:5000\r\na=max-message-size:262144\r\n";

std::string answer_text() {
  std::string text{offer_text};
  for (const Change& change :
       {Change{"o=- 7 1", "o=- 8 1", ""}, Change{"a=setup:actpass", "a=setup:active", ""},
        Change{"a=sendonly", "a=recvonly", ""}, Change{"a=rid:h send", "a=rid:h recv", ""},
        Change{"a=rid:l send", "a=rid:l recv", ""},
        Change{"a=simulcast:send h;l", "a=simulcast:recv h;l", ""}}) {
    text = changed(text, change);
  }
  return text;
}

// RFC 8866 5.13, RFC 5888 4, RFC 5888 5, RFC 8839 5.1, RFC 8839 5.4, RFC 8839 5.6, RFC 8122 5, RFC
// 4145 4
TEST(SdpRefusal, OfMalformedTransportAttributes) {
  for (const Change& change : {
           Change{"a=ice-ufrag:abcd", "a=ice-ufrag:abc", "9 ice-ufrag"},
           Change{"a=ice-ufrag:abcd", "a=ice-ufrag:ab cd", "9 ice-ufrag"},
           Change{"a=ice-pwd:a", "a=ice-pwd:", "10 ice-pwd"},
           Change{"a=ice-ufrag:abcd", "a=ice-ufrag:a-_=", ""},
           Change{"a=ice-ufrag:abcd", "a=ice-options:", "9 ice-options"},
           Change{"a=mid:0", "a=mid:0 1", "8 mid"},
           Change{"a=group:BUNDLE 0 1 2", "a=group:", "5 group"},
           Change{"a=fingerprint:sha-1 00:", "a=fingerprint:sha-1 ", "11 fingerprint"},
           Change{"a=fingerprint:sha-1 00:", "a=fingerprint:sha-1 0:", "11 fingerprint"},
           Change{"a=fingerprint:sha-1 00:", "a=fingerprint:sha-1 0G:", "11 fingerprint"},
           Change{"a=fingerprint:sha-1 00:", "a=fingerprint:sha-256 00:", "11 fingerprint"},
           Change{"12:13\r\n", "12:13:\r\n", "11 fingerprint"},
           Change{"12:13\r\n", "12:13 14\r\n", "11 fingerprint"},
           Change{"a=setup:actpass", "a=setup:client", "12 setup"},
           Change{"a=setup:actpass", "a=tls-id:short", "12 tls-id"},
           Change{"a=setup:actpass", "a=rtcp:x", "12 rtcp"},
           Change{"a=sctp-port:5000", "a=sctp-port:65536", "32 sctp-port"},
           Change{"a=sctp-port:5000", "a=sctpmap:x", "32 sctpmap"},
           Change{"a=max-message-size:262144", "a=max-message-size:big", "33 max-message-size"},
           Change{"a=sctp-port:5000", "a=candidate:1", "32 candidate"},
           Change{"a=rtcp-mux", "a=rtcp-mux:yes", "13 attribute-value"},
       }) {
    EXPECT_EQ(check(changed(std::string{offer_text}, change), Type::offer), change.verdict)
        << change.to;
  }
}

// RFC 8866 6.6, RFC 8866 6.15, RFC 4585 4.2, RFC 8285 5, RFC 5576 4.1, RFC 5576 4.2, RFC 8830 2,
// RFC 8851 10, RFC 8853 5.1, RFC 8866 6.4, RFC 3605 2.1
TEST(SdpRefusal, OfMalformedMediaAttributes) {
  for (const Change& change : {
           Change{"a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus", "15 rtpmap"},
           Change{"a=rtpmap:111 opus/48000/2", "a=rtpmap:200 opus/48000/2", "15 rtpmap"},
           Change{"a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus/0", "15 rtpmap"},
           Change{"a=fmtp:97 apt=96", "a=fmtp:", "24 fmtp"},
           Change{"a=fmtp:97 apt=96", "a=rtcp-fb:97", "24 rtcp-fb"},
           Change{"a=fmtp:97 apt=96", "a=rtcp-fb:x nack", "24 rtcp-fb"},
           Change{"a=extmap:1 urn:mid", "a=extmap:1", "16 extmap"},
           Change{"a=extmap:1 urn:mid", "a=extmap:1/both urn:mid", "16 extmap"},
           Change{"a=rid:h send", "a=rid:h both", "26 rid"},
           Change{"a=rid:h send", "a=rid:h! send", "26 rid"},
           Change{"a=rid:h send", "a=rid:h send pt=x", "26 rid"},
           Change{"a=simulcast:send h;l", "a=simulcast:h;l", "28 simulcast"},
           Change{"a=simulcast:send h;l", "a=simulcast:send h;;l", "28 simulcast"},
           Change{"a=simulcast:send h;l", "a=simulcast:send h send l", "28 simulcast"},
           Change{"a=simulcast:send h;l", "a=ssrc:4294967296 cname:x", "28 ssrc"},
           Change{"a=simulcast:send h;l", "a=ssrc-group:FID 1 x", "28 ssrc-group"},
           Change{"a=simulcast:send h;l", "a=msid:", "28 msid"},
           Change{"a=simulcast:send h;l", "a=ptime:0", "28 ptime"},
           Change{"a=simulcast:send h;l", "a=maxptime:x", "28 ptime"},
       }) {
    EXPECT_EQ(check(changed(std::string{offer_text}, change), Type::offer), change.verdict)
        << change.to;
  }
}

// RFC 9143 5, RFC 9143 6, RFC 8842 5.1, RFC 8842 5.3, RFC 9429 5.2.1, RFC 5888 4
TEST(SdpRefusal, OfDescriptionsThatLackOrContradict) {
  EXPECT_EQ(check(std::string{offer_text}, Type::offer), "");
  const std::string fingerprint =
      "a=fingerprint:sha-1 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13\r\n";
  for (const Change& change : {
           Change{"a=mid:1", "a=mid:0", "5 bundle-tag-unknown"},
           Change{"a=mid:2\r\n", "", "5 bundle-tag-unknown"},
           Change{"BUNDLE 0 1 2", "BUNDLE 0 1 2 3", "5 bundle-tag-unknown"},
           Change{"BUNDLE 0 1 2", "BUNDLE 0 1 1 2", "5 bundle-tag-repeated"},
           Change{"BUNDLE 0 1 2", "BUNDLE 0 2\r\na=group:BUNDLE 1 2", "6 bundle-tag-repeated"},
           Change{"a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaa\r\n", "", "9 ice-credentials-missing"},
           Change{"a=ice-ufrag:abcd\r\n", "", "9 ice-credentials-missing"},
           Change{fingerprint, "", "6 fingerprint-missing"},
           Change{"a=fingerprint:sha-1", "a=fingerprint:md5", "11 fingerprint-hash-unknown"},
           Change{"a=fingerprint:sha-1", "a=fingerprint:sha-9", "11 fingerprint-hash-unknown"},
           Change{"a=setup:actpass", "a=setup:holdconn", "12 setup-conflict"},
           Change{"BUNDLE 0 1 2", "BUNDLE 0 2", "17 ice-credentials-missing"},
           Change{"a=mid:1", "a=mid:1\r\na=ice-ufrag:abcd\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaa", ""},
           Change{"a=mid:1", "a=mid:1\r\na=ice-ufrag:efgh\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaa",
                  "17 fingerprint-missing"},
           Change{"a=mid:0", "a=mid:0\r\na=mid:9", "9 attribute-repeated"},
           Change{"a=ice-ufrag:abcd", "a=ice-ufrag:abcd\r\na=ice-ufrag:efgh",
                  "10 attribute-repeated"},
           Change{"a=setup:actpass", "a=setup:actpass\r\na=setup:active", "13 attribute-repeated"},
           Change{"a=setup:actpass", "a=setup:actpass\r\na=setup:actpass", ""},
           Change{"SAVPF 111 0\r\n", "SAVPF 99\r\n", "6 rtpmap-missing"},
       }) {
    EXPECT_EQ(check(changed(std::string{offer_text}, change), Type::offer), change.verdict)
        << change.to;
  }
  EXPECT_EQ(check(std::string{offer_text}, Type::answer), "12 setup-conflict");
  EXPECT_EQ(check("v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=mid:a\r\n"
                  "m=audio 9 RTP/AVP 0\r\na=mid:a\r\n",
                  Type::offer),
            "8 mid-duplicate");
  EXPECT_EQ(check("v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=mid:a\r\n"
                  "m=audio 9 RTP/AVP 0\r\n",
                  Type::offer),
            "7 mid-missing");
}

// RFC 8122 5.1
TEST(SdpRefusal, IsNotForUnknownHashesBesideAKnownOne) {
  const Change more{"a=fingerprint:sha-1", "a=fingerprint:sha-9 00:01\r\na=fingerprint:sha-1", ""};
  EXPECT_EQ(check(changed(std::string{offer_text}, more), Type::offer), "");
}

// RFC 9143 9.1, RFC 5761 4, RFC 8285 5, RFC 8851 10, RFC 8853 5.1, RFC 8853 5.2, RFC 8858 4, RFC
// 8866 6.7
TEST(SdpRefusal, OfMediaThatContradicts) {
  for (const Change& change : {
           Change{"a=rtpmap:97 rtx", "a=rtpmap:96 rtx", "23 payload-type-conflict"},
           Change{"SAVPF 111 0", "SAVPF 96 0\r\na=rtpmap:96 L16/8000", "23 payload-type-conflict"},
           Change{"SAVPF 111 0", "SAVPF 111 72", "6 payload-type-range"},
           Change{"a=extmap:2 urn:rid", "a=extmap:2 urn:rid\r\na=extmap:2 urn:x",
                  "26 extmap-id-conflict"},
           Change{"a=extmap:2 urn:rid", "a=extmap:0 urn:rid", "25 extmap-id-range"},
           Change{"a=extmap:2 urn:rid", "a=extmap:300 urn:rid", "25 extmap-id-range"},
           Change{"a=extmap:2 urn:rid", "a=extmap:4096 urn:rid", ""},
           Change{"a=rid:l send", "a=rid:h send", "27 rid-duplicate"},
           Change{"a=rid:l send", "a=rid:l recv", "28 rid-direction"},
           Change{"send h;l", "send h;h", "28 simulcast-repeated"},
           Change{"a=rid:l send", "a=simulcast:send h", "28 simulcast-repeated"},
           Change{"a=sendrecv", "a=sendrecv\r\na=inactive", "15 direction-conflict"},
           Change{"a=sendrecv", "a=sendrecv\r\na=sendrecv", ""},
       }) {
    EXPECT_EQ(check(changed(std::string{offer_text}, change), Type::offer), change.verdict)
        << change.to;
  }
  std::string mux = changed(std::string{offer_text}, {"a=rtcp-mux", "a=rtcp-mux-only", ""});
  EXPECT_EQ(check(mux, Type::offer), "13 rtcp-mux-missing");
  EXPECT_EQ(
      check("v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\na=bundle-only\r\n",
            Type::offer),
      "6 bundle-only-port");
}

// RFC 4145 4.1, RFC 8866 6.6, RFC 4588 8.6, RFC 8841 5, RFC 9429 5.1.2, RFC 8853 5.2, RFC 5576 4.2
TEST(SdpRefusal, IsNotForWhatAPeerCanLiveWith) {
  const auto warning = [](const Change& change) {
    const auto session = parse(changed(std::string{offer_text}, change));
    const auto problems = validate(*session, Type::offer);
    EXPECT_TRUE(first_error(problems)) << change.to << verdict(problems);
    return problems.empty() ? std::string{} : verdict_of(problems.front());
  };
  for (const Change& change : {
           Change{"a=setup:actpass\r\n", "", "6 setup-missing"},
           Change{"SAVPF 111 0", "SAVPF 111 0 99", "6 rtpmap-missing"},
           Change{"apt=96", "apt=98", "24 apt-unknown"},
           Change{"a=sctp-port:5000\r\n", "", "29 sctp-port-missing"},
           Change{"UDP/DTLS/SCTP", "TCP/MSRP", "29 protocol-unknown"},
           Change{"send h;l", "send h;x", "28 rid-unknown"},
           Change{"a=extmap:2 urn:rid", "a=extmap:1 urn:rid", "25 extmap-id-conflict"},
           Change{"a=rid:l send", "a=ssrc-group:FID 1 2", "27 ssrc-group-unknown"},
       }) {
    EXPECT_EQ(warning(change), change.verdict) << change.to;
  }
}

// RFC 3264 6, RFC 3264 6.1, RFC 5888 9.1, RFC 9143 7.3, RFC 8842 5.3, RFC 8285 7, RFC 8853 5.3.2,
// RFC 5761 5.1.1
TEST(SdpRefusal, OfAnswersThatDoNotFit) {
  const Session offer = *parse(offer_text);
  EXPECT_EQ(verdict(check_answer(offer, *parse(answer_text()))), "");
  for (const Change& change : {
           Change{"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "",
                  "1 answer-section-count"},
           Change{"a=mid:1", "a=mid:x", "19 answer-mid"},
           Change{"m=video", "m=audio", "17 answer-media"},
           Change{"UDP/DTLS/SCTP", "TCP/MSRP", "29 answer-protocol"},
           Change{"BUNDLE 0 1 2", "BUNDLE 0 1 9", "5 answer-bundle"},
           Change{"a=sendrecv", "a=recvonly", ""},
           Change{"a=recvonly", "a=sendrecv", "21 answer-direction"},
           Change{"a=extmap:2 urn:rid", "a=extmap:3 urn:rid", "25 answer-extmap"},
           Change{"recv h;l", "recv h;x", "28 answer-simulcast"},
           Change{"a=rtpmap:96 VP8", "a=rtpmap:96 VP9", "17 answer-codec"},
           Change{"a=fingerprint:", "a=x-fingerprint:", "6 fingerprint-missing"},
           Change{"a=ice-pwd:", "a=x-ice-pwd:", "6 ice-credentials-missing"},
       }) {
    const auto answer = parse(changed(answer_text(), change));
    ASSERT_TRUE(answer) << change.to;
    EXPECT_EQ(verdict(check_answer(offer, *answer)), change.verdict) << change.to;
  }
}

TEST(SdpRefusal, OfAnswersToOffersThatLeaveNoChoice) {
  const auto check_with = [](const Change& in_offer, const Change& in_answer) {
    return verdict(check_answer(*parse(changed(std::string{offer_text}, in_offer)),
                                *parse(changed(answer_text(), in_answer))));
  };
  const Change none{"v=0", "v=0", ""};
  EXPECT_EQ(check_with({"a=setup:actpass", "a=setup:active", ""}, none), "12 answer-setup");
  EXPECT_EQ(check_with({"a=setup:actpass", "a=setup:passive", ""}, none), "");
  EXPECT_EQ(check_with({"a=rtcp-mux\r\n", "", ""}, none), "13 answer-rtcp-mux");
  EXPECT_EQ(check_with({"a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-mux-only\r\n", ""},
                       {"a=rtcp-mux\r\n", "", ""}),
            "6 answer-rtcp-mux");
  // RFC 9143 9.3: what rides on another section's transport shares its port in any case.
  EXPECT_EQ(check_with({"a=mid:1\r\na=rtcp-mux", "a=mid:1\r\na=rtcp-mux\r\na=rtcp-mux-only", ""},
                       {"a=mid:1\r\na=rtcp-mux", "a=mid:1", ""}),
            "");
  EXPECT_EQ(check_with({"m=video 9", "m=video 0", ""}, none), "17 answer-rejected");
  EXPECT_EQ(check_with({"m=video 9", "m=video 0", ""}, {"m=video 9", "m=video 0", ""}), "");
}

// RFC 3264 8, RFC 3264 8.3.2, RFC 3264 8.3.3, RFC 9429 5.2.2, RFC 8839 4.4.1.1.1, RFC 8842 5.5, RFC
// 8842 4, RFC 8841 9.3, RFC 8285 7
TEST(SdpRefusal, OfChangesThatMayNotBe) {
  const Session before = *parse(offer_text);
  for (const Change& change : {
           Change{"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "", "1 section-removed"},
           Change{"a=mid:1", "a=mid:x", "19 mid-changed"},
           Change{"m=video", "m=audio", "17 media-changed"},
           Change{"m=video 9", "m=video 0", ""},
           Change{"a=rtpmap:96 VP8", "a=rtpmap:96 VP9", "22 payload-type-changed"},
           Change{"a=extmap:2 urn:rid", "a=extmap:2 urn:x", "25 extmap-changed"},
           Change{"a=ice-ufrag:abcd", "a=ice-ufrag:abce", "9 ice-restart-incomplete"},
           Change{"a=ice-pwd:a", "a=ice-pwd:b", "10 ice-restart-incomplete"},
           Change{"abcd\r\na=ice-pwd:a", "efgh\r\na=ice-pwd:b", ""},
           Change{"12:13\r\n", "12:14\r\n", "11 transport-changed"},
           Change{"12:13\r\n", "12:14\r\na=tls-id:aaaaaaaaaaaaaaaaaaaa\r\n", ""},
           Change{"a=sctp-port:5000", "a=sctp-port:5001", "32 sctp-port-changed"},
       }) {
    const auto after = parse(changed(std::string{offer_text}, change));
    ASSERT_TRUE(after) << change.to;
    EXPECT_EQ(verdict(check_change(before, *after)), change.verdict) << change.to;
  }
  const Session answer = *parse(answer_text());
  const auto swapped = parse(changed(answer_text(), {"a=setup:active", "a=setup:passive", ""}));
  EXPECT_EQ(verdict(check_change(answer, *swapped)), "12 setup-changed");
}

// RFC 9429 5.2.2
TEST(SdpRefusal, IsNotForPlacesThatAreFree) {
  const Session before = *parse(offer_text);
  const auto refused = parse(changed(answer_text(), {"m=video 9", "m=video 0", ""}));
  const auto after = parse(changed(std::string{offer_text}, {"a=mid:1", "a=mid:x", ""}));
  EXPECT_EQ(verdict(check_change(before, *after, &*refused)), "");
}

// RFC 3264 8, RFC 5761 5.1.1
TEST(SdpRefusal, IsNotForOriginsThatRunBack) {
  const auto warnings = [](const Change& change) {
    const auto problems =
        check_change(*parse(offer_text), *parse(changed(std::string{offer_text}, change)));
    EXPECT_TRUE(first_error(problems));
    return problems.empty() ? std::string{} : verdict_of(problems.front());
  };
  EXPECT_EQ(warnings({"o=- 7 1", "o=- 7 0", ""}), "2 session-version");
  EXPECT_EQ(warnings({"o=- 7 1", "o=- 9 1", ""}), "2 session-id-changed");
  EXPECT_EQ(warnings({"a=rtcp-mux\r\n", "", ""}), "6 rtcp-mux-changed");
}

}  // namespace
}  // namespace lucid::sdp
