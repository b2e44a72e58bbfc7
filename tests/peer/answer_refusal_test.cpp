#include "tests/peer/lone.hpp"

// Answers that must not be taken: each is refused with its line and rule; the offer goes on
// waiting, and the right answer is taken still.
namespace lucid::peer {
namespace {

constexpr core::Time now = Lone::now;

std::string with(std::string text, std::string_view from, std::string_view to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

struct AnswerRefusal : testing::Test {
  AnswerRefusal() {
    (void)self.pc.add_track({core::MediaKind::audio, "a"});
    (void)self.pc.add_track({core::MediaKind::video, "v"});
    (void)self.pc.create_data_channel("d", now);
    answer = peer.answer_to(self.set_offer()).sdp;
  }
  // The rule by which it is refused, in a connection that is as it was.
  std::string rule_of(const std::string& text, SdpType type = SdpType::answer) {
    const auto before = self.pc.signaling_state();
    const auto directions = directions_now();
    const auto set = self.pc.set_remote_description({type, text}, now);
    EXPECT_EQ(self.pc.signaling_state(), before);
    EXPECT_EQ(directions_now(), directions);
    if (set) return "taken";
    EXPECT_TRUE(set.error().sdp_line_number) << set.error().text();
    EXPECT_FALSE(set.error().message.empty());
    return set.error().sdp_rule.substr(0, set.error().sdp_rule.find(' '));
  }
  std::vector<std::optional<Direction>> directions_now() const {
    std::vector<std::optional<Direction>> all;
    for (const Transceiver& each : self.pc.get_transceivers()) {
      all.push_back(each.current_direction());
    }
    return all;
  }

  Lone self{1};
  Lone peer{2};
  std::string answer;
};

TEST_F(AnswerRefusal, OfKeysThatLackOrContradict) {
  EXPECT_EQ(rule_of(with(answer, "a=fingerprint:", "a=x:")), "fingerprint-missing");
  const std::string other = with(answer, "UDP/TLS/RTP/SAVPF", "RTP/SAVPF");
  EXPECT_EQ(rule_of(with(other, "a=fingerprint:", "a=x:")), "fingerprint-missing");
  EXPECT_EQ(rule_of(with(answer, "sha-256", "sha-9")), "fingerprint-hash-unknown");
  EXPECT_EQ(rule_of(with(answer, "sha-256 ", "sha-256 00:")), "fingerprint");
  EXPECT_EQ(rule_of(with(answer, "sha-256 ", "sha-256 G")), "fingerprint");
  EXPECT_EQ(rule_of(with(answer, "a=ice-pwd:", "a=x:")), "ice-credentials-missing");
  EXPECT_EQ(rule_of(with(answer, "a=setup:active", "a=setup:actpass")), "setup-conflict");
  EXPECT_EQ(rule_of(with(answer, "a=setup:active", "a=setup:holdconn")), "setup-conflict");
  EXPECT_EQ(rule_of(with(answer, "a=setup:active", "a=setup:client")), "setup");
  self.accept({SdpType::answer, answer});
}

TEST_F(AnswerRefusal, OfSectionsThatAreOthers) {
  EXPECT_EQ(rule_of(with(answer, "BUNDLE 0 1 2", "BUNDLE 0 1 9")), "bundle-tag-unknown");
  EXPECT_EQ(rule_of(with(answer, "BUNDLE 0 1 2", "BUNDLE 0 1 1")), "bundle-tag-repeated");
  EXPECT_EQ(rule_of(with(answer, "a=mid:1", "a=mid:0")), "bundle-tag-unknown");
  EXPECT_EQ(rule_of(with(with(answer, "BUNDLE 0 1 2", "BUNDLE 0 2"), "a=mid:1", "a=mid:0")),
            "mid-duplicate");
  EXPECT_EQ(rule_of(with(with(answer, "BUNDLE 0 1 2", "BUNDLE 0 2"), "a=mid:1", "a=mid:x")),
            "answer-mid");
  EXPECT_EQ(rule_of(with(answer, "m=video", "m=audio")), "answer-media");
  EXPECT_EQ(rule_of(with(answer, "UDP/DTLS/SCTP webrtc-datachannel", "UDP/TLS/RTP/SAVPF 0")),
            "answer-protocol");
  EXPECT_EQ(rule_of(answer.substr(0, answer.find("m=application"))), "bundle-tag-unknown");
  EXPECT_EQ(rule_of(answer + "m=audio 0 RTP/AVP 0\r\n"), "answer-section-count");
  self.accept({SdpType::answer, answer});
}

TEST_F(AnswerRefusal, OfFormatsThatWereNotOffered) {
  const std::string_view pcmu = "a=rtpmap:0 PCMU/8000\r\n";
  EXPECT_EQ(rule_of(with(answer, pcmu, "a=rtpmap:0 PCMU/8000\r\na=rtpmap:0 opus/48000/2\r\n")),
            "payload-type-conflict");
  const std::string video =
      with(answer, "m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 UDP/TLS/RTP/SAVPF 0");
  EXPECT_EQ(rule_of(with(video, "m=application", "a=rtpmap:0 VP8/90000\r\nm=application")),
            "payload-type-conflict");
  std::string none = answer;
  const auto line = none.find("m=audio");
  none.replace(line, none.find("\r\n", line) - line, "m=audio 9 UDP/TLS/RTP/SAVPF 35");
  none.insert(none.find("m=video"), "a=rtpmap:35 nothing/8000\r\n");
  EXPECT_EQ(rule_of(none), "answer-codec");
  const auto uri = answer.find(" urn:ietf:params:rtp-hdrext:sdes:mid");
  const auto start = answer.rfind("a=extmap:", uri);
  EXPECT_EQ(rule_of(with(answer, answer.substr(start, uri - start + 1), "a=extmap:13 ")),
            "answer-extmap");
  EXPECT_EQ(rule_of(with(answer, "a=rtcp-mux\r\n", "")), "answer-rtcp-mux");
  EXPECT_EQ(rule_of(with(answer, "a=sctp-port:5000", "a=sctp-port:70000")), "sctp-port");
  self.accept({SdpType::answer, answer});
}

// RFC 9429 5.8: what a provisional answer has said of keys holds for the answer.
TEST_F(AnswerRefusal, OfAnotherCertificateThanTheProvisionalOne) {
  ASSERT_TRUE(self.pc.set_remote_description({SdpType::pranswer, answer}, now));
  const auto start = answer.find("a=fingerprint:sha-256 ") + 22;
  const std::string fingerprint = answer.substr(start, 95);
  std::string other = fingerprint;
  other[0] = other[0] == 'A' ? 'B' : 'A';
  EXPECT_EQ(rule_of(with(answer, fingerprint, other)), "transport-changed");
  self.accept({SdpType::answer, answer});
}

// RFC 8842 5.5: roles stay as long as the association does.
TEST_F(AnswerRefusal, OfARoleThatChanges) {
  self.accept({SdpType::answer, answer});
  const auto next = peer.answer_to(self.set_offer()).sdp;
  EXPECT_EQ(rule_of(with(next, "a=setup:active", "a=setup:passive")), "setup-changed");
  self.accept({SdpType::answer, next});
}

// Firefox does, and goes on with the association as it is.
TEST_F(AnswerRefusal, IsNotForARoleTurnedRoundWithAnIceRestart) {
  self.accept({SdpType::answer, answer});
  self.pc.restart_ice();
  const auto next = peer.answer_to(self.set_offer()).sdp;
  self.accept({SdpType::answer, with(next, "a=setup:active", "a=setup:passive")});
  // And stays with it from then on.
  const auto later = peer.answer_to(self.set_offer()).sdp;
  self.accept({SdpType::answer, with(later, "a=setup:active", "a=setup:passive")});
}

TEST_F(AnswerRefusal, OfTextCutAnywhere) {
  const std::string keep = self.pc.local_description()->sdp;
  for (std::size_t size = 0; size < answer.size(); ++size) {
    const auto cut = answer.substr(0, size);
    // What follows in the last section has defaults.
    if (cut.find("a=mid:2") != std::string::npos) break;
    SCOPED_TRACE(size);
    const auto set = self.pc.set_remote_description({SdpType::answer, cut}, now);
    ASSERT_FALSE(set);
    EXPECT_FALSE(set.error().sdp_rule.empty());
    ASSERT_EQ(self.pc.signaling_state(), SignalingState::have_local_offer);
  }
  EXPECT_EQ(self.pc.local_description()->sdp, keep);
  self.accept({SdpType::answer, answer});
}

}  // namespace
}  // namespace lucid::peer
