#include "sdp/codec.hpp"

#include <gtest/gtest.h>

#include "tests/sdp/vectors.hpp"

namespace lucid::sdp {
namespace {

Codec codec(std::string name, std::uint32_t rate, std::string_view parameters = {},
            std::uint8_t type = 96) {
  return {type, std::move(name), rate, 1, Parameters::parse(parameters), {}};
}

std::vector<Codec> codecs_of(const std::string& vector, std::size_t section) {
  const auto session = parse(read_vector(vector));
  EXPECT_TRUE(session);
  return session ? codecs(session->media.at(section)) : std::vector<Codec>{};
}

MediaSection section_of(const std::string& lines) {
  const auto session = parse("v=0\r\no=- 1 2 IN IP4 h\r\ns=-\r\nt=0 0\r\n" + lines);
  EXPECT_TRUE(session) << session.error().text();
  return session->media.at(0);
}

// RFC 8866 6.6, 6.15, RFC 4585 4.2
TEST(SdpCodec, ReadsThoseOfChromium) {
  const auto video = codecs_of("chromium/audio-video.offer.sdp", 1);
  ASSERT_EQ(video.size(), 23U);
  EXPECT_EQ(video[0].name, "VP8");
  EXPECT_EQ(video[0].clock_rate, 90000U);
  EXPECT_TRUE(video[0].has_feedback("nack", "pli"));
  EXPECT_TRUE(video[0].has_feedback("transport-cc"));
  EXPECT_FALSE(video[0].has_feedback("nack", "sli"));
  EXPECT_EQ(video[1].apt(), 96);
  EXPECT_EQ(find_rtx(video, 96), &video[1]);
  EXPECT_EQ(video[0].mime_type(core::MediaKind::video), "video/VP8");
  const auto audio = codecs_of("chromium/audio-video.offer.sdp", 0);
  EXPECT_EQ(audio[0].channels, 2);
  EXPECT_EQ(audio[0].parameters.number("minptime"), 10U);
  EXPECT_EQ(audio[0].parameters.find("UseInbandFEC"), "1");
  EXPECT_TRUE(audio[1].is("RED"));
  EXPECT_EQ(audio[1].parameters.text(), "111/111");
}

// RFC 3551 6
TEST(SdpCodec, KnowsStaticPayloadTypes) {
  const auto found = codecs(section_of("m=audio 9 RTP/AVP 0 8 9 96\r\n"));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].name, "PCMU");
  EXPECT_EQ(found[2].name, "G722");
  EXPECT_EQ(found[2].clock_rate, 8000U);
  EXPECT_EQ(static_payload_type(codec("pcma", 8000)), 8);
  EXPECT_EQ(static_payload_type(codec("opus", 48000)), std::nullopt);
}

// RFC 4585 4.2
TEST(SdpCodec, FeedbackForAllGoesToEveryCodecThatCarriesMedia) {
  const auto found = codecs(
      section_of("m=video 9 RTP/AVPF 96 97\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n"
                 "a=rtcp-fb:* nack\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 ccm fir\r\n"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].feedback.size(), 2U);
  EXPECT_TRUE(found[1].feedback.empty());
}

TEST(SdpCodec, IsWrittenAsItIsRead) {
  for (const std::string name : {"chromium/audio-video.offer.sdp", "firefox/simulcast.offer.sdp"}) {
    auto session = parse(read_vector(name));
    ASSERT_TRUE(session);
    for (MediaSection& section : session->media) {
      const auto before = codecs(section);
      set_codecs(section, before);
      EXPECT_EQ(codecs(section), before) << name;
    }
    EXPECT_TRUE(parse(serialize(*session)));
  }
}

TEST(SdpCodec, ParametersKeepTheirOrder) {
  auto parameters = Parameters::parse("a=1; B=2;;0-15 ;c = 3");
  EXPECT_EQ(parameters.text(), "a=1;B=2;0-15;c=3");
  parameters.set("b", "4");
  parameters.set("d", "5");
  parameters.erase("A");
  EXPECT_EQ(parameters.text(), "B=4;0-15;c=3;d=5");
  EXPECT_EQ(parameters.number("0-15"), std::nullopt);
}

// RFC 6184 8.1
TEST(SdpCodec, ReadsH264Profiles) {
  using Profile = H264Profile::Profile;
  struct Case {
    std::string_view text;
    Profile profile;
    std::uint8_t level;
  };
  for (const Case& each : {
           Case{"42e01f", Profile::constrained_baseline, 31},
           Case{"42C02A", Profile::constrained_baseline, 42},
           Case{"4d801f", Profile::constrained_baseline, 31},
           Case{"58F01f", Profile::constrained_baseline, 31},
           Case{"42001f", Profile::baseline, 31},
           Case{"4d001f", Profile::main, 31},
           Case{"4d401f", Profile::main, 31},
           Case{"64001f", Profile::high, 31},
           Case{"640c34", Profile::constrained_high, 52},
           Case{"f4001f", Profile::predictive_high_444, 31},
           Case{"42f00b", Profile::constrained_baseline, H264Profile::level_1b},
           Case{"42100b", Profile::baseline, H264Profile::level_1b},
           Case{"42e00b", Profile::constrained_baseline, 11},
           Case{"640009", Profile::high, H264Profile::level_1b},
       }) {
    const auto profile = H264Profile::parse(each.text);
    ASSERT_TRUE(profile) << each.text;
    EXPECT_EQ(profile->profile, each.profile) << each.text;
    EXPECT_EQ(profile->level, each.level) << each.text;
    EXPECT_EQ(H264Profile::parse(profile->text()), profile) << each.text;
  }
  for (const std::string_view bad : {"", "42e0", "42e01f00", "zz", "42 e01f", "99001f"}) {
    EXPECT_FALSE(H264Profile::parse(bad)) << bad;
  }
  EXPECT_TRUE(is_lower_level(10, H264Profile::level_1b));
  EXPECT_TRUE(is_lower_level(H264Profile::level_1b, 11));
  EXPECT_FALSE(is_lower_level(31, 31));
}

