#include "tests/peer/descriptions.hpp"
#include "tests/peer/lone.hpp"

// Descriptions and candidates that must not be taken: each is refused with its reason, and the
// connection is as it was.
namespace lucid::peer {
namespace {

using namespace std::chrono_literals;
constexpr core::Time now = Lone::now;

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}
std::string without_line(std::string text, std::string_view start) {
  const auto at = text.find(start);
  EXPECT_NE(at, std::string::npos) << start;
  return text.erase(at, text.find('\n', at) + 1 - at);
}

struct Refusal : testing::Test {
  Refusal() {
    (void)peer.pc.add_track({core::MediaKind::video, "v"});
    (void)peer.pc.create_data_channel("d", now);
    offer = peer.set_offer().sdp;
  }
  // The error; and afterwards the good offer still works.
  Error refused(const std::string& text) {
    const auto result = self.pc.set_remote_description({SdpType::offer, text}, now);
    EXPECT_FALSE(result) << text;
    EXPECT_EQ(self.pc.signaling_state(), SignalingState::stable);
    EXPECT_TRUE(self.pc.get_transceivers().empty());
    EXPECT_TRUE(self.pc.set_remote_description({SdpType::offer, offer}, now));
    return result ? Error{} : result.error();
  }

  Lone self{1};
  Lone peer{2};
  std::string offer;
};

TEST_F(Refusal, BrokenSyntaxNamesLineAndColumn) {
  const Error error = refused(replaced(offer, "a=sctp-port:5000", "a=sctp-port:many"));
  EXPECT_EQ(error.name, ErrorName::operation_error);
  EXPECT_EQ(error.detail, ErrorDetail::sdp_syntax_error);
  EXPECT_TRUE(error.sdp_line_number);
  EXPECT_TRUE(error.sdp_column);
  EXPECT_FALSE(error.message.empty());
}

TEST_F(Refusal, NoText) { EXPECT_EQ(refused("").detail, ErrorDetail::sdp_syntax_error); }

TEST_F(Refusal, TruncatedText) {
  const auto error = refused(offer.substr(0, offer.find("a=fingerprint")));
  EXPECT_FALSE(error.sdp_rule.empty());
}

// RFC 8122 5
TEST_F(Refusal, MissingFingerprint) {
  std::string text = offer;
  while (text.find("a=fingerprint") != std::string::npos)
    text = without_line(text, "a=fingerprint");
  EXPECT_EQ(refused(text).name, ErrorName::invalid_access_error);
}

TEST_F(Refusal, MalformedFingerprint) {
  const auto error =
      refused(replaced(offer, "a=fingerprint:sha-256 ", "a=fingerprint:sha-256 ZZ:"));
  EXPECT_EQ(error.detail, ErrorDetail::sdp_syntax_error);
  EXPECT_TRUE(error.sdp_line_number);
}

// RFC 5888 4
TEST_F(Refusal, TwoSectionsOfOneMid) {
  EXPECT_TRUE(refused(replaced(offer, "a=mid:1", "a=mid:0")).sdp_line_number);
}

TEST_F(Refusal, OversizedText) {
  (void)refused(offer + "a=x:" + std::string(5U << 20, 'x') + "\r\n");
}

TEST_F(Refusal, MoreCandidatesThanAnyoneHas) {
  std::string text = offer;
  for (int i = 0; i < 6000; ++i) {
    text += "a=candidate:1 1 udp 1 192.0.2.7 " + std::to_string(1000 + i) + " typ host\r\n";
  }
  EXPECT_FALSE(refused(text).message.empty());
}

// Cut at any byte a description is taken as a whole or not at all, and whoever refuses it says why.
TEST_F(Refusal, TextCutAnywhere) {
  for (std::size_t size = 0; size < offer.size(); ++size) {
    SCOPED_TRACE(size);
    const auto set = self.pc.set_remote_description({SdpType::offer, offer.substr(0, size)}, now);
    if (set) {
      EXPECT_TRUE(self.pc.set_remote_description({SdpType::rollback, ""}, now));
      (void)self.take<events::Track>();
    } else {
      EXPECT_FALSE(set.error().sdp_rule.empty());
      EXPECT_TRUE(set.error().sdp_line_number);
    }
    ASSERT_EQ(self.pc.signaling_state(), SignalingState::stable);
    ASSERT_TRUE(self.pc.get_transceivers().empty());
    ASSERT_TRUE(self.take<events::Track>().empty());
  }
  EXPECT_TRUE(self.pc.set_remote_description({SdpType::offer, offer}, now));
}

// RFC 3264 8.3.2: a payload type means the same as long as the session lasts.
TEST_F(Refusal, AnotherCodecUnderAnOldNumber) {
  peer.accept(self.answer_to({SdpType::offer, offer}));
  const auto next = peer.set_offer().sdp;
  const auto error = self.pc.set_remote_description(
      {SdpType::offer, replaced(next, "a=rtpmap:96 VP8/", "a=rtpmap:96 VP9/")}, now);
  ASSERT_FALSE(error);
  EXPECT_TRUE(error.error().sdp_line_number);
  EXPECT_TRUE(self.pc.set_remote_description({SdpType::offer, next}, now));
}

// RFC 8842 4: another certificate is another association, and needs other ICE credentials.
TEST_F(Refusal, AnotherFingerprintOnTheSameTransport) {
  peer.accept(self.answer_to({SdpType::offer, offer}));
  const auto next = peer.set_offer().sdp;
  const std::string changed = of_another_certificate(next);
  EXPECT_FALSE(self.pc.set_remote_description({SdpType::offer, changed}, now));
  EXPECT_EQ(self.pc.signaling_state(), SignalingState::stable);
  EXPECT_TRUE(self.pc.set_remote_description({SdpType::offer, next}, now));
}

// RFC 8842 4 would let it begin a new association; we have none to begin on an old transport.
TEST_F(Refusal, AnotherFingerprintWithAnIceRestart) {
  peer.accept(self.answer_to({SdpType::offer, offer}));
  peer.pc.restart_ice();
  const auto next = peer.set_offer().sdp;
  const std::string changed = of_another_certificate(next);
  const auto refused = self.pc.set_remote_description({SdpType::offer, changed}, now);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("certificate"), std::string::npos);
  EXPECT_EQ(self.pc.signaling_state(), SignalingState::stable);
  EXPECT_TRUE(self.pc.set_remote_description({SdpType::offer, next}, now));
}

