#include "sdp/negotiate.hpp"

#include <gtest/gtest.h>

#include "tests/sdp/vectors.hpp"

namespace lucid::sdp {
namespace {

Codec codec(std::string name, std::uint8_t type, std::string_view parameters = {},
            std::vector<Feedback> feedback = {}) {
  return {type, std::move(name), 90000, 1, Parameters::parse(parameters), std::move(feedback)};
}

std::string summary(std::span<const Codec> codecs) {
  std::string out;
  for (const Codec& each : codecs) {
    if (!out.empty()) out.append(", ");
    out.append(std::to_string(each.payload_type)).append(" ").append(each.name);
    if (!each.parameters.empty()) out.append(" ").append(each.parameters.text());
  }
  return out;
}

std::vector<Codec> vector_codecs(const std::string& name, std::size_t section) {
  return codecs(parse(read_vector(name))->media.at(section));
}

// RFC 3264 6.1
TEST(SdpNegotiate, Directions) {
  EXPECT_EQ(reverse(Direction::sendonly), Direction::recvonly);
  EXPECT_EQ(reverse(Direction::sendrecv), Direction::sendrecv);
  EXPECT_EQ(intersect(Direction::sendonly, Direction::sendrecv), Direction::sendonly);
  EXPECT_EQ(intersect(Direction::sendonly, Direction::recvonly), Direction::inactive);
  EXPECT_TRUE(sends(Direction::sendonly) && !receives(Direction::sendonly));
  EXPECT_EQ(make_direction(false, true), Direction::recvonly);
}

// RFC 8842 5.3, RFC 9429 5.3.1
TEST(SdpNegotiate, DtlsRoles) {
  EXPECT_EQ(answer_role(Role::actpass), Role::active);
  EXPECT_EQ(answer_role(Role::actpass, Role::passive), Role::passive);
  EXPECT_EQ(answer_role(Role::active), Role::passive);
  EXPECT_EQ(answer_role(Role::passive, Role::passive), Role::active);
}

// RFC 3264 5.1
TEST(SdpNegotiate, EachSideReceivesByItsOwnPayloadTypes) {
  const std::vector<Codec> local{codec("VP8", 96, "", {{"nack", ""}, {"nack", "pli"}}),
                                 codec("rtx", 97, "apt=96"), codec("VP9", 98)};
  const std::vector<Codec> remote{codec("H264", 99),
                                  codec("vp8", 120, "max-fs=12288", {{"nack", "pli"}}),
                                  codec("rtx", 124, "apt=120")};
  const auto agreed = negotiate(local, remote);
  ASSERT_EQ(agreed.size(), 2U);
  EXPECT_EQ(agreed[0].receive_payload_type, 96);
  EXPECT_EQ(agreed[0].send_payload_type, 120);
  EXPECT_EQ(agreed[0].codec.parameters.text(), "max-fs=12288");
  EXPECT_EQ(agreed[0].codec.feedback, (std::vector<Feedback>{{"nack", "pli"}}));
  EXPECT_EQ(agreed[1].receive_payload_type, 97);
  EXPECT_EQ(agreed[1].send_payload_type, 124);
}

// RFC 3264 6.1
TEST(SdpNegotiate, AnAnswerSpeaksInTheOffersPayloadTypes) {
  const std::vector<Codec> supported{codec("VP9", 98, "profile-id=0"), codec("rtx", 99, "apt=98"),
                                     codec("VP8", 96), codec("rtx", 97, "apt=96")};
  const auto offered = vector_codecs("firefox/audio-video.offer.sdp", 1);
  EXPECT_EQ(summary(answer_codecs(supported, offered)),
            "120 VP8, 124 rtx apt=120, 121 VP9 profile-id=0, 125 rtx apt=121");
  EXPECT_EQ(summary(answer_codecs(supported, offered, Order::own)),
            "121 VP9 profile-id=0, 125 rtx apt=121, 120 VP8, 124 rtx apt=120");
}

TEST(SdpNegotiate, FeedbackOfAnAnswerIsWhatBothGive) {
  const std::vector<Codec> supported{codec("VP8", 96, "", {{"nack", ""}, {"ccm", "fir"}})};
  const std::vector<Codec> offered{codec("VP8", 100, "", {{"goog-remb", ""}, {"ccm", "fir"}})};
  EXPECT_EQ(answer_codecs(supported, offered).at(0).feedback,
            (std::vector<Feedback>{{"ccm", "fir"}}));
}

// RFC 6184 8.2.2
TEST(SdpNegotiate, H264LevelsAreLoweredUnlessBothAllowAsymmetry) {
  const auto answered = [](std::string_view ours, std::string_view theirs) {
    const std::vector<Codec> supported{codec("H264", 96, ours)};
    const std::vector<Codec> offered{codec("H264", 102, theirs)};
    const auto answer = answer_codecs(supported, offered);
    return answer.empty() ? std::string{}
                          : std::string{answer[0].parameters.find("profile-level-id").value_or("")};
  };
  EXPECT_EQ(answered("profile-level-id=42e01f", "profile-level-id=42e034"), "42e01f");
  EXPECT_EQ(answered("profile-level-id=42e034", "profile-level-id=42e01f"), "42e01f");
  EXPECT_EQ(answered("profile-level-id=42e034;level-asymmetry-allowed=1",
                     "profile-level-id=42e01f;level-asymmetry-allowed=1"),
            "42e034");
  EXPECT_EQ(answered("profile-level-id=42001f", ""), "42000a");
  EXPECT_EQ(answered("", ""), "");
}

// RFC 8285 7
TEST(SdpNegotiate, ExtensionsThatBothKnowKeepTheOffersIds) {
  const std::vector<std::string> known{"urn:a", "urn:b", "urn:c", "urn:d"};
  const std::vector<Extmap> offered{{1, Direction::sendonly, "urn:a", {}},
                                    {2, {}, "urn:x", {}},
                                    {3, {}, "urn:b", "more"},
                                    {4, {}, "urn:b", {}},
                                    {15, {}, "urn:c", {}},
                                    {16, {}, "urn:d", {}}};
  const auto answer = answer_extmaps(known, offered);
  ASSERT_EQ(answer.size(), 3U);
  EXPECT_EQ(answer[0].value(), "1/recvonly urn:a");
  EXPECT_EQ(answer[1].value(), "3 urn:b more");
  EXPECT_EQ(answer[2].id, 16);
  EXPECT_EQ(answer_extmaps(known, offered, max_one_byte_extension_id).size(), 2U);
}

// RFC 8853 5.3.2, RFC 8851 10
TEST(SdpNegotiate, SimulcastIsReversedAndCutToTheKnownRids) {
  const auto offered = Simulcast::parse("send q,~h;f;x recv z");
  ASSERT_TRUE(offered);
  const std::vector<Rid> rids{{"q", RidDirection::recv, {}, {}},
                              {"h", RidDirection::recv, {}, {}},
                              {"f", RidDirection::recv, {}, {}},
                              {"z", RidDirection::recv, {}, {}}};
  EXPECT_EQ(answer_simulcast(*offered, rids)->value(), "recv q,~h;f");
  EXPECT_EQ(answer_simulcast(*offered, {}), std::nullopt);
  EXPECT_EQ(reverse(*offered).value(), "send z recv q,~h;f;x");
  EXPECT_EQ(reverse(*Rid::parse("q send pt=96")).value(), "q recv pt=96");
}

// RFC 3264 8.3.2, RFC 5761 4
TEST(SdpPayloadTypes, KeepTheirCodecAndLeaveRtcpItsRange) {
  PayloadTypes types;
  std::vector<Codec> first{codec("VP8", 0), codec("VP9", 70, "profile-id=2"), codec("AV1", 45),
                           Codec{1, "PCMU", 8000, 1, {}, {}}};
  ASSERT_TRUE(types.assign(first));
  EXPECT_EQ(summary(first), "96 VP8, 102 VP9 profile-id=2, 45 AV1, 0 PCMU");
  std::vector<Codec> again{codec("VP9", 96, "profile-id=2"), codec("VP9", 97, "profile-id=0"),
                           codec("VP8", 98)};
  ASSERT_TRUE(types.assign(again));
  EXPECT_EQ(summary(again), "102 VP9 profile-id=2, 97 VP9 profile-id=0, 96 VP8");
}

// RFC 4588 8.6, RFC 2198 5
TEST(SdpPayloadTypes, RtxAndRedFollowWhatTheyReferTo) {
  PayloadTypes types;
  const std::vector<Codec> learned{codec("VP8", 120), codec("rtx", 124, "apt=120")};
  types.learn(learned);
  std::vector<Codec> codecs{codec("VP8", 96), codec("rtx", 97, "apt=96"), codec("VP9", 120),
                            codec("rtx", 121, "apt=120"), codec("red", 63, "96/96")};
  ASSERT_TRUE(types.assign(codecs));
  EXPECT_EQ(summary(codecs), "120 VP8, 124 rtx apt=120, 96 VP9, 121 rtx apt=96, 63 red 120/120");
}

TEST(SdpPayloadTypes, RunOut) {
  PayloadTypes types;
  std::vector<Codec> codecs;
  for (int i = 0; i < 61; ++i) codecs.push_back(codec("c" + std::to_string(i), 0));
  EXPECT_TRUE(types.assign(codecs));
  std::vector<Codec> more{codec("one too many", 0)};
  EXPECT_FALSE(types.assign(more));
}

// RFC 8285 4.2, 5
TEST(SdpExtensionIds, KeepTheirExtension) {
  ExtensionIds ids;
  const std::vector<Extmap> learned{{3, {}, "urn:mid", {}}};
  ids.learn(learned);
  EXPECT_EQ(ids.assign("urn:mid"), 3);
  EXPECT_EQ(ids.assign("urn:a"), 1);
  EXPECT_EQ(ids.assign("urn:b"), 2);
  EXPECT_EQ(ids.assign("urn:c"), 4);
  for (int i = 5; i <= 14; ++i) EXPECT_EQ(ids.assign("urn:" + std::to_string(i)), i);
  EXPECT_EQ(ids.assign("urn:z"), std::nullopt);
  EXPECT_EQ(ids.assign("urn:z", 255), 16);
}

// RFC 9143 7.3
TEST(SdpNegotiate, BundlesOfAnAnswerHoldWhatWasAccepted) {
  Session offer = Session::make({});
  offer.head.add(Group{"BUNDLE", {"a", "b", "c"}});
  offer.head.add(Group{"LS", {"a", "b"}});
  offer.head.add(Group{"BUNDLE", {"d"}});
  const std::vector<std::string> accepted{"c", "a"};
  EXPECT_EQ(answer_bundle(offer, accepted), (std::vector<Group>{{"BUNDLE", {"a", "c"}}}));
}

// RFC 9143 7.1.3
TEST(SdpNegotiate, TheTransportOfABundledSectionMayStandInAnother) {
  Session session = Session::make({});
  session.head.add(Group{"BUNDLE", {"a", "b"}});
  for (const std::string mid : {"a", "b"}) {
    session.media.emplace_back(MediaLine{"audio", 9, 1, "UDP/TLS/RTP/SAVPF", {"0"}});
    session.media.back().add(Mid{mid});
  }
  EXPECT_EQ(Bundles{session}.transport_of(session.media[1]), &session.media[0]);
  EXPECT_EQ(Bundles{session}.group_of("b"), 0U);
  EXPECT_EQ(Bundles{session}.group_of("c"), std::nullopt);
  session.media[1].add(IceUfrag{"abcd"});
  EXPECT_EQ(Bundles{session}.transport_of(session.media[1]), &session.media[1]);
}

}  // namespace
}  // namespace lucid::sdp
