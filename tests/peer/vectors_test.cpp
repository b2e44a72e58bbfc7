#include <filesystem>
#include <fstream>
#include <iterator>

#include "sdp/validate.hpp"
#include "tests/peer/lone.hpp"

// Offers of browsers, servers and telephones (tests/vectors/sdp): each gets an answer that keeps
// the rules, and leaves the connection stable.
namespace lucid::peer {
namespace {

constexpr core::Time now = Lone::now;

std::vector<std::filesystem::path> offers() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator{std::string{LUCID_VECTORS} + "/sdp"}) {
    if (entry.path().string().ends_with(".offer.sdp")) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(Vectors, OffersOfOthersAreAnswered) {
  ASSERT_FALSE(offers().empty());
  for (const auto& path : offers()) {
    SCOPED_TRACE(path.string());
    const std::string offer = text_of(path);
    const auto session = sdp::parse(offer);
    if (!session || !sdp::first_error(sdp::validate(*session, sdp::Type::offer))) continue;
    Lone self;
    (void)self.pc.add_track({core::MediaKind::audio, "a"}, {"s"});
    (void)self.pc.add_track({core::MediaKind::video, "v"}, {"s"});
    (void)self.pc.create_data_channel("d", now);
    const auto set = self.pc.set_remote_description({SdpType::offer, offer}, now);
    ASSERT_TRUE(set) << set.error().text();
    const auto answer = self.pc.create_answer(now);
    ASSERT_TRUE(answer) << answer.error().text();
    const auto answered = sdp::parse(answer->sdp);
    ASSERT_TRUE(answered) << answered.error().text();
    const auto valid = sdp::first_error(sdp::validate(*answered, sdp::Type::answer));
    EXPECT_TRUE(valid) << valid.error().text() << "\n" << answer->sdp;
    const auto fits = sdp::first_error(sdp::check_answer(*session, *answered));
    EXPECT_TRUE(fits) << fits.error().text() << "\n" << answer->sdp;
    EXPECT_TRUE(self.pc.set_local_description(*answer, now));
    EXPECT_EQ(self.pc.signaling_state(), SignalingState::stable);
  }
}

}  // namespace
}  // namespace lucid::peer
