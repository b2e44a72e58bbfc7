#include <algorithm>

#include "rtp/file/media.hpp"
#include "rtp/payload/av1.hpp"
#include "rtp/payload/detail/nal.hpp"
#include "rtp/receive/assembler.hpp"
#include "tests/rtp/encoder.hpp"
#include "tests/rtp/payloads.hpp"

// Every payload format against real encoder output, at every size of packet that a path may ask
// for, with packets lost and out of order.
namespace lucid::rtp {
namespace {

using testing::Payload;

struct Encoding {
  const char* name;
  const char* arguments;
  const char* extension;
};

constexpr Encoding encodings[] = {
    {"VP8", "-f lavfi -i testsrc2=s=640x360:r=15 -t 1 -c:v libvpx -b:v 1M -deadline realtime -g 10",
     "ivf"},
    {"VP9",
     "-f lavfi -i testsrc2=s=640x360:r=15 -t 1 -c:v libvpx-vp9 -b:v 1M -deadline realtime "
     "-cpu-used 8 -g 10",
     "ivf"},
    {"AV1",
     "-f lavfi -i testsrc2=s=320x180:r=10 -t 1 -c:v libaom-av1 -b:v 500k -usage realtime -cpu-used "
     "8 -tiles 2x1 -g 5",
     "ivf"},
    {"H264",
     "-f lavfi -i testsrc2=s=640x360:r=15 -t 1 -c:v libx264 -tune zerolatency -preset veryfast "
     "-b:v 1M -g 10 -slices 3 -aud 1",
     "h264"},
    {"H265",
     "-f lavfi -i testsrc2=s=320x180:r=15 -t 1 -c:v libx265 -preset ultrafast -b:v 500k -g 10 "
     "-x265-params log-level=none:bframes=0:open-gop=0",
     "h265"},
    {"Opus", "-f lavfi -i sine=frequency=440 -t 1 -c:a libopus -b:a 64k -ac 2", "ogg"},
};

// A frame without what its format never sends: start codes of another length, temporal delimiters.
std::vector<std::vector<std::uint8_t>> units_of(core::Codec codec, core::Bytes frame) {
  std::vector<std::vector<std::uint8_t>> found;
  if (codec == core::Codec::h264 || codec == core::Codec::h265) {
    std::vector<core::Bytes> units;
    detail::split_annex_b(frame, units);
    for (const core::Bytes unit : units) found.emplace_back(unit.begin(), unit.end());
  } else if (codec == core::Codec::av1) {
    core::ByteReader in{frame};
    while (const auto obu = av1::Obu::parse(in)) {
      if (obu->type == av1::ObuType::temporal_delimiter) continue;
      found.emplace_back(obu->payload.begin(), obu->payload.end());
    }
  } else {
    found.emplace_back(frame.begin(), frame.end());
  }
  return found;
}

class RealEncoder : public ::testing::TestWithParam<Encoding> {
 protected:
  void SetUp() override {
    if (!testing::has_ffmpeg()) GTEST_SKIP() << "no ffmpeg program to encode with";
    bytes_ = testing::encoded(GetParam().arguments, GetParam().extension);
    if (bytes_.empty()) GTEST_SKIP() << "this ffmpeg has no encoder for " << GetParam().name;
    auto read = file::read_media(bytes_);
    ASSERT_TRUE(read) << file::to_string(read.error());
    media_ = std::move(*read);
    ASSERT_GE(media_.frames.size(), 9U);
  }

  core::EncodedFrame frame(std::size_t index) const {
    core::EncodedFrame frame{.codec = media_.codec};
    const auto& source = media_.frames[index];
    frame.data.assign(source.data.begin(), source.data.end());
    frame.rtp_timestamp = source.timestamp;
    // VP9's format tells key frames from others by what the sender says of them.
    frame.key = media_.codec == core::Codec::vp9 && (source.data[0] & 0x04) == 0;
    return frame;
  }