// RFC 6184 8.2.2
TEST(SdpCodecMatch, H264ByProfileAndPacketizationMode) {
  const Codec ours = codec("H264", 90000, "profile-level-id=42e01f;packetization-mode=1");
  const auto matches_ours = [&](std::string_view parameters) {
    return matches(ours, codec("h264", 90000, parameters));
  };
  EXPECT_TRUE(matches_ours("packetization-mode=1;profile-level-id=42e034"));
  EXPECT_TRUE(matches_ours("packetization-mode=1;profile-level-id=4D8028"));
  EXPECT_FALSE(matches_ours("packetization-mode=1;profile-level-id=42001f"));
  EXPECT_FALSE(matches_ours("profile-level-id=42e01f"));
  EXPECT_FALSE(matches_ours("packetization-mode=1"));
  EXPECT_TRUE(matches(codec("H264", 90000), codec("H264", 90000, "profile-level-id=42000a")));
  EXPECT_TRUE(matches(codec("H264", 90000, "profile-level-id=6e001f"),
                      codec("H264", 90000, "profile-level-id=6E001F")));
}

// RFC 9628 6
TEST(SdpCodecMatch, VP9AndAV1ByProfile) {
  EXPECT_TRUE(matches(codec("VP9", 90000), codec("VP9", 90000, "profile-id=0")));
  EXPECT_FALSE(matches(codec("VP9", 90000, "profile-id=2"), codec("VP9", 90000)));
  EXPECT_TRUE(matches(codec("AV1", 90000, "level-idx=5;profile=0"), codec("AV1", 90000)));
  EXPECT_FALSE(matches(codec("AV1", 90000, "profile=1"), codec("AV1", 90000)));
}

// RFC 7798 7.2.2
TEST(SdpCodecMatch, H265ByProfileTierAndMode) {
  EXPECT_TRUE(matches(codec("H265", 90000), codec("H265", 90000, "profile-id=1;tx-mode=SRST")));
  EXPECT_FALSE(matches(codec("H265", 90000, "tier-flag=1"), codec("H265", 90000)));
}

// RFC 7587 7, RFC 4733 2.4.1
TEST(SdpCodecMatch, AudioByNameRateAndChannels) {
  Codec opus = codec("opus", 48000, "useinbandfec=1");
  opus.channels = 2;
  Codec other = codec("OPUS", 48000, "stereo=1;maxplaybackrate=16000");
  other.channels = 2;
  EXPECT_TRUE(matches(opus, other));
  other.channels = 1;
  EXPECT_FALSE(matches(opus, other));
  EXPECT_TRUE(
      matches(codec("telephone-event", 8000, "0-15"), codec("telephone-event", 8000, "0-16")));
  EXPECT_FALSE(matches(codec("telephone-event", 48000), codec("telephone-event", 8000)));
  EXPECT_FALSE(matches(codec("PCMU", 8000), codec("PCMA", 8000)));
}

// RFC 4588 8.6
TEST(SdpCodecMatch, RtxByWhatItRepairs) {
  const std::vector<Codec> a{codec("VP8", 90000, "", 96), codec("rtx", 90000, "apt=96", 97),
                             codec("VP9", 90000, "", 98), codec("rtx", 90000, "apt=98", 99)};
  const std::vector<Codec> b{codec("VP9", 90000, "", 96), codec("rtx", 90000, "apt=96", 97),
                             codec("rtx", 90000, "apt=120", 121), codec("rtx", 90000, "", 122)};
  EXPECT_FALSE(matches_in(a[1], a, b[1], b));
  EXPECT_TRUE(matches_in(a[3], a, b[1], b));
  EXPECT_FALSE(matches_in(a[3], a, b[2], b));
  EXPECT_FALSE(matches_in(a[3], a, b[3], b));
}

// RFC 2198 5
TEST(SdpCodecMatch, RedByWhatItCarries) {
  const std::vector<Codec> a{codec("opus", 48000, "", 111), codec("red", 48000, "111/111", 63)};
  const std::vector<Codec> b{codec("opus", 48000, "", 96), codec("red", 48000, "96/96", 97),
                             codec("L16", 48000, "", 98), codec("red", 48000, "98/98", 99),
                             codec("red", 48000, "", 100)};
  EXPECT_TRUE(matches_in(a[1], a, b[1], b));
  EXPECT_FALSE(matches_in(a[1], a, b[3], b));
  EXPECT_TRUE(matches_in(a[1], a, b[4], b));
}

}  // namespace
}  // namespace lucid::sdp
