#include "srtp/session.hpp"

#include <gtest/gtest.h>

#include "tests/srtp/vectors.hpp"

namespace lucid::srtp {
namespace {

using namespace test;

class EachEngine : public testing::TestWithParam<EngineKind> {
 protected:
  Session::Config config(Profile profile = Profile::aead_aes_128_gcm) const {
    return {.profile = profile, .engine = GetParam()};
  }
  static std::vector<std::uint8_t> sealed(Session& session, core::Bytes packet) {
    std::vector<std::uint8_t> room(packet.size() + session.rtp_overhead());
    EXPECT_TRUE(session.protect_rtp(packet, room));
    return room;
  }
  static std::vector<std::uint8_t> sealed_rtcp(Session& session, core::Bytes packet) {
    std::vector<std::uint8_t> room(packet.size() + session.rtcp_overhead());
    EXPECT_TRUE(session.protect_rtcp(packet, room));
    return room;
  }
  static std::optional<Refusal> refusal(const Session::Result& result) {
    return result ? std::nullopt : std::optional{result.error()};
  }
};
INSTANTIATE_TEST_SUITE_P(Srtp, EachEngine, testing::ValuesIn(engines()),
                         [](const auto& test) { return std::string{to_string(test.param)}; });

TEST_P(EachEngine, CarriesPacketsBothWaysInPlace) {
  for (const Profile profile : all_profiles) {
    Session::Config wanted = config(profile);
    wanted.local = wanted.remote = some_key(profile);
    if (!Session::create(wanted)) continue;
    Pair pair{config(profile)};
    core::Pool pool;
    core::Buffer packet = pool.copy(rtp(7));
    ASSERT_TRUE(pair.right->protect_rtp(packet));
    EXPECT_EQ(packet.size(), rtp(7).size() + pair.right->rtp_overhead());
    EXPECT_FALSE(core::equal(packet.bytes().first(112), rtp(7)));
    EXPECT_TRUE(core::equal(packet.bytes().first(12), core::Bytes{rtp(7)}.first(12)));
    ASSERT_TRUE(pair.left->unprotect_rtp(packet));
    EXPECT_TRUE(core::equal(packet, rtp(7)));
    core::Buffer control = pool.copy(rtcp());
    ASSERT_TRUE(pair.left->protect_rtcp(control));
    EXPECT_EQ(control.size(), rtcp().size() + pair.left->rtcp_overhead());
    ASSERT_TRUE(pair.right->unprotect_rtcp(control));
    EXPECT_TRUE(core::equal(control, rtcp()));
  }
}

TEST_P(EachEngine, WritesToAnotherPlaceAndLeavesTheSourceAlone) {
  for (const Profile profile : {Profile::aes128_cm_sha1_80, Profile::aead_aes_256_gcm}) {
    Pair pair{config(profile)};
    const auto packet = rtp(1);
    const auto protected_packet = sealed(*pair.left, packet);
    const auto before = protected_packet;
    std::vector<std::uint8_t> room(protected_packet.size());
    const auto opened = pair.right->unprotect_rtp(protected_packet, room);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(core::equal(*opened, packet));
    EXPECT_EQ(protected_packet, before);
    EXPECT_EQ(packet, rtp(1));
  }
}

// RFC 3711 3.3.2
TEST_P(EachEngine, RefusesReplaysAndCountsThem) {
  Pair pair{config()};
  const auto packet = sealed(*pair.left, rtp(1));
  std::vector<std::uint8_t> room(packet.size());
  EXPECT_TRUE(pair.right->unprotect_rtp(packet, room));
  EXPECT_EQ(refusal(pair.right->unprotect_rtp(packet, room)), Refusal::replayed);
  EXPECT_EQ(pair.right->stats().received_refusals(Refusal::replayed), 1U);
  EXPECT_EQ(pair.right->stats().rtp_opened, 1U);
  const auto control = sealed_rtcp(*pair.left, rtcp());
  room.resize(control.size());
  EXPECT_TRUE(pair.right->unprotect_rtcp(control, room));
  EXPECT_EQ(refusal(pair.right->unprotect_rtcp(control, room)), Refusal::replayed);
}

// RFC 3711 3.3.2
TEST_P(EachEngine, RefusesWhatIsBehindTheWindow) {
  Pair pair{config()};
  const auto old = sealed(*pair.left, rtp(100));
  const auto edge = sealed(*pair.left, rtp(101));
  const auto recent = sealed(*pair.left, rtp(1124));
  std::vector<std::uint8_t> room(recent.size());
  EXPECT_TRUE(pair.right->unprotect_rtp(recent, room));
  EXPECT_EQ(refusal(pair.right->unprotect_rtp(old, room)), Refusal::too_old);
  EXPECT_TRUE(pair.right->unprotect_rtp(edge, room));
}

TEST_P(EachEngine, RefusesEveryChangedByte) {
  for (const Profile profile : {Profile::aes128_cm_sha1_80, Profile::aead_aes_128_gcm}) {
    Pair pair{config(profile)};
    const auto packet = sealed(*pair.left, rtp(1, 5, 20));
    const auto control = sealed_rtcp(*pair.left, rtcp());
    for (std::size_t i = 0; i < packet.size(); ++i) {
      auto forged = packet;
      forged[i] ^= 0x04;
      EXPECT_FALSE(pair.right->unprotect_rtp(forged, forged)) << i;
    }
    for (std::size_t i = 0; i < control.size(); ++i) {
      auto forged = control;
      forged[i] ^= 0x04;
      EXPECT_FALSE(pair.right->unprotect_rtcp(forged, forged)) << i;
    }
    auto genuine = packet;
    EXPECT_TRUE(pair.right->unprotect_rtp(genuine, genuine)) << "forgeries left a trace";
  }
}

// RFC 3550 5.1 and 5.3.1
TEST_P(EachEngine, RefusesEveryTruncationAsMalformedOrForged) {
  for (const Profile profile : {Profile::aes128_cm_sha1_80, Profile::aead_aes_128_gcm}) {
    Pair pair{config(profile)};
    auto extended = rtp(1, 5, 40);
    extended[0] = 0x92;  // two CSRCs and an extension
    extended[22] = 0;
    extended[23] = 3;  // of three words
    const auto packet = sealed(*pair.left, extended);
    const auto control = sealed_rtcp(*pair.left, rtcp());
    for (std::size_t size = 0; size < packet.size(); ++size) {
      std::vector<std::uint8_t> cut(packet.begin(), packet.begin() + static_cast<int>(size));
      EXPECT_FALSE(pair.right->unprotect_rtp(cut, cut)) << size;
    }
    for (std::size_t size = 0; size < control.size(); ++size) {
      std::vector<std::uint8_t> cut(control.begin(), control.begin() + static_cast<int>(size));
      EXPECT_FALSE(pair.right->unprotect_rtcp(cut, cut)) << size;
    }
    auto whole = packet;
    EXPECT_TRUE(pair.right->unprotect_rtp(whole, whole));
  }
}

// RFC 3711 3.3.1
TEST_P(EachEngine, CountsRolloversThroughLossAndReordering) {
  Pair pair{config()};
  std::vector<std::uint8_t> room(200);
  std::optional<std::vector<std::uint8_t>> late;
  for (std::uint32_t i = 60'000; i < 200'000; i += 97) {
    const auto packet = sealed(*pair.left, rtp(static_cast<std::uint16_t>(i)));
    if (i % 5 == 0 && !late) {
      late = packet;
      continue;
    }
    ASSERT_TRUE(pair.right->unprotect_rtp(packet, room)) << i;
    if (late) {
      ASSERT_TRUE(pair.right->unprotect_rtp(*late, room)) << i;
    }
    late.reset();
  }
}

// RFC 3711 3.3.1
TEST_P(EachEngine, JoinsAStreamThatHasRolledOver) {
  Pair pair{config()};
  pair.left->set_rollover_counter(Direction::send, 9, 3);
  const auto first = sealed(*pair.left, rtp(500, 9));
  auto lost = first;
  EXPECT_EQ(refusal(pair.right->unprotect_rtp(lost, lost)), Refusal::bad_tag);
  pair.right->set_rollover_counter(Direction::receive, 9, 3);
  for (const int sequence : {501, 65535, 0}) {
    auto packet = sealed(*pair.left, rtp(static_cast<std::uint16_t>(sequence), 9));
    EXPECT_TRUE(pair.right->unprotect_rtp(packet, packet)) << sequence;
  }
}

TEST_P(EachEngine, KeepsStreamsApart) {
  Pair pair{config()};
  for (std::uint32_t ssrc = 1; ssrc <= 300; ++ssrc) {
    for (const std::uint16_t sequence : {std::uint16_t{1}, static_cast<std::uint16_t>(ssrc + 1)}) {
      auto packet = sealed(*pair.left, rtp(sequence, ssrc));
      EXPECT_TRUE(pair.right->unprotect_rtp(packet, packet));
    }
  }
  EXPECT_EQ(pair.right->stats().rtp_opened, 600U);
}

// RFC 7714 8.1: two packets under one index would give the authentication key away.
TEST_P(EachEngine, ProtectsAnIndexOnceUnlessToldOtherwise) {
  Pair strict{config()};
  auto room = rtp(1);
  room.resize(200);
  EXPECT_TRUE(strict.left->protect_rtp(rtp(1), room));
  EXPECT_EQ(refusal(strict.left->protect_rtp(rtp(1), room)), Refusal::replayed);
  EXPECT_EQ(strict.left->stats().sent_refusals(Refusal::replayed), 1U);
  Session::Config lenient = config();
  lenient.resend = Resend::allow;
  Pair pair{lenient};
  EXPECT_EQ(sealed(*pair.left, rtp(1)), sealed(*pair.left, rtp(1)));
}

// RFC 3711 3.4
TEST_P(EachEngine, RefusesSrtcpThatIsNotEncrypted) {
  for (const Profile profile : {Profile::aes128_cm_sha1_80, Profile::aead_aes_128_gcm}) {
    Session::Config open = config(profile);
    open.rtcp = RtcpMode::authenticated;
    Pair plain{open};
    Pair pair{config(profile)};
    auto control = sealed_rtcp(*plain.left, rtcp());
    EXPECT_TRUE(core::equal(core::Bytes{control}.first(28), rtcp()));
    EXPECT_EQ(refusal(pair.right->unprotect_rtcp(control, control)), Refusal::not_encrypted);
    EXPECT_TRUE(plain.right->unprotect_rtcp(control, control));
  }
}

// RFC 3711 9.2
TEST_P(EachEngine, StopsWhenTheKeyIsUsedUp) {
  Session::Config wanted = config();
  Pair pair{wanted};
  pair.left->set_rollover_counter(Direction::send, 9, 0xFFFFFFFF);
  EXPECT_TRUE(!sealed(*pair.left, rtp(65535, 9)).empty());
  std::vector<std::uint8_t> room(200);
  if (GetParam() == EngineKind::openssl) {  // libsrtp2 lets the counter wrap
    EXPECT_EQ(refusal(pair.left->protect_rtp(rtp(0, 9), room)), Refusal::key_expired);
    ASSERT_TRUE(pair.left->set_next_rtcp_index(9, 0x7FFFFFFF));
    EXPECT_TRUE(pair.left->protect_rtcp(rtcp(9), room));
    EXPECT_EQ(refusal(pair.left->protect_rtcp(rtcp(9), room)), Refusal::key_expired);
  }
}

// RFC 3711 4.1.1: 2^23 bits of key stream are a packet's at most.
TEST_P(EachEngine, RefusesPacketsThatNeedTwoKeyStreams) {
  Pair pair{{.engine = GetParam()}};
  const auto longest = rtp(1, 7, (1 << 20) - 12);
  const auto longer = rtp(2, 7, (1 << 20) - 11);
  std::vector<std::uint8_t> room(longer.size() + 16);
  const auto sealed = pair.left->protect_rtp(longest, room);
  ASSERT_TRUE(sealed);
  EXPECT_TRUE(pair.right->unprotect_rtp(*sealed, room));
  EXPECT_EQ(pair.left->protect_rtp(longer, room).error(), Refusal::malformed);
}

TEST_P(EachEngine, TakesNewKeysAndStillOpensWhatWasUnderWay) {
  for (const Profile profile : {Profile::aes128_cm_sha1_80, Profile::aead_aes_128_gcm}) {
    Pair pair{config(profile)};
    auto early = sealed(*pair.left, rtp(1));
    auto late = sealed(*pair.left, rtp(2));
    auto too_late = sealed(*pair.left, rtp(3));
    const MasterKey a = some_key(profile, 51);
    const MasterKey b = some_key(profile, 151);
    ASSERT_TRUE(pair.left->rekey(profile, a, b));
    ASSERT_TRUE(pair.right->rekey(profile, b, a));
    EXPECT_TRUE(pair.right->unprotect_rtp(early, early));
    EXPECT_TRUE(pair.right->unprotect_rtp(late, late));
    auto fresh = sealed(*pair.left, rtp(4));
    EXPECT_TRUE(pair.right->unprotect_rtp(fresh, fresh));
    EXPECT_EQ(refusal(pair.right->unprotect_rtp(too_late, too_late)), Refusal::bad_tag);
  }
}

TEST(Srtp, RefusesAKeyOfTheWrongSize) {
  Session::Config config{.profile = Profile::aead_aes_256_gcm};
  config.local = config.remote = some_key(Profile::aead_aes_128_gcm);
  EXPECT_EQ(Session::create(config).error(), SetupError::bad_key_size);
  config.local = config.remote = some_key(Profile::aead_aes_256_gcm);
  config.remote.salt.push_back(0);
  EXPECT_EQ(Session::create(config).error(), SetupError::bad_salt_size);
}

TEST(Srtp, RefusesWhatHasNoRoom) {
  Pair pair;
  auto packet = rtp(1);
  EXPECT_EQ(pair.left->protect_rtp(packet, packet).error(), Refusal::no_room);
  core::Pool pool;
  core::Buffer tight = pool.copy(packet, 0, 0);
  tight.resize(tight.size() + tight.tail_room());
  EXPECT_EQ(pair.left->protect_rtp(tight).error(), Refusal::no_room);
  EXPECT_EQ(pair.left->stats().sent_refusals(Refusal::no_room), 2U);
}

TEST(Srtp, ForgedStreamsTakeNoPlace) {
  Session::Config config;
  config.max_streams = 4;
  Pair pair{config};
  for (std::uint32_t ssrc = 1; ssrc < 100; ++ssrc) {
    auto forged = rtp(1, ssrc);
    EXPECT_EQ(pair.right->unprotect_rtp(forged, forged).error(), Refusal::bad_tag);
  }
  for (std::uint32_t ssrc = 1; ssrc <= 4; ++ssrc) {
    std::vector<std::uint8_t> room(200);
    const auto packet = pair.left->protect_rtp(rtp(1, ssrc), room);
    EXPECT_TRUE(pair.right->unprotect_rtp(*packet, room));
  }
  std::vector<std::uint8_t> room(200);
  EXPECT_EQ(pair.left->protect_rtp(rtp(1, 5), room).error(), Refusal::too_many_streams);
}

TEST(SrtpProfile, HasTheNamesOfBothRegistries) {
  for (const Profile profile : all_profiles) {
    EXPECT_EQ(profile_from_name(to_string(profile)), profile);
  }
  EXPECT_EQ(profile_from_name("aes_cm_128_hmac_sha1_80"), Profile::aes128_cm_sha1_80);
  EXPECT_EQ(profile_from_name("SRTP_AEAD_AES_256_GCM"), Profile::aead_aes_256_gcm);
  EXPECT_EQ(profile_from_name("NULL_HMAC_SHA1_80"), std::nullopt);
  EXPECT_EQ(profile_from_dtls(7), Profile::aead_aes_128_gcm);
  EXPECT_EQ(profile_from_dtls(5), std::nullopt);
}

}  // namespace
}  // namespace lucid::srtp
