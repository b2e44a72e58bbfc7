#include <limits>

#include "sdp/session.hpp"
#include "tests/peer/descriptions.hpp"
#include "tests/peer/lone.hpp"

// Descriptions of others that are taken in part, or that use again what was refused.
namespace lucid::peer {
namespace {

constexpr core::Time now = Lone::now;

std::string head() { return "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"; }

std::string audio(std::string_view protocol, std::string_view transport) {
  return std::string{"m=audio 5004 "}
      .append(protocol)
      .append(" 0\r\nc=IN IP4 192.0.2.1\r\na=mid:0\r\na=rtcp-mux\r\n")
      .append(transport);
}

constexpr std::string_view ice = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n";
constexpr std::string_view dtls =
    "a=setup:actpass\r\na=fingerprint:sha-1 "
    "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB\r\n";

bool accepts_audio(const std::string& section) {
  Lone self;
  (void)self.pc.add_track({core::MediaKind::audio, "a"});
  const auto answer = parsed(self.answer_to({SdpType::offer, head() + section}));
  return !answer.media.at(0).is_rejected();
}

// RFC 8827 6.5: media is keyed by DTLS over ICE here, whatever the protocol is called, or not at
// all.
TEST(Others, WhatIsNotKeyedByDtlsIsRefusedInTheAnswer) {
  EXPECT_TRUE(accepts_audio(audio("RTP/SAVPF", std::string{ice}.append(dtls))));
  EXPECT_FALSE(accepts_audio(audio("RTP/AVP", "")));
  EXPECT_FALSE(accepts_audio(audio("RTP/AVP", ice)));
  EXPECT_FALSE(accepts_audio(audio("RTP/SAVPF", dtls)));
  EXPECT_FALSE(accepts_audio(audio(
      "RTP/SAVP",
      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n")));
}

std::string data(std::string_view mid) {
  return std::string{"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"}
      .append(ice)
      .append(dtls)
      .append("a=mid:")
      .append(mid)
      .append("\r\na=sctp-port:5000\r\n");
}

// RFC 9429 4.1.1: all data channels go over one SCTP association.
TEST(Others, OneSectionOfDataIsTaken) {
  Lone self;
  (void)self.pc.create_data_channel("d", now);
  const auto first = parsed(self.answer_to({SdpType::offer, head() + data("a") + data("b")}));
  EXPECT_FALSE(first.media.at(0).is_rejected());
  EXPECT_TRUE(first.media.at(1).is_rejected());
  // The section that has the association keeps it, wherever it stands.
  const auto second =
      parsed(self.answer_to({SdpType::offer, head() + data("a") + data("c") + data("d")}));
  EXPECT_FALSE(second.media.at(0).is_rejected());
  EXPECT_TRUE(second.media.at(1).is_rejected());
  EXPECT_TRUE(second.media.at(2).is_rejected());
}

// RFC 8838 4.1, RFC 9429 4.1.19: candidates overtake their description.
TEST(Others, CandidatesMayComeBeforeTheirDescription) {
  Lone self;
  const auto early = [&](std::string candidate, std::string ufrag) {
    return self.pc.add_ice_candidate(
        IceCandidate{.candidate = std::move(candidate), .sdp_mid = "a", .username_fragment = ufrag},
        now);
  };
  EXPECT_TRUE(early("candidate:1 1 udp 2130706431 192.0.2.7 5000 typ host", "abcd"));
  EXPECT_TRUE(early("candidate:1 1 udp 2130706431 192.0.2.8 5000 typ host", "another"));
  EXPECT_TRUE(early("", "abcd"));
  ASSERT_TRUE(self.pc.set_remote_description({SdpType::offer, head() + data("a")}, now));
  const std::string known = self.pc.remote_description()->sdp;
  EXPECT_EQ(count(known, "192.0.2.7 5000"), 1U);
  EXPECT_EQ(count(known, "192.0.2.8"), 0U) << "of another generation than the description's";
  EXPECT_EQ(count(known, "a=end-of-candidates"), 1U);
}

// RFC 8841 6.1
TEST(Others, TellHowLongAMessageTheyTake) {
  const auto told = [](std::string_view line) {
    Lone self;
    EXPECT_FALSE(self.pc.max_message_size());
    (void)self.answer_to({SdpType::offer, head() + data("a") + std::string{line}});
    return self.pc.max_message_size();
  };
  EXPECT_EQ(told("a=max-message-size:1000\r\n"), 1000U);
  EXPECT_EQ(told(""), 65536U);
  EXPECT_EQ(told("a=max-message-size:0\r\n"), std::numeric_limits<std::uint64_t>::max());
}

// RFC 9429 5.2.2: the peer puts a new section where our answer had refused one.
TEST(Others, APlaceThatOurAnswerRefusedIsUsedAgain) {
  Lone self;
  Lone peer{2};
  (void)peer.pc.create_data_channel("d", now);
  (void)peer.pc.add_track({core::MediaKind::video, "v"});
  auto offer = peer.set_offer();
  ASSERT_TRUE(self.pc.set_remote_description(offer, now));
  for (const Transceiver& each : self.pc.get_transceivers())
    ASSERT_TRUE(Transceiver{each}.stop(now));
  ASSERT_TRUE(self.pc.set_local_description(now));
  EXPECT_TRUE(parsed(*self.pc.local_description()).media.at(0).is_rejected());
  peer.accept(*self.pc.local_description());
  (void)peer.pc.add_track({core::MediaKind::audio, "a"});
  offer = peer.set_offer();
  const auto again = parsed(offer);
  ASSERT_EQ(again.media.size(), 2U);
  EXPECT_EQ(again.media.at(0).kind(), core::MediaKind::audio);
  peer.accept(self.answer_to(offer));
  EXPECT_FALSE(parsed(*self.pc.local_description()).media.at(0).is_rejected());
}

// The same place from our side: what we refused we fill, and the peer answers.
TEST(Others, APlaceThatWeRefusedIsFilledByUs) {
  Lone self;
  Lone peer{2};
  (void)peer.pc.create_data_channel("d", now);
  (void)peer.pc.add_track({core::MediaKind::video, "v"});
  ASSERT_TRUE(self.pc.set_remote_description(peer.set_offer(), now));
  for (const Transceiver& each : self.pc.get_transceivers())
    ASSERT_TRUE(Transceiver{each}.stop(now));
  ASSERT_TRUE(self.pc.set_local_description(now));
  peer.accept(*self.pc.local_description());
  (void)self.pc.add_track({core::MediaKind::audio, "a"});
  negotiate(self, peer);
  EXPECT_EQ(parsed(*self.pc.local_description()).media.size(), 2U);
  EXPECT_EQ(parsed(*self.pc.remote_description()).media.at(0).kind(), core::MediaKind::audio);
}

// RFC 9429 5.2.1, RFC 8858 4
TEST(Others, OffersLeaveNoOtherPlaceForRtcp) {
  Lone self;
  Lone peer{2};
  (void)self.pc.add_track({core::MediaKind::audio, "a"});
  const auto offer = self.set_offer();
  EXPECT_EQ(count(offer.sdp, "a=rtcp-mux-only\r\n"), 1U);
  auto answer = peer.answer_to(offer);
  EXPECT_EQ(count(answer.sdp, "a=rtcp-mux-only\r\n"), 0U);
  auto without = answer;
  without.sdp.erase(without.sdp.find("a=rtcp-mux\r\n"), 12);
  const auto refused = self.pc.set_remote_description(without, now);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().sdp_rule.find("answer-rtcp-mux"), std::string::npos);
  self.accept(answer);
}

}  // namespace
}  // namespace lucid::peer
