#include "peer/detail/transport_set.hpp"
#include "tests/peer/descriptions.hpp"
#include "tests/peer/lone.hpp"

// What the other side may say to cost memory, time or the connection.
namespace lucid::peer {
namespace {

constexpr core::Time now = Lone::now;

std::string section(std::string_view media_line, int mid, std::string_view more = "") {
  return std::string{media_line}
      .append("\r\na=mid:" + std::to_string(mid) + "\r\n")
      .append("a=rtcp-mux\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n")
      .append("a=setup:actpass\r\na=fingerprint:sha-1 ")
      .append("4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB\r\n")
      .append(more);
}
SessionDescription offer_of(const std::string& sections) {
  return {SdpType::offer, "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n" + sections};
}
constexpr std::string_view audio = "m=audio 9 UDP/TLS/RTP/SAVPF 0";
constexpr std::string_view video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000";

std::string candidate(int number) {
  return "candidate:1 1 udp 1 192.0.2.7 " + std::to_string(number) + " typ host";
}

TEST(Hostile, CandidatesWithoutEndAreNotKept) {
  Lone self;
  self.answer_to(offer_of(section(audio, 0)));
  const auto say = [&](int number) {
    return self.pc.add_ice_candidate(IceCandidate{candidate(number), "0", {}, {}}, now);
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(say(1));
  EXPECT_EQ(count(self.pc.remote_description()->sdp, "a=candidate"), 1U) << "the same again";
  for (int i = 1; i <= 280; ++i) EXPECT_TRUE(say(i));
  EXPECT_EQ(count(self.pc.remote_description()->sdp, "a=candidate"), 256U);
}

TEST(Hostile, TheEndOfCandidatesIsToldOnceToManySections) {
  std::string sections;
  std::string group = "a=group:BUNDLE";
  for (int i = 0; i < 200; ++i) {
    sections += section(audio, i);
    group += " " + std::to_string(i);
  }
  Lone self;
  self.answer_to(offer_of(group + "\r\n" + sections));
  EXPECT_TRUE(self.pc.add_ice_candidate(std::nullopt, now));
  EXPECT_EQ(count(self.pc.remote_description()->sdp, "a=end-of-candidates"), 200U);
}

// RFC 8853 5.3.2
TEST(Hostile, SimulcastWithoutEndIsTakenInPart) {
  std::string rids;
  std::string streams = "nobody";
  for (int i = 0; i < 100; ++i) {
    rids += "a=rid:" + std::to_string(i) + " recv\r\na=rid:s" + std::to_string(i) + " send\r\n";
    streams += ";" + std::to_string(i);
  }
  std::string sent = "s0";
  for (int i = 1; i < 100; ++i) sent += ";s" + std::to_string(i);
  rids += "a=simulcast:recv " + streams + " send " + sent + "\r\n";
  Lone self;
  auto sender = self.pc.add_track({core::MediaKind::video, "v"});
  const auto answer = self.answer_to(offer_of(section(video, 0, rids)));
  const auto encodings = sender->get_parameters().encodings;
  ASSERT_EQ(encodings.size(), 16U);
  EXPECT_EQ(encodings.front().rid, "0") << "nothing describes the first";
  EXPECT_EQ(count(answer.sdp, "a=rid:"), 32U);
}

TEST(Hostile, OffersThatReplaceEachOtherLeaveNothingBehind) {
  Lone self;
  (void)self.pc.add_track({core::MediaKind::audio, "a"});
  for (int i = 0; i < 20; ++i) {
    const auto offer = offer_of(section(audio, 2 * i) + section(video, 2 * i + 1));
    ASSERT_TRUE(self.pc.set_remote_description(offer, now));
    ASSERT_EQ(self.pc.get_transceivers().size(), 2U);
  }
  // The place of the video is one of sound now.
  const auto answer = self.answer_to(offer_of(section(audio, 39) + section(audio, 38)));
  EXPECT_EQ(count(answer.sdp, "m=audio 9"), 2U);
  EXPECT_EQ(self.pc.get_transceivers().size(), 2U);
}

struct ProvisionalAnswer : testing::Test {
  ProvisionalAnswer() {
    (void)left.pc.add_track({core::MediaKind::audio, "a"});
    channel = *left.pc.create_data_channel("data", now);
    answer = right.answer_to(left.set_offer()).sdp;
    data = answer.find("m=application");
  }
  Lone left{1};
  Lone right{2};
  DataChannel channel;
  std::string answer;
  std::size_t data = 0;
};

TEST_F(ProvisionalAnswer, MayLeaveTheTransportOfABundledSectionUnsaid) {
  std::string bare = answer.substr(0, data);
  std::string rest = answer.substr(data);
  for (const char* line : {"a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup"}) {
    const auto at = rest.find(line);
    rest.erase(at, rest.find('\n', at) + 1 - at);
  }
  left.accept({SdpType::pranswer, bare + rest});
  EXPECT_FALSE(left.pc.max_message_size());
  left.accept({SdpType::answer, answer});
  EXPECT_EQ(channel.ready_state(), DataChannelState::connecting);
}

TEST_F(ProvisionalAnswer, ThatRefusesDataEndsNoChannel) {
  std::string refusing = answer;
  refusing.replace(data, std::string_view{"m=application 9"}.size(), "m=application 0");
  const auto group = refusing.find("a=group:BUNDLE 0 1");
  ASSERT_NE(group, std::string::npos);
  refusing.replace(group, 18, "a=group:BUNDLE 0");
  left.accept({SdpType::pranswer, refusing});
  EXPECT_EQ(channel.ready_state(), DataChannelState::connecting);
  left.accept({SdpType::answer, answer});
  EXPECT_EQ(channel.ready_state(), DataChannelState::connecting);
}

// An id of the edge has room for 4096 transports.
TEST(Hostile, TransportsMayComeAndGoWithoutEnd) {
  core::SeededRandom random{1};
  core::Pool pool;
  const detail::Transport::Config config{
      {}, {.certificate = *dtls::Certificate::generate({}, now), .wall_clock = {}}};
  detail::TransportSet set;
  const auto first = set.add("0", config, {random, pool}, now).id;
  for (int i = 0; i < 4100; ++i) {
    auto& entry = set.add("1", config, {random, pool}, now);
    ASSERT_NE(entry.id, first);
    ASSERT_LT(entry.id, 4096U);
    entry.mids.clear();
    set.remove_unused(now);
  }
}

}  // namespace
}  // namespace lucid::peer
