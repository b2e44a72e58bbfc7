#include <set>

#include "sdp/negotiate.hpp"
#include "sdp/validate.hpp"
#include "tests/peer/descriptions.hpp"
#include "tests/peer/lone.hpp"

// What offers and answers say, and what they do to transceivers.
namespace lucid::peer {
namespace {

using core::MediaKind;
constexpr core::Time now = Lone::now;

MediaStreamTrack audio_track() { return {MediaKind::audio, "microphone"}; }
MediaStreamTrack video_track() { return {MediaKind::video, "camera"}; }

// RFC 9429 5.2.1
TEST(Negotiation, OfferHasASectionForEachTransceiverAndOneForData) {
  Lone self;
  (void)self.pc.add_track(audio_track(), {"s"});
  (void)self.pc.add_track(video_track(), {"s"});
  (void)self.pc.create_data_channel("d", now);
  const auto offer = parsed(self.offer());
  ASSERT_EQ(offer.media.size(), 3U);
  EXPECT_EQ(offer.media[0].kind(), MediaKind::audio);
  EXPECT_EQ(offer.media[1].kind(), MediaKind::video);
  EXPECT_TRUE(offer.media[2].is_data());
  EXPECT_TRUE(sdp::first_error(sdp::validate(offer, sdp::Type::offer)));
  EXPECT_EQ(sdp::bundle_groups(offer).at(0).mids, (std::vector<std::string>{"0", "1", "2"}));
}

// RFC 9429 4.1.1, RFC 9143 7.2.1
TEST(Negotiation, BundlePolicySaysWhoGetsATransport) {
  const auto own_transports = [](BundlePolicy policy) {
    Lone self{1, {.bundle_policy = policy}};
    (void)self.pc.add_transceiver(MediaKind::audio);
    (void)self.pc.add_transceiver(MediaKind::audio);
    (void)self.pc.add_transceiver(MediaKind::video);
    (void)self.pc.create_data_channel("d", now);
    return 4 - count(self.offer().sdp, "a=bundle-only");
  };
  EXPECT_EQ(own_transports(BundlePolicy::balanced), 3U);
  EXPECT_EQ(own_transports(BundlePolicy::max_compat), 4U);
  EXPECT_EQ(own_transports(BundlePolicy::max_bundle), 1U);
}

// RFC 9429 5.2.2
TEST(Negotiation, WhatIsAddedToABundleRidesOnItsTransport) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.create_data_channel("d", now);
  negotiate(left, right);
  (void)left.pc.add_transceiver(MediaKind::audio);
  const auto offer = parsed(left.set_offer());
  EXPECT_EQ(offer.media[1].find<sdp::IceUfrag>()->text, offer.media[0].find<sdp::IceUfrag>()->text);
  EXPECT_FALSE(offer.media[1].is_rejected());
  left.accept(right.answer_to(*left.pc.local_description()));
  EXPECT_EQ(left.pc.get_stats(now).of_type("transport").size(), 1U);
}

TEST(Negotiation, SsrcsStayInASectionThatSendsNoMore) {
  Lone left{1};
  Lone right{2};
  auto transceiver = *left.pc.add_transceiver(video_track());
  negotiate(left, right);
  const auto before = parsed(*left.pc.local_description()).media[0].all<sdp::SsrcAttribute>();
  ASSERT_TRUE(transceiver.set_direction(Direction::inactive));
  negotiate(left, right);
  const auto section = parsed(*left.pc.local_description()).media[0];
  ASSERT_EQ(section.all<sdp::SsrcAttribute>().size(), before.size());
  EXPECT_EQ(section.all<sdp::SsrcAttribute>()[0].ssrc, before[0].ssrc);
  EXPECT_FALSE(section.find<sdp::Msid>());
  // What has been negotiated asks for no other round.
  EXPECT_EQ(left.take<events::NegotiationNeeded>().size(), 0U);
}

TEST(Negotiation, AnAnswerThatMayNotSendAsksForNoOtherRound) {
  Lone left{1};
  Lone right{2};
  auto transceiver = *left.pc.add_transceiver(video_track());
  (void)right.pc.add_track(video_track(), {"s"});
  negotiate(left, right);
  (void)right.take<events::NegotiationNeeded>();
  ASSERT_TRUE(transceiver.set_direction(Direction::sendonly));
  negotiate(left, right);
  EXPECT_EQ(right.pc.get_transceivers()[0].direction(), Direction::sendrecv);
  EXPECT_EQ(right.take<events::NegotiationNeeded>().size(), 0U);
}

TEST(Negotiation, ParametersOfASenderAreWhatTheAnswerTookOfTheOffer) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.add_transceiver(video_track());
  // RFC 9429 5.10: what add_track has made takes the offered section.
  (void)right.pc.add_track(video_track());
  auto transceiver = right.pc.get_transceivers()[0];
  auto codecs = default_codecs();
  std::erase_if(codecs, [](const RtpCodec& it) {
    return it.mime_type != "video/AV1" && it.mime_type != "video/rtx";
  });
  ASSERT_TRUE(transceiver.set_codec_preferences(codecs));
  negotiate(left, right);
  for (Lone* side : {&left, &right}) {
    const auto negotiated = side->pc.get_senders()[0].get_parameters().codecs;
    ASSERT_EQ(negotiated.size(), 2U);
    EXPECT_EQ(negotiated[0].codec.mime_type, "video/AV1");
    EXPECT_EQ(negotiated[1].codec.mime_type, "video/rtx");
  }
}

