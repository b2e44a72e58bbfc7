#include "peer/states.hpp"
#include "tests/peer/lone.hpp"

// Every call in every signaling state (W3C webrtc-pc 4.3.1, 4.4.1.5; RFC 9429 3.2).
namespace lucid::peer {
namespace {

using S = SignalingState;
constexpr core::Time now = Lone::now;

// A connection brought to a state, and descriptions of its peer that would fit there.
struct InState {
  explicit InState(S state, std::optional<MediaStreamTrack> track = {}) {
    if (track) sender = *self.pc.add_track(*track);
    (void)peer.pc.create_data_channel("theirs", now);
    (void)self.pc.create_data_channel("ours", now);
    switch (state) {
      case S::stable:
        break;
      case S::have_local_offer:
        theirs = peer.answer_to(self.set_offer());
        break;
      case S::have_remote_pranswer: {
        theirs = peer.answer_to(self.set_offer());
        EXPECT_TRUE(self.pc.set_remote_description({SdpType::pranswer, theirs.sdp}, now));
        break;
      }
      case S::have_remote_offer:
        EXPECT_TRUE(self.pc.set_remote_description(peer.set_offer(), now));
        break;
      case S::have_local_pranswer: {
        EXPECT_TRUE(self.pc.set_remote_description(peer.set_offer(), now));
        const auto answer = self.pc.create_answer(now);
        EXPECT_TRUE(self.pc.set_local_description({SdpType::pranswer, answer->sdp}, now));
        break;
      }
      case S::closed:
        self.pc.close(now);
        break;
    }
    EXPECT_EQ(self.pc.signaling_state(), state);
  }

