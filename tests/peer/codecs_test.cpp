#include "peer/detail/codecs.hpp"

#include <gtest/gtest.h>

namespace lucid::peer::detail {
namespace {

using core::MediaKind;

// RFC 3551 6
TEST(Codecs, StaticPayloadTypesStay) {
  for (const sdp::Codec& codec : sdp_codecs(default_codecs(), MediaKind::audio)) {
    if (codec.is("PCMU")) {
      EXPECT_EQ(codec.payload_type, 0);
    }
    if (codec.is("PCMA")) {
      EXPECT_EQ(codec.payload_type, 8);
    }
    if (codec.is("G722")) {
      EXPECT_EQ(codec.payload_type, 9);
    }
  }
}

// RFC 4588 8.1
TEST(Codecs, EachVideoCodecHasItsRtx) {
  const auto codecs = sdp_codecs(default_codecs(), MediaKind::video);
  for (const sdp::Codec& codec : codecs) {
    if (codec.is_auxiliary()) continue;
    EXPECT_NE(sdp::find_rtx(codecs, codec.payload_type), nullptr) << codec.name;
  }
  const auto without = sdp_codecs(std::vector<RtpCodec>{default_codecs()[0]}, MediaKind::video);
  EXPECT_EQ(without.size(), 1U);
}

TEST(Codecs, AreComparedByTheirPayloadFormats) {
  const RtpCodec vp9{"video/VP9", 90000, {}, "profile-id=0"};
  EXPECT_TRUE(same_codec(vp9, {"VIDEO/vp9", 90000, {}, ""}));
  EXPECT_FALSE(same_codec(vp9, {"video/VP9", 90000, {}, "profile-id=2"}));
  EXPECT_FALSE(same_codec(vp9, default_codecs()[0]));
}

}  // namespace
}  // namespace lucid::peer::detail
