#include <chrono>
#include <deque>
#include <map>
#include <set>

#include "rtp/receive/stream.hpp"
#include "rtp/send/forwarder.hpp"
#include "tests/rtp/forwarder_layers.hpp"

// Every codec that is forwarded, seen by a receiver that knows nothing of sources.
namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;
using testing::FrameName;
using testing::LayeredPublisher;
using testing::Layering;
using Source = Forwarder::Source;

ExtensionMap outgoing_extensions() {
  ExtensionMap map;
  map.add(1, ExtensionType::mid);
  map.add(2, ExtensionType::transport_sequence);
  map.add(6, ExtensionType::dependency_descriptor);
  map.add(7, ExtensionType::video_layers_allocation);
  return map;
}

// Receives, and holds the stream to what one source without layers left out would have sent.
class Audience {
 public:
  Audience(core::Codec codec, core::Context context) : stream_{settings(codec), context} {}
  void take(core::Buffer packet, core::Time now) {
    const auto view = Packet::parse(packet).value();
    numbers_.insert(unwrap_.unwrap(view.sequence()));
    EXPECT_EQ(view.payload_type(), 96);
    EXPECT_FALSE(view.extension(7)) << "layers of one publisher are no matter of the viewer's";
    stream_.handle_datagram(std::move(packet), now);
    look();
  }
  void pass_time(core::Time now) {
    stream_.handle_timeout(now);
    look();
  }
  bool continuous() const {
    if (numbers_.empty()) return false;
    return *numbers_.rbegin() - *numbers_.begin() + 1 == static_cast<std::int64_t>(numbers_.size());
  }
  bool wants_key_frame() {
    bool wants = false;
    while (const auto message = stream_.poll_transmit()) {
      wants = wants || std::holds_alternative<rtcp::PictureLoss>(*message);
    }
    return wants;
  }
  std::size_t frames = 0;
  std::size_t changes = 0;  // of publisher
  std::size_t skipped = 0;  // pictures of the publisher that goes on
  std::size_t cut = 0;      // frames without their end
  std::uint8_t highest_temporal = 0;

 private:
  static ReceiveStreamConfig settings(core::Codec codec) {
    ReceiveStreamConfig config{.ssrc = 77};
    config.formats = {{96, codec}};
    config.extensions = outgoing_extensions();
    return config;
  }
  void look() {
    while (auto event = stream_.poll_event()) {
      const core::EncodedFrame& frame = std::get<ReceiveStream::Frame>(*event).frame;
      ids_.insert(frame.id);
      const auto found = testing::name_of(frame);
      if (!found) {  // docs/decisions/0071: the end of its source's part
        ++cut;
        continue;
      }
      const FrameName name = *found;
      const bool other = last_ && last_->publisher != name.publisher;
      EXPECT_TRUE(frame.key || (last_ && !other)) << "a publisher begins in mid-stream";
      for (const std::int64_t id : frame.depends_on) {
        EXPECT_TRUE(ids_.contains(id)) << "frame " << frames << " needs one that never came";
      }
      if (other) ++changes;
      if (last_ && !other) {
        EXPECT_GE(name.number, last_->number);
        if (name.number > last_->number + 1) ++skipped;
        EXPECT_GE(static_cast<std::int32_t>(frame.rtp_timestamp - last_timestamp_), 0);
      } else if (last_) {
        EXPECT_GT(static_cast<std::int32_t>(frame.rtp_timestamp - last_timestamp_), 0);
        EXPECT_LT(static_cast<std::int32_t>(frame.rtp_timestamp - last_timestamp_), 90'000);
      }
      highest_temporal = std::max(highest_temporal, frame.temporal_layer);
      last_ = name;
      last_timestamp_ = frame.rtp_timestamp;
      ++frames;
    }
  }

  ReceiveStream stream_;
  core::Unwrapper<std::uint16_t> unwrap_;
  std::set<std::int64_t> numbers_;
  std::set<std::int64_t> ids_;
  std::optional<FrameName> last_;
  std::uint32_t last_timestamp_ = 0;
};

// What the way from publisher to forwarder does to packets.
struct Trouble {
  std::size_t disorder = 0;  // packets
  double loss = 0;
  double duplicates = 0;
};

struct Room {
  Room(const Layering& what, std::uint64_t seed)
      : random{seed},
        forwarder{
            {.codec = what.codec, .ssrc = 77, .mid = "v", .extensions = outgoing_extensions()},
            {random, pool}},
        audience{what.codec, {random, pool}} {
    for (std::uint8_t i = 0; i < 3; ++i) {
      publishers.emplace_back(what, i, seed * 10 + i);
      forwarder.add_source(Source{i},
                           {{{LayeredPublisher::payload_type, 96}}, publishers[i].extensions()});
    }
  }
  void poll() {
    while (auto packet = forwarder.poll_transmit()) audience.take(std::move(*packet), now);
    if (audience.wants_key_frame()) forwarder.request_key_frame(now);
    while (auto event = forwarder.poll_event()) {
      const auto* wanted = std::get_if<Forwarder::KeyFrameWanted>(&*event);
      if (wanted != nullptr) publishers[static_cast<std::size_t>(wanted->source)].key_wanted = true;
    }
  }
  void tick(const Trouble& trouble = {}) {
    now += 33ms;
    for (std::size_t from = 0; from < publishers.size(); ++from) {
      for (auto& packet : publishers[from].picture(pool, 200 + random.below(2000))) {
        if (random.unit() < trouble.loss) continue;
        if (random.unit() < trouble.duplicates) fly(trouble, from, pool.copy(packet.bytes()));
        fly(trouble, from, std::move(packet));
      }
    }
    for (auto it = under_way.begin(); it != under_way.end() && it->first <= order;) {
      auto [from, packet] = std::move(it->second);
      it = under_way.erase(it);
      forwarder.handle_datagram({Source{static_cast<std::uint32_t>(from)}, std::move(packet)}, now);
      poll();
    }
    forwarder.handle_timeout(now);
    audience.pass_time(now);
    poll();
  }
  void fly(const Trouble& trouble, std::size_t from, core::Buffer packet) {
    const std::size_t late = trouble.disorder == 0 ? 0 : random.below(trouble.disorder);
    under_way.emplace(++order + late, std::pair{from, std::move(packet)});
  }
  void finish() {
    for (int i = 0; i < 5; ++i) tick();
    order += 1000;
    for (int i = 0; i < 5; ++i) tick();
    audience.pass_time(now + 2s);
  }

