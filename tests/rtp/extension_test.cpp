#include "rtp/extension.hpp"

#include <gtest/gtest.h>

#include "rtp/extension_values.hpp"

namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;

template <class Value>
std::optional<Value> round_trip(const Value& value) {
  ExtensionMap map;
  map.add(3, Value::type);
  HeaderWriter writer{{}};
  EXPECT_TRUE(add(writer, map, value));
  static std::vector<std::uint8_t> kept;  // text values borrow the packet
  kept.assign(writer.bytes().begin(), writer.bytes().end());
  return read<Value>(*Packet::parse(kept), map);
}

// RFC 8285 4.2
TEST(ExtensionMap, HoldsOneIdForEachExtension) {
  ExtensionMap map;
  EXPECT_TRUE(map.add(1, ExtensionType::mid));
  EXPECT_FALSE(map.add(1, ExtensionType::rid));
  EXPECT_FALSE(map.add(2, ExtensionType::mid));
  EXPECT_FALSE(map.add(0, ExtensionType::rid));
  EXPECT_FALSE(map.add(15, ExtensionType::rid));
  EXPECT_EQ(map.id(ExtensionType::mid), 1);
  EXPECT_EQ(map.type(1), ExtensionType::mid);
  EXPECT_FALSE(map.type(0));
  EXPECT_FALSE(map.has(ExtensionType::rid));
}

TEST(ExtensionType, UrisRoundTrip) {
  for (std::size_t i = 0; i < extension_type_count; ++i) {
    const ExtensionType type{static_cast<std::uint8_t>(i)};
    EXPECT_EQ(extension_from_uri(uri(type)), type);
    EXPECT_FALSE(to_string(type).empty());
  }
  EXPECT_FALSE(extension_from_uri("urn:example"));
}

// RFC 9143 15.2, RFC 8852 3.1, RFC 8852 3.2
TEST(Extension, IdentifiersRoundTrip) {
  EXPECT_EQ(round_trip(Mid{"audio0"})->text, "audio0");
  EXPECT_EQ(round_trip(Rid{"q"})->text, "q");
  EXPECT_EQ(round_trip(RepairedRid{"hi"})->text, "hi");
}

// RFC 6464 3, RFC 6465 3
TEST(Extension, AudioLevelsRoundTrip) {
  const auto level = round_trip(AudioLevel{.level = 42, .voice = true});
  ASSERT_TRUE(level);
  EXPECT_EQ(level->level, 42);
  EXPECT_TRUE(level->voice);
  MixerAudioLevels mixer;
  mixer.levels = {1, 2, 127};
  mixer.count = 3;
  const auto read_back = round_trip(mixer);
  ASSERT_TRUE(read_back);
  EXPECT_EQ(read_back->count, 3);
  EXPECT_EQ(read_back->levels[2], 127);
}

TEST(Extension, TransportSequencesRoundTrip) {
  EXPECT_EQ(round_trip(TransportSequence{0xFFFE})->sequence, 0xFFFE);
  const auto plain = round_trip(TransportSequenceV2{.sequence = 9, .request = std::nullopt});
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->request);
  const auto asking = round_trip(
      TransportSequenceV2{.sequence = 9, .request = {{.include_timestamps = true, .count = 5}}});
  ASSERT_TRUE(asking && asking->request);
  EXPECT_TRUE(asking->request->include_timestamps);
  EXPECT_EQ(asking->request->count, 5);
}

