#include "tests/rtp/real_encoder.hpp"

#include <algorithm>

#include "rtp/receive/assembler.hpp"
#include "tests/rtp/payloads.hpp"

// Every payload format against real encoder output, at every size of packet that a path may ask
// for, with packets lost and out of order.
namespace lucid::rtp {
namespace {

using testing::Payload;

// Sends a material's pictures, in any order that begins with a key picture.
class Sender {
 public:
  Sender(const testing::Encoding& encoding, std::uint64_t seed)
      : random_{seed}, packetizer_{make_packetizer(encoding.format, random_)} {}

  // Numbers it, and says what it needs: the latest frame of the base temporal layer, and the layer
  // below.
  void describe(core::EncodedFrame& frame, std::uint32_t timestamp, bool first_layer_is_key) {
    frame.rtp_timestamp = timestamp;
    frame.id = ++frames_;
    frame.depends_on.clear();
    std::int64_t& base = base_[frame.spatial_layer];
    if (!first_layer_is_key) frame.depends_on.push_back(base);
    if (frame.spatial_layer > 0) frame.depends_on.push_back(frame.id - 1);
    if (frame.temporal_layer == 0) base = frame.id;
  }
  std::vector<Payload> payloads(const core::EncodedFrame& frame, std::size_t limit) {
    auto made = testing::packetize(*packetizer_, frame, limit);
    EXPECT_FALSE(made.empty()) << "refused at " << limit;
    return made;
  }

 private:
  core::SeededRandom random_;
  std::unique_ptr<Packetizer> packetizer_;
  std::int64_t frames_ = 0;
  std::array<std::int64_t, 2> base_{};
};

class RealEncoder : public ::testing::TestWithParam<testing::Encoding> {
 protected:
  void SetUp() override {
    if (!testing::has_ffmpeg()) GTEST_SKIP() << "no ffmpeg program to encode with";
    media_ = &testing::material(GetParam());
    if (media_->pictures.empty()) GTEST_SKIP() << "this ffmpeg has no such encoder";
    ASSERT_GE(media_->pictures.size(), 10U);
  }
  static core::Codec codec() { return GetParam().format.codec; }
  static bool is_video() { return core::kind_of(codec()) == core::MediaKind::video; }
  static bool begins_group(std::size_t picture) {
    return is_video() && picture % GetParam().key_interval == 0;
  }