  core::SeededRandom random;
  core::Pool pool;
  Forwarder forwarder;
  std::vector<LayeredPublisher> publishers;
  std::multimap<std::size_t, std::pair<std::size_t, core::Buffer>> under_way;
  std::size_t order = 0;
  Audience audience;
  core::Time now{1s};
};

class ForwarderOf : public ::testing::TestWithParam<Layering> {
 protected:
  // AV1 RTP 4.2: all layers of a temporal unit come as one.
  static std::size_t frames_of_a_picture() {
    return GetParam().codec == core::Codec::av1 ? 1 : GetParam().spatial;
  }
};

TEST_P(ForwarderOf, EveryFrameOfTheChosenSourceFromItsKeyFrameOn) {
  Room room{GetParam(), 1};
  for (int i = 0; i < 160; ++i) {
    if (i % 20 == 0) room.forwarder.select(Source{i / 20 % 3U}, room.now);
    room.poll();
    room.tick();
  }
  room.finish();
  EXPECT_TRUE(room.audience.continuous());
  EXPECT_EQ(room.audience.changes, 7U);
  EXPECT_EQ(room.audience.skipped + room.audience.cut, 0U);
  EXPECT_GE(room.audience.frames, 160U * frames_of_a_picture());
  EXPECT_EQ(room.audience.highest_temporal, GetParam().temporal - 1);
}

TEST_P(ForwarderOf, LayersComeAndGoWithoutAHole) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    Room room{GetParam(), seed};
    room.forwarder.select(Source{0}, room.now);
    for (int i = 0; i < 150; ++i) {
      if (room.random.below(12) == 0) {
        room.forwarder.limit_layers({.spatial = static_cast<std::uint8_t>(room.random.below(3)),
                                     .temporal = static_cast<std::uint8_t>(room.random.below(3))},
                                    room.now);
      }
      if (room.random.below(30) == 0) {
        room.forwarder.select(Source{static_cast<std::uint32_t>(room.random.below(3))}, room.now);
      }
      room.poll();
      room.tick();
    }
    room.finish();
    EXPECT_TRUE(room.audience.continuous());
    const bool layered = GetParam().spatial * GetParam().temporal > 1;
    EXPECT_EQ(room.forwarder.stats().dropped_layers > 20, layered);
    EXPECT_GT(room.audience.frames, 60U);
  }
}

TEST_P(ForwarderOf, DisorderAndDuplicatesLeaveNoHole) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Room room{GetParam(), seed};
    for (int i = 0; i < 200; ++i) {
      if (i % 50 == 0) room.forwarder.select(Source{i / 50 % 3U}, room.now);
      if (i % 35 == 34) {
        room.forwarder.limit_layers({.temporal = static_cast<std::uint8_t>(i / 35 % 3)}, room.now);
      }
      room.poll();
      room.tick({.disorder = 40, .duplicates = 0.05});
    }
    room.finish();
    EXPECT_TRUE(room.audience.continuous()) << seed;
    EXPECT_EQ(room.audience.changes, 3U) << seed;
    const bool told = GetParam().codec == core::Codec::vp8 || GetParam().codec == core::Codec::vp9;
    EXPECT_LE(room.audience.cut, told ? 0U : 3U) << seed;
    EXPECT_GT(room.audience.frames, 80U) << seed;
  }
}

TEST_P(ForwarderOf, AfterLossAKeyFrameMakesAllGoodAgain) {
  Room room{GetParam(), 4};
  room.forwarder.select(Source{0}, room.now);
  room.poll();
  for (int i = 0; i < 200; ++i) {
    if (i == 100) room.forwarder.select(Source{1}, room.now);
    room.tick({.disorder = 20, .loss = 0.03, .duplicates = 0.03});
  }
  const std::size_t before = room.audience.frames;
  EXPECT_FALSE(room.audience.continuous());
  for (int i = 0; i < 60; ++i) room.tick();
  room.finish();
  EXPECT_EQ(room.forwarder.current(), Source{1});
  EXPECT_GT(room.audience.frames, before + 40U * frames_of_a_picture());
}