TEST(Negotiation, AnswerTakesTheOffersPayloadTypesAndReversesDirections) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.add_transceiver(video_track(), {.direction = Direction::sendonly});
  negotiate(left, right);
  const auto offer = parsed(*left.pc.local_description());
  const auto answer = parsed(*right.pc.local_description());
  EXPECT_EQ(answer.direction(answer.media[0]), sdp::Direction::recvonly);
  EXPECT_EQ(answer.media[0].media_line().formats, offer.media[0].media_line().formats);
  EXPECT_EQ(left.pc.get_transceivers()[0].current_direction(), Direction::sendonly);
  EXPECT_EQ(right.pc.get_transceivers()[0].current_direction(), Direction::recvonly);
  EXPECT_EQ(right.take<events::Track>().size(), 1U);
}

// RFC 9429 5.10
TEST(Negotiation, AnOfferedSectionFindsTheTrackThatWaitsForIt) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.add_track(video_track());
  (void)right.pc.add_track(video_track());
  negotiate(left, right);
  ASSERT_EQ(right.pc.get_transceivers().size(), 1U);
  EXPECT_EQ(right.pc.get_transceivers()[0].current_direction(), Direction::sendrecv);
}

TEST(Negotiation, NeededIsToldOnceAndGoesAwayWithTheAnswer) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.add_track(audio_track());
  (void)left.pc.add_track(video_track());
  EXPECT_EQ(left.take<events::NegotiationNeeded>().size(), 1U);
  negotiate(left, right);
  EXPECT_EQ(left.take<events::NegotiationNeeded>().size(), 0U);
  EXPECT_EQ(right.take<events::NegotiationNeeded>().size(), 0U);
  EXPECT_TRUE(left.pc.get_transceivers()[0].set_direction(Direction::inactive));
  EXPECT_EQ(left.take<events::NegotiationNeeded>().size(), 1U);
}

TEST(Negotiation, NeededWaitsForStable) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.add_track(audio_track());
  const auto offer = left.set_offer();
  (void)left.take<events::NegotiationNeeded>();
  (void)left.pc.add_track(video_track());
  EXPECT_TRUE(left.take<events::NegotiationNeeded>().empty());
  left.accept(right.answer_to(offer));
  EXPECT_EQ(left.take<events::NegotiationNeeded>().size(), 1U);
}