TEST_F(Refusal, UnknownFingerprintHash) {
  std::string text = offer;
  for (auto at = text.find("sha-256"); at != std::string::npos; at = text.find("sha-256")) {
    text.replace(at, 7, "md9-256");
  }
  (void)refused(text);
}

// RFC 9143 7.2
TEST_F(Refusal, UnknownBundleTag) {
  EXPECT_TRUE(refused(replaced(offer, "a=group:BUNDLE 0", "a=group:BUNDLE 7")).sdp_line_number);
}

TEST_F(Refusal, MissingCredentials) { (void)refused(without_line(offer, "a=ice-pwd")); }

TEST_F(Refusal, PayloadTypeUsedTwice) {
  (void)refused(replaced(offer, "a=rtpmap:96 ", "a=rtpmap:96 PCMU/8000\r\na=rtpmap:96 "));
}

// RFC 9429 5.8
TEST_F(Refusal, AnswersAreHeldAgainstTheOffer) {
  const auto answer = self.answer_to({SdpType::offer, offer});
  const auto fewer = answer.sdp.substr(0, answer.sdp.find("m=application"));
  EXPECT_FALSE(peer.pc.set_remote_description({SdpType::answer, fewer}, now));
  const auto active = replaced(answer.sdp, "a=setup:active", "a=setup:actpass");
  EXPECT_FALSE(peer.pc.set_remote_description({SdpType::answer, active}, now));
  EXPECT_EQ(peer.pc.signaling_state(), SignalingState::have_local_offer);
  EXPECT_TRUE(peer.pc.set_remote_description(answer, now));
}

TEST_F(Refusal, ALaterOfferMayNotDropASection) {
  peer.accept(self.answer_to({SdpType::offer, offer}));
  const auto next = peer.set_offer().sdp;
  const auto fewer = next.substr(0, next.find("m=application"));
  EXPECT_FALSE(self.pc.set_remote_description({SdpType::offer, fewer}, now));
  EXPECT_EQ(self.pc.signaling_state(), SignalingState::stable);
  EXPECT_TRUE(self.pc.set_remote_description({SdpType::offer, next}, now));
}

// RFC 8838 14
TEST_F(Refusal, Candidates) {
  ASSERT_TRUE(self.pc.set_remote_description({SdpType::offer, offer}, now));
  const std::string line = "candidate:1 1 udp 2130706431 192.0.2.7 5000 typ host";
  const auto name_of = [&](const IceCandidate& candidate) {
    const auto result = self.pc.add_ice_candidate(candidate, now);
    return result ? std::string{} : std::string{to_string(result.error().name)};
  };
  EXPECT_EQ(name_of({.candidate = line}), "TypeError");
  EXPECT_EQ(name_of({.candidate = line, .sdp_mid = "nobody"}), "OperationError");
  EXPECT_EQ(name_of({.candidate = line, .sdp_m_line_index = 9}), "OperationError");
  EXPECT_EQ(name_of({.candidate = line, .sdp_mid = "0", .username_fragment = "wrong"}),
            "OperationError");
  EXPECT_EQ(name_of({.candidate = "candidate:nonsense", .sdp_mid = "0"}), "OperationError");
  EXPECT_EQ(name_of({.candidate = line, .sdp_mid = "0"}), "");
  EXPECT_EQ(name_of({.candidate = "", .sdp_mid = "0"}), "");
  EXPECT_TRUE(self.pc.add_ice_candidate(std::nullopt, now));
  EXPECT_NE(self.pc.remote_description()->sdp.find("192.0.2.7 5000"), std::string::npos);
}

// RFC 7064 3.1, RFC 7065 3.1
TEST(Configuration, BadServersAreRefused) {
  core::SeededRandom random{1};
  core::Pool pool;
  const auto error_of = [&](std::string url, std::string user = "", std::string secret = "") {
    Configuration configuration;
    configuration.ice_servers.push_back({{std::move(url)}, std::move(user), std::move(secret)});
    const auto made = PeerConnection::create(configuration, {random, pool}, now);
    return made ? std::string{} : std::string{to_string(made.error().name)};
  };
  EXPECT_EQ(error_of("stun:example.org"), "");
  EXPECT_EQ(error_of("turn:example.org:3478?transport=tcp", "user", "secret"), "");
  EXPECT_EQ(error_of("turns:[2001:db8::1]:443", "user", "secret"), "");
  EXPECT_EQ(error_of("turn:example.org"), "InvalidAccessError");
  EXPECT_EQ(error_of("http://example.org"), "SyntaxError");
  EXPECT_EQ(error_of("stun:example.org:0"), "SyntaxError");
  EXPECT_EQ(error_of("stun:"), "SyntaxError");
  EXPECT_EQ(error_of("turn:example.org?transport=sctp", "user", "secret"), "SyntaxError");
}

}  // namespace
}  // namespace lucid::peer
