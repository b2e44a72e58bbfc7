#include <fstream>
#include <iterator>

#include "sdp/negotiate.hpp"
#include "sdp/rtp.hpp"
#include "tests/peer/lone.hpp"

// The calls of RFC 9429 7, made here, give descriptions of the same kind as the RFC prints.
namespace lucid::peer {
namespace {

using core::MediaKind;
constexpr core::Time now = Lone::now;

// A line for each section: what it is, where it goes, how it is carried, who begins DTLS.
std::vector<std::string> skeleton(const std::string& text) {
  const auto session = sdp::parse(text);
  EXPECT_TRUE(session) << text;
  const sdp::Bundles bundles{*session};
  std::vector<std::string> lines;
  for (const sdp::MediaSection& section : session->media) {
    std::string line = section.media_line().media;
    if (section.is_rtp()) line += " " + std::string{to_string(session->direction(section))};
    if (bundles.group_of(section.mid())) line += " bundled";
    if (section.has("bundle-only")) line += " bundle-only";
    const auto setup = session->effective<sdp::Setup>(*bundles.transport_of(section));
    if (setup) line += " " + std::string{to_string(setup->role)};
    if (section.is_data()) line += " port " + section.find<sdp::SctpPort>()->value();
    const auto simulcast = section.find<sdp::Simulcast>();
    if (simulcast && !simulcast->send.empty()) {
      line += " simulcast of " + std::to_string(simulcast->send.size());
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> printed(const std::string& name) {
  std::ifstream file{std::string{LUCID_VECTORS} + "/sdp/rfc9429/" + name + ".sdp",
                     std::ios::binary};
  return skeleton({std::istreambuf_iterator<char>{file}, {}});
}

std::vector<std::string> local(const Lone& side) {
  return skeleton(side.pc.local_description()->sdp);
}

// RFC 9429 7.1
TEST(JsepExamples, ASimpleCall) {
  Lone alice{1};
  Lone bob{2};
  for (Lone* side : {&alice, &bob}) {
    (void)side->pc.add_track({MediaKind::audio, "a"}, {"s"});
    (void)side->pc.add_track({MediaKind::video, "v"}, {"s"});
  }
  negotiate(alice, bob);
  EXPECT_EQ(local(alice), printed("a1.offer"));
  EXPECT_EQ(local(bob), printed("a1.answer"));
}

// RFC 9429 7.2
TEST(JsepExamples, ADetailedCall) {
  Lone alice{1, {.bundle_policy = BundlePolicy::max_bundle}};
  Lone bob{2, {.bundle_policy = BundlePolicy::max_bundle}};
  (void)alice.pc.add_track({MediaKind::audio, "a"}, {"s"});
  (void)alice.pc.create_data_channel("d", now);
  (void)bob.pc.add_track({MediaKind::audio, "a"}, {"s"});
  negotiate(alice, bob);
  EXPECT_EQ(local(alice), printed("b1.offer"));
  EXPECT_EQ(local(bob), printed("b1.answer"));

  TransceiverInit three{.streams = {"s"}, .send_encodings = std::vector<RtpEncoding>(3)};
  for (int i = 0; i < 3; ++i) three.send_encodings[static_cast<std::size_t>(i)].rid = "123"[i];
  (void)bob.pc.add_transceiver({MediaKind::video, "screen"}, three);
  (void)bob.pc.add_track({MediaKind::video, "camera"}, {"t"});
  negotiate(bob, alice);
  EXPECT_EQ(local(bob), printed("b2.offer"));
  EXPECT_EQ(local(alice), printed("b2.answer"));
}

// RFC 9429 7.3
TEST(JsepExamples, EarlyTransportWarmup) {
  Lone alice{1, {.bundle_policy = BundlePolicy::max_bundle}};
  Lone bob{2, {.bundle_policy = BundlePolicy::max_bundle}};
  (void)alice.pc.add_track({MediaKind::audio, "a"}, {"s"});
  (void)alice.pc.add_track({MediaKind::video, "v"}, {"s"});
  ASSERT_TRUE(bob.pc.set_remote_description(alice.set_offer(), now));
  EXPECT_EQ(local(alice), printed("c1.offer"));
  // The transports come up while nobody has answered the bell.
  for (Transceiver each : bob.pc.get_transceivers()) {
    EXPECT_TRUE(each.set_direction(Direction::sendonly));
    EXPECT_TRUE(each.sender().set_streams({"t"}));
  }
  ASSERT_TRUE(bob.pc.set_local_description(now));
  alice.accept(*bob.pc.local_description());
  EXPECT_EQ(local(bob), printed("c1.answer"));

  for (Transceiver each : bob.pc.get_transceivers()) {
    EXPECT_TRUE(each.sender().replace_track(MediaStreamTrack{each.kind(), "b"}));
    EXPECT_TRUE(each.set_direction(Direction::sendrecv));
  }
  negotiate(bob, alice);
  EXPECT_EQ(local(bob), printed("c2.offer"));
  EXPECT_EQ(local(alice), printed("c2.answer"));
}

}  // namespace
}  // namespace lucid::peer