INSTANTIATE_TEST_SUITE_P(
    Codecs, ForwarderOf,
    ::testing::Values(Layering{"Vp8", core::Codec::vp8, 1, 3}, Layering{"Vp9", core::Codec::vp9},
                      Layering{"Vp9Flexible", core::Codec::vp9, 2, 2},
                      Layering{"Vp9Groups", core::Codec::vp9, 1, 2, false, true},
                      Layering{"Vp9WithDescriptor", core::Codec::vp9, 3, 3, true},
                      Layering{"Av1", core::Codec::av1},
                      Layering{"Av1WithDescriptor", core::Codec::av1, 2, 3, true},
                      Layering{"H264", core::Codec::h264},
                      Layering{"H264WithDescriptor", core::Codec::h264, 1, 3, true}),
    [](const auto& one) { return std::string{one.param.name}; });

// Sound has no key frames: a switch is made at once, and a pause stays a pause.
struct Voices {
  explicit Voices(std::uint64_t seed)
      : random{seed}, forwarder{{.codec = core::Codec::opus, .ssrc = 5}, {random, pool}} {
    forwarder.add_source(Source{0}, {{{111, 63}}, {}});
    forwarder.add_source(Source{1}, {{{109, 63}}, {}});
  }
  core::Buffer packet(std::uint32_t from) {
    const HeaderWriter header{{.payload_type = static_cast<std::uint8_t>(from == 0 ? 111 : 109),
                               .sequence = sequence[from]++,
                               .timestamp = timestamp[from] += 960,
                               .ssrc = from}};
    core::Buffer packet = pool.take(40, 64 + header.size());
    header.prepend_to(packet);
    return packet;
  }
  void deliver(std::uint32_t from, core::Buffer packet) {
    now += 20ms;
    forwarder.handle_datagram({Source{from}, std::move(packet)}, now);
    while (auto out = forwarder.poll_transmit()) {
      const auto view = Packet::parse(*out).value();
      sent[unwrap.unwrap(view.sequence())] = view.timestamp();
    }
  }
  std::vector<std::uint32_t> steps() const {
    std::vector<std::uint32_t> steps;
    for (auto it = std::next(sent.begin()); it != sent.end(); ++it) {
      steps.push_back(it->second - std::prev(it)->second);
    }
    return steps;
  }
  bool continuous() const {
    return sent.rbegin()->first - sent.begin()->first + 1 == static_cast<std::int64_t>(sent.size());
  }

  core::SeededRandom random;
  core::Pool pool;
  Forwarder forwarder;
  std::array<std::uint16_t, 2> sequence{0xFFF8, 0x7000};
  std::array<std::uint32_t, 2> timestamp{0xFFFF'F000U, 12'345};
  core::Unwrapper<std::uint16_t> unwrap;
  std::map<std::int64_t, std::uint32_t> sent;
  core::Time now{1s};
};

TEST(ForwarderOfAudio, SwitchesAtOnceAndKeepsTheBeat) {
  Voices room{1};
  for (std::uint32_t i = 0; i < 200; ++i) {
    const std::uint32_t speaker = i / 25 % 2;
    if (i % 25 == 0) room.forwarder.select(Source{speaker}, room.now);
    for (const std::uint32_t from : {speaker, 1 - speaker}) {
      core::Buffer packet = room.packet(from);
      if (from == speaker) room.deliver(from, std::move(packet));
    }
  }
  EXPECT_EQ(room.sent.size(), 200U);
  EXPECT_TRUE(room.continuous());
  EXPECT_FALSE(room.forwarder.poll_event() &&
               room.forwarder.next_timeout());  // nothing to ask sound for
  for (const std::uint32_t step : room.steps()) EXPECT_EQ(step, 960U);
}

TEST(ForwarderOfAudio, PausesOfDtxAndLatePacketsStayInTheirPlaces) {
  Voices room{2};
  room.forwarder.select(Source{0}, room.now);
  for (int i = 0; i < 10; ++i) room.deliver(0, room.packet(0));
  room.timestamp[0] += 20 * 960;  // silence, of which nothing is sent
  core::Buffer late = room.packet(0);
  room.deliver(0, room.packet(0));
  room.forwarder.select(Source{1}, room.now);
  room.deliver(1, room.packet(1));
  EXPECT_FALSE(room.continuous());
  room.deliver(0, room.pool.copy(late.bytes()));
  room.deliver(0, std::move(late));  // twice: once is enough
  EXPECT_EQ(room.forwarder.stats().dropped_late, 1U);
  EXPECT_TRUE(room.continuous());
  const auto steps = room.steps();
  EXPECT_EQ(steps[9], 21U * 960);
  EXPECT_EQ(steps[10], 960U);
}

}  // namespace
}  // namespace lucid::rtp
