#include <map>
#include <set>

#include "sdp/negotiate.hpp"
#include "tests/peer/descriptions.hpp"
#include "tests/peer/lone.hpp"

// What browsers want of an offer beyond what the RFCs do.
namespace lucid::peer {
namespace {

using core::MediaKind;
constexpr core::Time now = Lone::now;

// RFC 9143 7.1.2 would have them say nothing; Firefox falls over that.
TEST(BrowserOffer, BundleOnlySectionsSayTheTransportOfTheirBundle) {
  Lone self{1, {.bundle_policy = BundlePolicy::max_bundle}};
  (void)self.pc.add_transceiver(MediaKind::audio);
  (void)self.pc.add_transceiver(MediaKind::video);
  (void)self.pc.create_data_channel("d", now);
  const auto offer = parsed(self.offer());
  const sdp::MediaSection& first = offer.media.at(0);
  ASSERT_FALSE(first.has("bundle-only"));
  for (const sdp::MediaSection& section : offer.media) {
    EXPECT_EQ(section.find<sdp::IceUfrag>()->text, first.find<sdp::IceUfrag>()->text);
    EXPECT_EQ(section.find<sdp::IcePwd>()->text, first.find<sdp::IcePwd>()->text);
    EXPECT_EQ(section.all<sdp::Fingerprint>().size(), 1U);
    EXPECT_TRUE(section.find<sdp::Setup>());
    EXPECT_EQ(section.media_line().port == 0, &section != &first);
  }
}

// Firefox gives its usual numbers to a section that it adds to a bundle, and one number may mean
// one thing alone in a bundle (RFC 9143 10.1.1).
TEST(BrowserOffer, PayloadTypesKeepClearOfThoseOfFirefox) {
  Lone self;
  (void)self.pc.add_transceiver(MediaKind::audio);
  (void)self.pc.add_transceiver(MediaKind::video);
  const std::set<int> of_firefox{97,  98,  99,  100, 101, 103, 104, 105, 106, 109,
                                 119, 120, 121, 122, 123, 124, 125, 126, 127};
  std::set<int> seen;
  const auto offer = parsed(self.offer());
  for (const sdp::MediaSection& section : offer.media) {
    for (const sdp::Codec& codec : sdp::codecs(section)) {
      EXPECT_FALSE(of_firefox.contains(codec.payload_type))
          << codec.name << " " << +codec.payload_type;
      EXPECT_TRUE(seen.insert(codec.payload_type).second) << codec.name;
    }
  }
}

// RFC 8285 5. Firefox refuses an offer where an id means something else than it did.
TEST(BrowserOffer, ExtensionIdsOutliveTheirSection) {
  Lone self{1};
  Lone other{2};
  std::map<std::uint16_t, std::string> meant;
  const auto read = [&] {
    const auto session = parsed(*self.pc.local_description());
    for (const sdp::MediaSection& section : session.media) {
      for (const sdp::Extmap& extmap : section.all<sdp::Extmap>()) {
        EXPECT_EQ(meant.emplace(extmap.id, extmap.uri).first->second, extmap.uri);
      }
    }
    return session.media.size();
  };
  (void)self.pc.add_transceiver(MediaKind::audio);
  (void)self.pc.create_data_channel("d", now);
  negotiate(self, other);
  read();
  (void)self.pc.get_transceivers().at(0).stop(now);
  negotiate(self, other);
  (void)self.pc.add_transceiver(MediaKind::video);
  negotiate(self, other);
  EXPECT_EQ(read(), 2U);  // in the place of the first
  EXPECT_GT(meant.size(), 4U);
}

// RFC 8839 5.4 lets sections share credentials. Firefox refuses an answer whose bundled section has
// other ones than our offer had there.
TEST(BrowserOffer, TransportsOfAGenerationShareTheirCredentials) {
  Lone self;
  (void)self.pc.add_transceiver(MediaKind::audio);
  (void)self.pc.add_transceiver(MediaKind::video);
  const auto ufrags = [](const SessionDescription& description) {
    std::set<std::string> all;
    for (const auto& section : parsed(description).media) {
      if (const auto ufrag = section.find<sdp::IceUfrag>()) all.insert(ufrag->text);
    }
    return all;
  };
  const auto first = ufrags(self.set_offer());
  EXPECT_EQ(first.size(), 1U);
  self.pc.restart_ice();
  const auto second = ufrags(self.offer());
  EXPECT_EQ(second.size(), 1U);
  EXPECT_NE(second, first);
}

}  // namespace
}  // namespace lucid::peer