// RFC 9429 5.2.2
TEST(Negotiation, AStoppedTransceiversSectionIsUsedAgain) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.add_track(audio_track());
  (void)left.pc.add_track(video_track());
  negotiate(left, right);
  EXPECT_TRUE(left.pc.get_transceivers()[1].stop(now));
  negotiate(left, right);
  EXPECT_EQ(left.pc.get_transceivers().size(), 1U);
  EXPECT_EQ(right.pc.get_transceivers().size(), 1U);
  EXPECT_EQ(right.take<events::Ended>().size(), 1U);
  EXPECT_TRUE(parsed(*left.pc.local_description()).media[1].is_rejected());
  (void)left.pc.add_transceiver(MediaKind::video);
  negotiate(left, right);
  const auto offer = parsed(*left.pc.local_description());
  ASSERT_EQ(offer.media.size(), 2U);
  EXPECT_FALSE(offer.media[1].is_rejected());
  EXPECT_NE(offer.media[1].mid(), "1");
}

TEST(Negotiation, RemoveTrackTakesTheTrackFromThePeer) {
  Lone left{1};
  Lone right{2};
  const auto sender = left.pc.add_track(video_track(), {"s"});
  negotiate(left, right);
  ASSERT_EQ(right.take<events::Track>().size(), 1U);
  EXPECT_TRUE(left.pc.remove_track(*sender));
  negotiate(left, right);
  const auto removed = right.take<events::RemoveTrack>();
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_EQ(removed[0].stream, "s");
  EXPECT_EQ(right.pc.get_transceivers()[0].current_direction(), Direction::inactive);
}

// RFC 9429 5.7
TEST(Negotiation, RollbackTakesBackWhatTheRemoteOfferHasMade) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.add_track(video_track());
  const auto before = right.pc.get_transceivers().size();
  ASSERT_TRUE(right.pc.set_remote_description(left.set_offer(), now));
  EXPECT_EQ(right.pc.get_transceivers().size(), before + 1);
  ASSERT_TRUE(right.pc.set_remote_description({SdpType::rollback, ""}, now));
  EXPECT_EQ(right.pc.get_transceivers().size(), before);
  EXPECT_EQ(right.pc.signaling_state(), SignalingState::stable);
  EXPECT_FALSE(right.pc.remote_description());
}

TEST(Negotiation, ACrossingOfferRollsOursBack) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.create_data_channel("l", now);
  (void)right.pc.create_data_channel("r", now);
  const auto mine = left.set_offer();
  const auto theirs = right.set_offer();
  right.accept(left.answer_to(theirs));
  EXPECT_EQ(left.pc.signaling_state(), SignalingState::stable);
  EXPECT_EQ(right.pc.signaling_state(), SignalingState::stable);
  EXPECT_NE(left.pc.local_description()->sdp, mine.sdp);
}

// RFC 8853 5.3, RFC 9429 5.2.1
TEST(Negotiation, SimulcastIsOfferedAndAnswered) {
  Lone left{1};
  Lone right{2};
  TransceiverInit init;
  for (const char* rid : {"q", "h", "f"}) init.send_encodings.push_back({.rid = rid});
  ASSERT_TRUE(left.pc.add_transceiver(video_track(), init));
  negotiate(left, right);
  EXPECT_EQ(count(left.pc.local_description()->sdp, "a=rid:"), 3U);
  EXPECT_NE(left.pc.local_description()->sdp.find("a=simulcast:send q;h;f"), std::string::npos);
  EXPECT_NE(right.pc.local_description()->sdp.find("a=simulcast:recv q;h;f"), std::string::npos);
  EXPECT_EQ(left.pc.get_senders()[0].get_parameters().encodings.size(), 3U);
}

// RFC 8853 5.3.3
TEST(Negotiation, AnAnswerWithoutSimulcastLeavesOneEncoding) {
  Lone left{1};
  Lone right{2};
  TransceiverInit init;
  for (const char* rid : {"q", "h"}) init.send_encodings.push_back({.rid = rid});
  ASSERT_TRUE(left.pc.add_transceiver(video_track(), init));
  auto answer = right.answer_to(left.set_offer());
  for (const char* start : {"a=simulcast", "a=rid", "a=rid"}) {
    const auto at = answer.sdp.find(start);
    ASSERT_NE(at, std::string::npos);
    answer.sdp.erase(at, answer.sdp.find('\n', at) + 1 - at);
  }
  left.accept(answer);
  EXPECT_EQ(left.pc.get_senders()[0].get_parameters().encodings.size(), 1U);
}