  Lone self{1};
  Lone peer{2};
  SessionDescription theirs;
  Sender sender;  // of the track, if there is one
};

constexpr S all_states[] = {S::stable,
                            S::have_local_offer,
                            S::have_remote_offer,
                            S::have_local_pranswer,
                            S::have_remote_pranswer,
                            S::closed};

std::string outcome(const InState& at, const auto& result) {
  return result ? std::string{to_string(at.self.pc.signaling_state())}
                : std::string{to_string(result.error().name)};
}

// What a call gives in each of the states, in the order of all_states.
template <class Run>
std::vector<std::string> walk(Run run, std::optional<MediaStreamTrack> track = {}) {
  std::vector<std::string> outcomes;
  for (const S state : all_states) {
    InState at{state, track};
    const auto result = run(at);
    outcomes.push_back(outcome(at, result));
    if (!result) {
      EXPECT_EQ(at.self.pc.signaling_state(), state) << "a refusal changes nothing";
    }
  }
  return outcomes;
}

using Outcomes = std::vector<std::string>;
constexpr auto invalid = "InvalidStateError";
// Of what may be done in any state but closed.
const Outcomes while_open{"stable",
                          "have-local-offer",
                          "have-remote-offer",
                          "have-local-pranswer",
                          "have-remote-pranswer",
                          invalid};

// RFC 9429 4.1.8
TEST(Signaling, CreateOffer) {
  EXPECT_EQ(walk([](InState& at) { return at.self.pc.create_offer(now); }),
            (Outcomes{"stable", "have-local-offer", invalid, invalid, invalid, invalid}));
}

// RFC 9429 4.1.9
TEST(Signaling, CreateAnswer) {
  EXPECT_EQ(
      walk([](InState& at) { return at.self.pc.create_answer(now); }),
      (Outcomes{invalid, invalid, "have-remote-offer", "have-local-pranswer", invalid, invalid}));
}

TEST(Signaling, SetLocalOffer) {
  EXPECT_EQ(walk([](InState& at) {
              const auto offer = at.self.pc.create_offer(now);
              return at.self.pc.set_local_description(
                  offer ? *offer : SessionDescription{SdpType::offer, "v=0"}, now);
            }),
            (Outcomes{"have-local-offer", "have-local-offer", invalid, invalid, invalid, invalid}));
}

TEST(Signaling, SetLocalAnswer) {
  EXPECT_EQ(walk([](InState& at) {
              const auto answer = at.self.pc.create_answer(now);
              return at.self.pc.set_local_description(
                  answer ? *answer : SessionDescription{SdpType::answer, "v=0"}, now);
            }),
            (Outcomes{invalid, invalid, "stable", "stable", invalid, invalid}));
}

TEST(Signaling, SetLocalPranswer) {
  EXPECT_EQ(
      walk([](InState& at) {
        const auto answer = at.self.pc.create_answer(now);
        return at.self.pc.set_local_description({SdpType::pranswer, answer ? answer->sdp : "v=0"},
                                                now);
      }),
      (Outcomes{invalid, invalid, "have-local-pranswer", "have-local-pranswer", invalid, invalid}));
}

TEST(Signaling, SetLocalWithoutArgumentMakesWhatTheStateAsksFor) {
  EXPECT_EQ(
      walk([](InState& at) { return at.self.pc.set_local_description(now); }),
      (Outcomes{"have-local-offer", "have-local-offer", "stable", "stable", invalid, invalid}));
}

TEST(Signaling, SetRemoteOffer) {
  EXPECT_EQ(walk([](InState& at) {
              Lone other{3};
              (void)other.pc.create_data_channel("other", now);
              return at.self.pc.set_remote_description(other.set_offer(), now);
            }),
            (Outcomes{"have-remote-offer", "have-remote-offer", "have-remote-offer", invalid,
                      invalid, invalid}));
}

TEST(Signaling, SetRemoteAnswer) {
  EXPECT_EQ(walk([](InState& at) {
              return at.self.pc.set_remote_description({SdpType::answer, at.theirs.sdp}, now);
            }),
            (Outcomes{invalid, "stable", invalid, invalid, "stable", invalid}));
}

TEST(Signaling, SetRemotePranswer) {
  EXPECT_EQ(walk([](InState& at) {
              return at.self.pc.set_remote_description({SdpType::pranswer, at.theirs.sdp}, now);
            }),
            (Outcomes{invalid, "have-remote-pranswer", invalid, invalid, "have-remote-pranswer",
                      invalid}));
}

// RFC 9429 4.1.10.2
TEST(Signaling, RollbackTakesBackAPendingOffer) {
  const Outcomes expected{invalid, "stable", "stable", invalid, invalid, invalid};
  EXPECT_EQ(walk([](InState& at) {
              return at.self.pc.set_local_description({SdpType::rollback, ""}, now);
            }),
            expected);
  EXPECT_EQ(walk([](InState& at) {
              return at.self.pc.set_remote_description({SdpType::rollback, ""}, now);
            }),
            expected);
}

TEST(Signaling, CallsThatAskNothingOfTheState) {
  EXPECT_EQ(walk([](InState& at) { return at.self.pc.create_data_channel("x", now); }), while_open);
  EXPECT_EQ(walk([](InState& at) { return at.self.pc.add_transceiver(core::MediaKind::audio); }),
            while_open);
  EXPECT_EQ(walk([](InState& at) { return at.self.pc.add_track({core::MediaKind::video, "t"}); }),
            while_open);
  EXPECT_EQ(walk([](InState& at) {
              return at.self.pc.set_configuration(at.self.pc.get_configuration(), now);
            }),
            while_open);
}

// W3C 5.1, 5.2, 5.4: what is done to a sender or a transceiver.
TEST(Signaling, HandlesOfMediaAskOnlyThatTheConnectionIsOpen) {
  const MediaStreamTrack track{core::MediaKind::audio, "voice"};
  const auto transceiver = [](InState& at) {
    return at.self.pc.get_transceivers().empty() ? Transceiver{}
                                                 : at.self.pc.get_transceivers().front();
  };
  EXPECT_EQ(walk([](InState& at) { return at.self.pc.remove_track(at.sender); }, track),
            while_open);
  EXPECT_EQ(walk([](InState& at) { return at.sender.replace_track(std::nullopt); }, track),
            while_open);
  EXPECT_EQ(walk([](InState& at) { return at.sender.set_streams({"s"}); }, track), while_open);
  EXPECT_EQ(
      walk([](InState& at) { return at.sender.set_parameters(at.sender.get_parameters()); }, track),
      while_open);
  EXPECT_EQ(
      walk([&](InState& at) { return transceiver(at).set_direction(Direction::inactive); }, track),
      while_open);
  EXPECT_EQ(walk([&](InState& at) { return transceiver(at).stop(now); }, track), while_open);
}

// W3C 5.1 removeTrack
TEST(Signaling, ASenderOfAnotherConnectionIsRefused) {
  Lone self{1};
  Lone other{2};
  const Sender ours = *self.pc.add_track({core::MediaKind::audio, "ours"});
  const Sender theirs = *other.pc.add_track({core::MediaKind::audio, "theirs"});
  const auto refused = self.pc.remove_track(theirs);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().name, ErrorName::invalid_access_error);
  EXPECT_TRUE(ours.track());
  EXPECT_FALSE(self.pc.remove_track(Sender{}));
}

TEST(Signaling, CandidatesAreIgnoredAfterClose) {
  EXPECT_EQ(walk([](InState& at) { return at.self.pc.add_ice_candidate(std::nullopt, now); }),
            (Outcomes{"stable", "have-local-offer", "have-remote-offer", "have-local-pranswer",
                      "have-remote-pranswer", "closed"}));
}

TEST(Signaling, CloseIsFinalAndSilent) {
  for (const S state : all_states) {
    InState at{state};
    at.self.pc.close(now);
    EXPECT_EQ(at.self.pc.signaling_state(), S::closed);
    EXPECT_EQ(at.self.pc.connection_state(), ConnectionState::closed);
    EXPECT_EQ(at.self.pc.ice_connection_state(), IceConnectionState::closed);
    EXPECT_TRUE(at.self.take<events::SignalingStateChange>().empty());
    at.self.pc.restart_ice();
    at.self.pc.close(now);
    EXPECT_FALSE(at.self.pc.next_timeout());
  }
}

TEST(Signaling, OnlyTheDescriptionCreatedLastMayBeSet) {
  Lone self;
  (void)self.pc.create_data_channel("x", now);
  const auto offer = self.offer();
  const auto refused =
      self.pc.set_local_description({SdpType::offer, offer.sdp + "a=x-mine\r\n"}, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().name, ErrorName::invalid_modification_error);
  EXPECT_TRUE(self.pc.set_local_description(offer, now));
}

}  // namespace
}  // namespace lucid::peer