TEST(Extension, AbsSendTimeWrapsAfter64Seconds) {
  const auto before = AbsSendTime::at(core::Time{63'990ms});
  const auto after = AbsSendTime::at(core::Time{64'010ms});
  EXPECT_LT(after.value, before.value);
  EXPECT_NEAR(static_cast<double>(after.since(before).count()), 20'000, 8);
  EXPECT_NEAR(static_cast<double>(before.since(after).count()), -20'000, 8);
  EXPECT_EQ(AbsSendTime::at(core::Time{1s}).value, 1U << 18);
}

TEST(Extension, AbsCaptureTimeRoundTripsWithAndWithoutOffset) {
  const AbsCaptureTime plain{.capture = NtpTime{0x0123456789ABCDEF}, .clock_offset = std::nullopt};
  EXPECT_EQ(round_trip(plain)->capture, plain.capture);
  EXPECT_FALSE(round_trip(plain)->clock_offset);
  const AbsCaptureTime offset{.capture = NtpTime{1}, .clock_offset = -5};
  EXPECT_EQ(round_trip(offset)->clock_offset, -5);
}

// RFC 5450 3
TEST(Extension, TransmissionOffsetIsSigned) {
  EXPECT_EQ(round_trip(TransmissionOffset{-1000})->ticks, -1000);
  EXPECT_EQ(round_trip(TransmissionOffset{0x7FFFFF})->ticks, 0x7FFFFF);
}

TEST(Extension, VideoOrientationRoundTrips) {
  const auto turned =
      round_trip(VideoOrientation{.rotation = 270, .flip = true, .back_camera = true});
  ASSERT_TRUE(turned);
  EXPECT_EQ(turned->rotation, 270);
  EXPECT_TRUE(turned->flip);
  EXPECT_TRUE(turned->back_camera);
}

TEST(Extension, PlayoutDelayRoundTripsInStepsAndRefusesCrossedBounds) {
  const auto delay = round_trip(PlayoutDelay{.least = 104ms, .most = 50s});
  ASSERT_TRUE(delay);
  EXPECT_EQ(delay->least, 100ms);
  EXPECT_EQ(delay->most, 40'950ms);
  EXPECT_FALSE(PlayoutDelay::parse(*core::from_hex("002001")));
}

TEST(Extension, ContentTypeRoundTrips) {
  EXPECT_TRUE(round_trip(VideoContentType{true})->screen);
  EXPECT_FALSE(round_trip(VideoContentType{false})->screen);
}

TEST(Extension, ValuesOfTheWrongLengthAreNotRead) {
  const auto five = *core::from_hex("0102030405");
  EXPECT_FALSE(TransportSequence::parse(five));
  EXPECT_FALSE(TransportSequenceV2::parse(five));
  EXPECT_FALSE(AbsSendTime::parse(five));
  EXPECT_FALSE(AbsCaptureTime::parse(five));
  EXPECT_FALSE(TransmissionOffset::parse(five));
  EXPECT_FALSE(VideoOrientation::parse(five));
  EXPECT_FALSE(PlayoutDelay::parse(five));
  EXPECT_FALSE(AudioLevel::parse({}));
  EXPECT_FALSE(Mid::parse({}));
}

TEST(Extension, IsFilledInWhenThePacketLeaves) {
  ExtensionMap map;
  map.add(4, ExtensionType::transport_sequence);
  HeaderWriter writer{{}};
  ASSERT_TRUE(add(writer, map, TransportSequence{0}));
  std::vector<std::uint8_t> packet(writer.bytes().begin(), writer.bytes().end());
  EXPECT_TRUE(overwrite(packet, map, TransportSequence{77}));
  EXPECT_FALSE(overwrite(packet, map, AbsSendTime{1}));
  EXPECT_EQ(read<TransportSequence>(*Packet::parse(packet), map)->sequence, 77);
}

TEST(NtpTime, CountsFrom1900AndComesBack) {
  const core::WallClock wall{core::WallClock::Microseconds{1'700'000'000'000'000}};
  const core::Time time{1'250ms};
  const NtpTime ntp = NtpTime::at(time, wall);
  EXPECT_EQ(ntp.seconds(), 1'700'000'001U + 2'208'988'800U);
  EXPECT_EQ(ntp.fraction(), 1U << 30);
  EXPECT_EQ(ntp.time(wall), time);
  EXPECT_EQ(from_compact_ntp(to_compact_ntp(1'500ms)), 1'500ms);
  EXPECT_EQ(to_compact_ntp(-1s), 0U);
}

TEST(Ticks, ConvertBothWays) {
  EXPECT_EQ(ticks_to_duration(90'000 * 3 + 45, 90'000), 3s + 500us);
  EXPECT_EQ(duration_to_ticks(20ms, 48'000), 960);
  EXPECT_EQ(duration_to_ticks(ticks_to_duration(-3000, 90'000) - 1us, 90'000), -3000);
}

}  // namespace
}  // namespace lucid::rtp