// RFC 8445 5.3, RFC 8839 4.2.1, RFC 8285 6, RFC 3550 8.1
TEST(Negotiation, WhatIsRandomDiffersAndWhatIsUnknownIsNotClaimed) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.add_track(video_track());
  (void)right.pc.add_track(video_track());
  const auto a = parsed(left.offer());
  const auto b = parsed(right.offer());
  EXPECT_GE(a.media[0].find<sdp::IcePwd>()->text.size(), 22U);
  EXPECT_NE(a.media[0].find<sdp::IceUfrag>(), b.media[0].find<sdp::IceUfrag>());
  EXPECT_NE(a.media[0].find<sdp::SsrcAttribute>()->ssrc,
            b.media[0].find<sdp::SsrcAttribute>()->ssrc);
  EXPECT_EQ(a.media[0].media_line().port, 9) << "no candidate is known yet";
  EXPECT_TRUE(a.head.has("extmap-allow-mixed"));
}

TEST(Negotiation, CodecPreferencesOrderTheOffer) {
  Lone self;
  auto transceiver = *self.pc.add_transceiver(MediaKind::video);
  const auto all = default_codecs();
  ASSERT_TRUE(transceiver.set_codec_preferences({all[4], all[0]}));
  const auto codecs = sdp::codecs(parsed(self.offer()).media[0]);
  ASSERT_EQ(codecs.size(), 2U);
  EXPECT_EQ(codecs[0].name, "AV1");
  EXPECT_EQ(codecs[1].name, "VP8");
  EXPECT_FALSE(transceiver.set_codec_preferences({{"video/H263", 90000, {}, ""}}));
}

// RFC 8839 4.4.1.1
TEST(Negotiation, AnIceRestartChangesCredentialsOnBothSides) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.create_data_channel("d", now);
  negotiate(left, right);
  const auto ufrag = [](const Lone& of) {
    return parsed(*of.pc.local_description()).media[0].find<sdp::IceUfrag>()->text;
  };
  const auto left_before = ufrag(left);
  const auto right_before = ufrag(right);
  left.pc.restart_ice();
  EXPECT_EQ(left.take<events::NegotiationNeeded>().size(), 1U);
  negotiate(left, right);
  EXPECT_NE(ufrag(left), left_before);
  EXPECT_NE(ufrag(right), right_before);
  const auto left_after = ufrag(left);
  negotiate(left, right);
  EXPECT_EQ(ufrag(left), left_after) << "without a reason nothing restarts";
}

TEST(Negotiation, EverySectionOfAnAnswerThatMayNotBeIsRefused) {
  Lone left{1};
  Lone right{2, {.codecs = {default_codecs()[5]}}};  // Opus alone
  (void)left.pc.add_track(audio_track());
  (void)left.pc.add_track(video_track());
  negotiate(left, right);
  const auto answer = parsed(*right.pc.local_description());
  EXPECT_FALSE(answer.media[0].is_rejected());
  EXPECT_TRUE(answer.media[1].is_rejected());
  EXPECT_EQ(left.pc.get_transceivers().size(), 1U) << "a refused section ends its transceiver";
}

TEST(Negotiation, LegacyReceiveOptionsAddTransceivers) {
  Lone self;
  const auto offer = self.pc.create_offer(now, {.offer_to_receive_video = true});
  ASSERT_TRUE(offer);
  const auto session = parsed(*offer);
  ASSERT_EQ(session.media.size(), 1U);
  EXPECT_EQ(session.direction(session.media[0]), sdp::Direction::recvonly);
}

// RFC 8842 5.5
TEST(Negotiation, RolesStayAsTheyAre) {
  Lone left{1};
  Lone right{2};
  (void)left.pc.create_data_channel("d", now);
  negotiate(left, right);
  EXPECT_EQ(count(right.pc.local_description()->sdp, "a=setup:active"), 1U);
  negotiate(right, left);
  EXPECT_EQ(count(left.pc.local_description()->sdp, "a=setup:passive"), 1U);
}

}  // namespace
}  // namespace lucid::peer