  const testing::Material* media_ = nullptr;
};

TEST_P(RealEncoder, KeyFramesSizesAndLayersAreSeen) {
  Sender sender{GetParam(), 1};
  const auto depacketizer = make_depacketizer(codec());
  for (std::size_t i = 0; i < media_->pictures.size(); ++i) {
    for (core::EncodedFrame frame : media_->pictures[i]) {
      sender.describe(frame, static_cast<std::uint32_t>(i), begins_group(i));
      const auto payloads = sender.payloads(frame, 1160);
      const auto received = testing::assemble(*depacketizer, payloads);
      ASSERT_TRUE(received);
      EXPECT_EQ(received->spatial_layer, frame.spatial_layer) << i;
      EXPECT_EQ(received->temporal_layer, frame.temporal_layer) << i;
      if (!is_video()) {
        EXPECT_EQ(received->duration, core::Duration{20'000});
        continue;
      }
      EXPECT_EQ(received->key, begins_group(i) && frame.spatial_layer == 0) << i;
      bool seen = false;
      for (const Payload& payload : payloads) {
        const auto info = depacketizer->inspect(payload.bytes, payload.piece.marker);
        ASSERT_TRUE(info);
        seen = seen || info->key;
      }
      EXPECT_EQ(seen, received->key) << i;
      if (!received->key) continue;
      EXPECT_EQ(received->width, frame.width);
      EXPECT_EQ(received->height, frame.height);
    }
  }
}

TEST_P(RealEncoder, ALostPayloadNeverMakesAWholeFrame) {
  core::SeededRandom random{5};
  Sender sender{GetParam(), 5};
  const auto depacketizer = make_depacketizer(codec());
  for (std::size_t i = 0; i < media_->pictures.size(); ++i) {
    for (core::EncodedFrame frame : media_->pictures[i]) {
      sender.describe(frame, static_cast<std::uint32_t>(i), begins_group(i));
      const auto payloads = sender.payloads(frame, 200 + random.below(400));
      const auto whole = testing::assemble(*depacketizer, payloads);
      ASSERT_TRUE(whole);
      // Any one lost: refused, or (where loss cannot be seen inside a frame) not the whole frame.
      core::EncodedFrame partial;
      for (std::size_t lost = 0; lost < payloads.size() && payloads.size() > 1; ++lost) {
        std::vector<core::Bytes> rest;
        for (std::size_t n = 0; n < payloads.size(); ++n) {
          if (n != lost) rest.emplace_back(payloads[n].bytes);
        }
        EXPECT_TRUE(!depacketizer->assemble(rest, partial) ||
                    partial.data.size() < whole->data.size());
      }
    }
  }
}

// A stream whose limit grows byte by byte, with three in a hundred packets lost and the others in
// disorder: what comes out is what went in, and all comes out that is there.
class TroubledStream {
 public:
  TroubledStream(const testing::Encoding& encoding, const testing::Material& media)
      : media_{&media}, codec_{encoding.format.codec}, sender_{encoding, 7}, assembler_{codec_} {}

  // Whether all packets of the picture arrive.
  bool send(std::size_t picture, bool key, std::size_t limit) {
    const std::size_t place = sent_.size();
    sent_.resize(place + layers);
    bool all = true;
    for (core::EncodedFrame frame : media_->pictures[picture]) {
      sender_.describe(frame, static_cast<std::uint32_t>(place / layers), key);
      // Some formats tell a beginning by the packet before.
      bool whole = before_;
      sent_[place + frame.spatial_layer] = {picture, limit, false, false};
      for (const Payload& payload : sender_.payloads(frame, limit)) {
        if (!fly(payload, frame.rtp_timestamp)) whole = false;
      }
      sent_[place + frame.spatial_layer].whole = whole;
      all = all && whole;
    }
    return all;
  }
  void finish() {
    deliver(next_ + 1000);
    // The very first has nothing before it.
    for (std::size_t i = layers; i < sent_.size(); ++i) {
      EXPECT_TRUE(sent_[i].came || !sent_[i].whole) << i << " at " << sent_[i].limit;
    }
  }

 private:
  static constexpr std::size_t layers = 2;  // each picture has so many places
  struct Sent {
    std::size_t picture = 0;
    std::size_t limit = 0;
    bool whole = false;
    bool came = false;
  };
  bool fly(const Payload& payload, std::uint32_t timestamp) {
    const HeaderWriter header{{.payload_type = 96,
                               .marker = payload.piece.marker,
                               .sequence = static_cast<std::uint16_t>(next_),
                               .timestamp = timestamp}};
    core::Buffer bytes = pool_.copy(payload.bytes);
    header.prepend_to(bytes);
    before_ = random_.unit() >= 0.03;
    if (before_) {
      // The first packet of all shows where the stream begins.
      const auto late = next_ == first ? 0 : static_cast<std::int64_t>(random_.below(15));
      under_way_.emplace(next_ + late, std::pair{next_, std::move(bytes)});
    }
    deliver(++next_);
    return before_;
  }
  void deliver(std::int64_t until) {
    while (!under_way_.empty() && under_way_.begin()->first <= until) {
      auto [number, bytes] = std::move(under_way_.begin()->second);
      under_way_.erase(under_way_.begin());
      const auto view = Packet::parse(bytes).value();
      assembler_.insert(view, std::move(bytes), {number, {}, false});
      while (const auto joined = assembler_.pop()) take(joined->frame);
    }
  }
  void take(const core::EncodedFrame& frame) {
    Sent& sent = sent_.at(std::size_t{frame.rtp_timestamp} * layers + frame.spatial_layer);
    sent.came = true;
    EXPECT_EQ(testing::units_of(codec_, frame.data),
              media_->units[sent.picture][frame.spatial_layer])
        << "picture " << sent.picture << " at " << sent.limit;
  }

  const testing::Material* media_;
  core::Codec codec_;
  core::SeededRandom random_{3};
  core::Pool pool_;
  Sender sender_;
  FrameAssembler assembler_;
  std::vector<Sent> sent_;
  std::multimap<std::int64_t, std::pair<std::int64_t, core::Buffer>> under_way_;
  static constexpr std::int64_t first = 1'000'000;
  std::int64_t next_ = first;
  bool before_ = true;  // whether the packet before came
};

TEST_P(RealEncoder, RoundTripsAtEveryPacketSizeWithLossAndDisorder) {
  TroubledStream stream{GetParam(), *media_};
  const std::size_t groups = media_->pictures.size() / GetParam().key_interval;
  for (std::size_t limit = 200; limit <= 1500; ++limit) {
    // A key picture and others of its group, until one has arrived whole.
    const std::size_t group = limit % groups * GetParam().key_interval;
    bool whole = stream.send(group, is_video(), limit);
    for (std::size_t n = 0; n < 2 || !whole; ++n) {
      const std::size_t other = 1 + (limit + n) % (GetParam().key_interval - 1);
      whole = stream.send(group + other, false, limit) || whole;
    }
  }
  stream.finish();
}

INSTANTIATE_TEST_SUITE_P(, RealEncoder, ::testing::ValuesIn(testing::encodings()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace lucid::rtp
