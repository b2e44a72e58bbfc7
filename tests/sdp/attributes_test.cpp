// Typed attributes: what is read is written, and what each value means.
#include <gtest/gtest.h>

#include "sdp/codec.hpp"
#include "sdp/rtp.hpp"
#include "sdp/session.hpp"
#include "sdp/transport.hpp"

namespace lucid::sdp {
namespace {

template <Field T>
T read(std::string_view text) {
  auto field = T::parse(text);
  EXPECT_TRUE(field) << T::key << ' ' << text;
  return field.value_or(T{});
}

// Read, written, and read again: the same value, and where `text` is in its plain form, the same
// text.
template <Field T>
void expect_round_trip(std::string_view text) {
  const T field = read<T>(text);
  EXPECT_EQ(field.value(), text);
  EXPECT_EQ(read<T>(field.value()), field);
}

// RFC 8866 5.2, RFC 8866 5.7, RFC 8866 5.8, RFC 8866 5.14
TEST(SdpAttributes, OfTheSessionRoundTrip) {
  expect_round_trip<Origin>("- 4962303333179871722 1 IN IP4 0.0.0.0");
  expect_round_trip<Origin>("two words 99999999999999999999999 7 IN IP6 ::1");
  expect_round_trip<Connection>("IN IP4 233.252.0.1/127");
  expect_round_trip<Bandwidth>("TIAS:64000");
  expect_round_trip<MediaLine>("audio 49170/2 RTP/AVP 0 8");
  expect_round_trip<MediaLine>("application 9 UDP/DTLS/SCTP webrtc-datachannel");
  EXPECT_EQ(read<Origin>("- 1 99999999999999999999999 IN IP4 h").session_version, UINT64_MAX);
}

// RFC 5888 5, RFC 8839 5.6, RFC 8842 4, RFC 8841 5, RFC 8841 6, RFC 3605 2.1
TEST(SdpAttributes, OfTheTransportRoundTrip) {
  expect_round_trip<Mid>("audio-1");
  expect_round_trip<Group>("BUNDLE 0 1 2");
  expect_round_trip<Group>("BUNDLE");
  expect_round_trip<IceUfrag>("EsAw");
  expect_round_trip<IcePwd>("P2uYro0UCOQ4zxjKXaWCBui1");
  expect_round_trip<IceOptions>("trickle ice2");
  expect_round_trip<sdp::Setup>("actpass");
  expect_round_trip<TlsId>("91bbf309c0990a6bec11e38ba2933cee");
  expect_round_trip<SctpPort>("5000");
  expect_round_trip<MaxMessageSize>("262144");
  expect_round_trip<Sctpmap>("5000 webrtc-datachannel 1024");
  expect_round_trip<Rtcp>("9 IN IP4 0.0.0.0");
  EXPECT_TRUE(read<IceOptions>("trickle ice2").has("ice2"));
  EXPECT_FALSE(read<IceOptions>("trickle").has("ice2"));
}

// RFC 8122 5
TEST(SdpAttributes, FingerprintsAreReadInEitherCase) {
  const auto upper =
      read<Fingerprint>("sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB");
  const auto lower =
      read<Fingerprint>("SHA-1 4a:ad:b9:b1:3f:82:18:3b:54:02:12:df:3e:5d:49:6b:19:e5:7c:ab");
  EXPECT_EQ(upper, lower);
  EXPECT_EQ(upper.bytes.size(), 20U);
  EXPECT_EQ(lower.value(), "sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB");
  EXPECT_EQ(read<Fingerprint>("whirlpool 00:01").bytes.size(), 2U);
  EXPECT_EQ(hash_length("SHA-512"), 64U);
  EXPECT_EQ(hash_length("md5"), std::nullopt);
}

// RFC 8285 5, RFC 8830 2, RFC 5576 4.1, RFC 5576 4.2, RFC 8866 6.4
TEST(SdpAttributes, OfTheMediaRoundTrip) {
  expect_round_trip<Extmap>("1/sendonly urn:ietf:params:rtp-hdrext:toffset");
  expect_round_trip<Extmap>("4096 urn:x some attributes");
  expect_round_trip<Msid>("stream track");
  expect_round_trip<Msid>("-");
  expect_round_trip<SsrcAttribute>("1 cname:a:b c");
  expect_round_trip<SsrcAttribute>("4294967295");
  expect_round_trip<SsrcGroup>("FID 1 2");
  expect_round_trip<Ptime>("20");
  expect_round_trip<MaxPtime>("2.5");
  expect_round_trip<Rtpmap>("111 opus/48000/2");
  expect_round_trip<Fmtp>("111 minptime=10;useinbandfec=1");
  expect_round_trip<RtcpFb>("* ccm tmmbr smaxpr=120");
  EXPECT_EQ(read<SsrcAttribute>("1 cname:a:b").text, "a:b");
}

// RFC 8851 10
TEST(SdpAttributes, RidsHaveRestrictions) {
  const Rid rid = read<Rid>("5 send pt=97,98;max-width=1280;max-fps=30");
  EXPECT_EQ(rid.payload_types, (std::vector<std::uint8_t>{97, 98}));
  EXPECT_EQ(rid.restrictions.at(1).name, "max-fps");
  expect_round_trip<Rid>("5 send pt=97,98;max-width=1280;max-fps=30");
  expect_round_trip<Rid>("h_1 recv max-br=200000");
  expect_round_trip<Rid>("h recv");
  EXPECT_EQ(read<Rid>("h send max-width=640; depend=f;").restrictions.size(), 2U);
}

// RFC 8853 5.1
TEST(SdpAttributes, SimulcastHasStreamsAndAlternatives) {
  const Simulcast simulcast = read<Simulcast>("send 1,~4;2;3 recv c");
  ASSERT_EQ(simulcast.send.size(), 3U);
  ASSERT_EQ(simulcast.send[0].size(), 2U);
  EXPECT_TRUE(simulcast.send[0][1].paused);
  EXPECT_EQ(simulcast.recv[0][0].rid, "c");
  expect_round_trip<Simulcast>("send 1,~4;2;3 recv c");
  EXPECT_EQ(read<Simulcast>("recv a send b").value(), "send b recv a");
  EXPECT_EQ(read<Simulcast>(" send rid=1;2").value(), "send 1;2");
}

TEST(SdpAttributes, EveryRuleHasANameAPlaceAndAMeaning) {
  for (int i = 0; i <= static_cast<int>(Rule::session_version); ++i) {
    const auto rule = static_cast<Rule>(i);
    EXPECT_FALSE(to_string(rule).empty());
    EXPECT_FALSE(reference(rule).empty());
    EXPECT_FALSE(meaning(rule).empty());
    EXPECT_EQ(i == 0, to_string(rule) == "too-large") << i;
  }
}

TEST(SdpAttributes, AProblemIsToldInOneLine) {
  const Problem problem{Rule::version, 1, 3, "\"v=1\"", Severity::error};
  EXPECT_EQ(problem.text(), "1:3 version: \"v=1\"; the version is 0 (RFC 8866 5.1)");
}

}  // namespace
}  // namespace lucid::sdp
