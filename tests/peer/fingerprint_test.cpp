#include "tests/peer/call.hpp"
#include "tests/peer/descriptions.hpp"
#include "tests/peer/live_call.hpp"

// RFC 8827 6.5, RFC 8122 6.2: whoever shows another certificate than was signalled gets nothing.
namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

template <class Stage>
class Fingerprint : public testing::Test {
 public:
  Fingerprint() {
    EXPECT_TRUE(stage.left->add_track({core::MediaKind::audio, "a"}));
    channel = *stage.left->create_data_channel("d", stage.now());
  }
  void negotiate(bool forge_offer, bool forge_answer) {
    const auto now = stage.now();
    stage.expect(stage.left->set_local_description(now));
    auto offer = *stage.left.machine.local_description();
    if (forge_offer) offer.sdp = of_another_certificate(offer.sdp);
    stage.expect(stage.right->set_remote_description(offer, now));
    stage.expect(stage.right->set_local_description(now));
    auto answer = *stage.right.machine.local_description();
    if (forge_answer) answer.sdp = of_another_certificate(answer.sdp);
    stage.expect(stage.left->set_remote_description(answer, now));
  }
  // `judge` is who was told another fingerprint.
  template <class Side>
  void expect_nothing_released(Side& judge) {
    ASSERT_TRUE(stage.run_until([&] { return judge.template saw<events::TransportError>(); }, 5s));
    EXPECT_EQ(judge.template first<events::TransportError>()->error.detail,
              ErrorDetail::fingerprint_failure);
    EXPECT_EQ(judge.machine.connection_state(), ConnectionState::failed);
    EXPECT_FALSE(channel.send("secret", stage.now()));
    stage.wait(200ms);
    const auto told = [](auto& side) {
      return side.template saw<events::ChannelOpen>() ||
             side.template saw<events::DataChannelAnnounced>() ||
             side.template saw<events::ChannelMessage>();
    };
    EXPECT_FALSE(told(stage.left));
    EXPECT_FALSE(told(stage.right));
    for (auto* machine : {&stage.left.machine, &stage.right.machine}) {
      const StatsReport report = machine->get_stats(stage.now());
      const auto& transport = *report.of_type("transport").at(0);
      EXPECT_EQ(transport.find("srtpCipher"), nullptr) << "no key was given to SRTP";
    }
  }

  Stage stage;
  DataChannel channel;
};

TYPED_TEST_SUITE(Fingerprint, Stages);

// The answerer is the DTLS client, and sees the server's certificate.
TYPED_TEST(Fingerprint, ThatIsNotTheServersFailsTheTransport) {
  this->negotiate(true, false);
  this->expect_nothing_released(this->stage.right);
}

TYPED_TEST(Fingerprint, ThatIsNotTheClientsFailsTheTransport) {
  this->negotiate(false, true);
  this->expect_nothing_released(this->stage.left);
}

}  // namespace
}  // namespace lucid::peer