  std::vector<std::uint8_t> bytes_;
  file::MediaFile media_;
};

TEST_P(RealEncoder, FramesRoundTripAtEveryPacketSize) {
  core::SeededRandom random{1};
  const auto packetizer = make_packetizer({.codec = media_.codec}, random);
  const auto depacketizer = make_depacketizer(media_.codec);
  const std::size_t least = media_.codec == core::Codec::opus ? 1275 : 200;
  for (std::size_t limit = least; limit <= 1500; limit += limit < 260 ? 1 : 61) {
    for (std::size_t i = 0; i < media_.frames.size(); ++i) {
      const auto sent = frame(i);
      const auto payloads = testing::packetize(*packetizer, sent, limit);
      const auto received = testing::assemble(*depacketizer, payloads);
      ASSERT_TRUE(received) << "frame " << i << " at " << limit;
      ASSERT_EQ(units_of(media_.codec, received->data), units_of(media_.codec, sent.data))
          << "frame " << i << " at " << limit;
    }
  }
}

TEST_P(RealEncoder, KeyFramesAndSizesAreSeen) {
  core::SeededRandom random{1};
  const auto packetizer = make_packetizer({.codec = media_.codec}, random);
  const auto depacketizer = make_depacketizer(media_.codec);
  std::size_t keys = 0;
  for (std::size_t i = 0; i < media_.frames.size(); ++i) {
    const auto payloads = testing::packetize(*packetizer, frame(i), 1160);
    const auto received = testing::assemble(*depacketizer, payloads);
    ASSERT_TRUE(received);
    if (core::kind_of(media_.codec) == core::MediaKind::audio) {
      EXPECT_EQ(received->duration, core::Duration{20'000});
      continue;
    }
    bool seen = false;
    for (const Payload& payload : payloads) {
      const auto info = depacketizer->inspect(payload.bytes, payload.piece.marker);
      ASSERT_TRUE(info);
      seen = seen || info->key;
    }
    EXPECT_EQ(seen, received->key) << i;
    EXPECT_EQ(received->key, i % (media_.codec == core::Codec::av1 ? 5 : 10) == 0) << i;
    if (!received->key) continue;
    ++keys;
    EXPECT_EQ(received->width % 320, 0);
    EXPECT_EQ(received->height % 180, 0);
    EXPECT_GT(received->width, 0);
  }
  const bool video = core::kind_of(media_.codec) == core::MediaKind::video;
  EXPECT_GE(keys, video ? 2U : 0U);
}

TEST_P(RealEncoder, ALostPayloadNeverMakesAWholeFrame) {
  core::SeededRandom random{5};
  const auto packetizer = make_packetizer({.codec = media_.codec}, random);
  const auto depacketizer = make_depacketizer(media_.codec);
  for (std::size_t i = 0; i < media_.frames.size(); ++i) {
    const auto sent = frame(i);
    const std::size_t limit = media_.codec == core::Codec::opus ? 1275 : 200 + random.below(400);
    const auto payloads = testing::packetize(*packetizer, sent, limit);
    const auto whole = testing::assemble(*depacketizer, payloads);
    ASSERT_TRUE(whole);
    // Any one lost: refused, or (where loss cannot be seen inside a frame) not the whole frame.
    for (std::size_t lost = 0; lost < payloads.size() && payloads.size() > 1; ++lost) {
      auto rest = payloads;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(lost));
      const auto partial = testing::assemble(*depacketizer, rest);
      EXPECT_TRUE(!partial || partial->data.size() < whole->data.size());
    }
  }
}

// Through the assembler, at each packet size, with three in a hundred packets lost and the others
// in disorder: what comes out is what went in, and all comes out that is there.
TEST_P(RealEncoder, FramesAreJoinedByteForByteWhateverIsLostAndOvertaken) {
  if (core::kind_of(media_.codec) == core::MediaKind::audio) return;
  for (std::size_t limit = 200; limit <= 1500; limit += 13) {
    core::SeededRandom random{limit};
    core::Pool pool;
    const auto packetizer = make_packetizer({.codec = media_.codec}, random);
    FrameAssembler assembler{media_.codec};
    struct Sent {
      core::Buffer bytes;
      std::size_t due;
      bool lost;
    };
    std::vector<Sent> packets;
    std::vector<bool> whole(media_.frames.size(), true);
    bool before = true;  // whether the packet before came: some formats tell a beginning by it
    for (std::size_t i = 0; i < media_.frames.size(); ++i) {
      if (!before) whole[i] = false;
      for (const Payload& payload : testing::packetize(*packetizer, frame(i), limit)) {
        HeaderWriter header{{.payload_type = 96,
                             .marker = payload.piece.marker,
                             .sequence = static_cast<std::uint16_t>(packets.size()),
                             .timestamp = static_cast<std::uint32_t>(i)}};
        core::Buffer bytes = pool.copy(payload.bytes);
        header.prepend_to(bytes);
        before = random.unit() >= 0.03;
        if (!before) whole[i] = false;
        packets.push_back({std::move(bytes), packets.size() + random.below(15), !before});
      }
    }
    std::vector<bool> came(media_.frames.size());
    std::vector<std::size_t> order(packets.size());
    for (std::size_t n = 0; n < order.size(); ++n) order[n] = n;
    std::ranges::stable_sort(order, {}, [&](std::size_t n) { return packets[n].due; });
    for (const std::size_t n : order) {
      if (packets[n].lost) continue;
      const auto view = Packet::parse(packets[n].bytes).value();
      assembler.insert(view, std::move(packets[n].bytes),
                       {static_cast<std::int64_t>(n) + 1'000'000, {}, false});
      while (const auto joined = assembler.pop()) {
        const std::size_t i = joined->frame.rtp_timestamp;
        came[i] = true;
        ASSERT_EQ(units_of(media_.codec, joined->frame.data), units_of(media_.codec, frame(i).data))
            << "frame " << i << " at " << limit;
      }
    }
    // The very first has nothing before it.
    for (std::size_t i = 1; i < whole.size(); ++i) EXPECT_TRUE(came[i] || !whole[i]) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(, RealEncoder, ::testing::ValuesIn(encodings),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace lucid::rtp
