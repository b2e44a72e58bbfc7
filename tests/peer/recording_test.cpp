#include "peer/recorder.hpp"

#include <functional>

#include "net/driver.hpp"
#include "net/loop.hpp"
#include "sim/clock_seam.hpp"
#include "tests/peer/call.hpp"

// A session over real sockets is written down and done again without any (STYLE.md 2.1).
namespace lucid::peer {
namespace {

using namespace std::chrono_literals;
using Recorded = Recorder<sim::VirtualTimeScope>;

Configuration live(const net::Loop& loop) {
  Configuration with;
  with.wall_clock = loop.wall_clock();
  with.gather_loopback = true;
  with.gather_tcp = false;
  return with;
}

// What a connection says, in its order, events and datagrams apart.
struct Said {
  std::vector<std::string> events;
  std::vector<std::string> datagrams;
};

// A recorded connection at one end, an ordinary one at the other.
struct Session {
  Session()
      : left{live(loop), loop.context(), loop.now()},
        right{*PeerConnection::create(live(loop), loop.context(), loop.now())},
        left_driver{loop, left, [this](Event event, core::Time now) { on_left(event, now); }},
        right_driver{loop, right, [this](Event event, core::Time now) { on_right(event, now); }} {}

  void on_left(const Event& event, core::Time) {
    if (const auto* it = std::get_if<events::IceCandidate>(&event)) {
      loop.post([this, candidate = it->candidate] {
        EXPECT_TRUE(right.add_ice_candidate(candidate, loop.now()));
        right_driver.pump();
      });
    }
    if (const auto* it = std::get_if<events::ChannelOpen>(&event)) {
      channel = it->channel.key();
      EXPECT_TRUE(left.send(*channel, "hello", loop.now()));
    }
    if (const auto* it = std::get_if<events::ChannelMessage>(&event); it != nullptr) ++messages;
    events.push_back(describe(event));
  }
  void on_right(const Event& event, core::Time now) {
    if (const auto* it = std::get_if<events::IceCandidate>(&event)) {
      loop.post([this, candidate = it->candidate] {
        EXPECT_TRUE(left.add_ice_candidate(candidate, loop.now()));
        left_driver.pump();
      });
    }
    if (const auto* it = std::get_if<events::ChannelMessage>(&event)) {
      DataChannel back = it->channel;
      EXPECT_TRUE(back.send(core::Bytes{it->message.data}, now));
    }
  }
  void run() {
    EXPECT_TRUE(left.create_data_channel("chat", loop.now()));
    EXPECT_TRUE(left.set_local_description(loop.now()));
    EXPECT_TRUE(right.set_remote_description(*left.connection().local_description(), loop.now()));
    EXPECT_TRUE(right.set_local_description(loop.now()));
    EXPECT_TRUE(left.set_remote_description(*right.local_description(), loop.now()));
    left_driver.pump();
    right_driver.pump();
    EXPECT_TRUE(loop.run_until([&] { return messages == 1; }, 5s));
    const std::vector<std::uint8_t> large(200'000, 0x5A);
    EXPECT_TRUE(left.send(*channel, core::Bytes{large}, loop.now()));
    left_driver.pump();
    EXPECT_TRUE(loop.run_until([&] { return messages == 2; }, 5s));
    EXPECT_TRUE(left.close(loop.now()));
    left_driver.pump();
  }

  net::Loop loop;
  Recorded left;
  PeerConnection right;
  std::vector<std::string> events;
  std::optional<std::uint32_t> channel;
  int messages = 0;
  net::Driver<Recorded> left_driver;
  net::Driver<PeerConnection> right_driver;
};

Said replay(const Recording& recording) {
  core::Pool pool;
  Configuration same;
  same.gather_loopback = true;
  same.gather_tcp = false;
  Replay<sim::VirtualTimeScope> again{same, recording, pool};
  Said said;
  const auto drain = [&] {
    while (auto out = again.poll_transmit()) {
      said.datagrams.push_back(out->path.text() + " " + core::to_hex(out->bytes));
    }
    while (auto event = again.poll_event()) {
      // Effects are the driver's, which keeps them to itself.
      if (!std::holds_alternative<core::Effect>(*event)) said.events.push_back(describe(*event));
    }
  };
  while (again.step()) drain();
  EXPECT_TRUE(again.on_track());
  return said;
}

TEST(Recording, ASessionOverRealSocketsReplaysToTheSameEvents) {
  Session session;
  session.run();
  // Through its text, as it would come out of a file.
  const auto read = Recording::parse(session.left.recording().text());
  ASSERT_TRUE(read) << (read ? "" : read.error().text());
  EXPECT_EQ(read->inputs, session.left.recording().inputs);
  const Said said = replay(*read);
  EXPECT_EQ(said.events, session.events);
  EXPECT_GT(said.datagrams.size(), 100U);
  EXPECT_EQ(replay(*read).datagrams, said.datagrams);
}

// Whatever may be asked of a connection comes back from the text as it was.
TEST(Recording, CommandsOfEveryKindAreDoneAgain) {
  net::Loop loop;
  Recorded self{live(loop), loop.context(), loop.now()};
  Configuration changed = self.connection().get_configuration();
  changed.ice_transport_policy = IceTransportPolicy::relay;
  changed.ice_candidate_pool_size = 2;
  changed.ice_servers = {{{"stun:192.0.2.1", "turn:192.0.2.2"}, "some one", ""},
                         {{"stun:192.0.2.3"}, "", ""}};
  changed.ice_servers[0].credential = "secret";
  EXPECT_TRUE(self.set_configuration(changed, loop.now()));
  EXPECT_TRUE(self.create_data_channel("chat", loop.now()));
  EXPECT_TRUE(self.set_local_description(loop.now()));
  EXPECT_TRUE(self.roll_back(loop.now()));
  EXPECT_FALSE(self.roll_back(loop.now()));
  const core::Path path{core::Transport::tcp, *core::Address::parse("192.0.2.1:9"),
                        *core::Address::parse("192.0.2.2:5000")};
  self.opened(core::StreamId{1}, path, loop.now());
  self.listening(core::StreamId{2}, path.local, loop.now());
  self.path_error(path, core::PathError::refused, loop.now());
  self.closed(core::StreamId{1}, core::PathError::refused, loop.now());

  const auto read = Recording::parse(self.recording().text());
  ASSERT_TRUE(read) << (read ? "" : read.error().text());
  core::Pool pool;
  Replay<sim::VirtualTimeScope> again{live(loop), *read, pool};
  while (again.step()) {
  }
  EXPECT_TRUE(again.on_track());
  EXPECT_EQ(again.connection().get_configuration().ice_servers, changed.ice_servers);
  EXPECT_EQ(again.connection().get_configuration().ice_candidate_pool_size, 2);
  EXPECT_EQ(again.connection().signaling_state(), SignalingState::stable);
}

TEST(Recording, OtherRandomBytesTakeItAnotherWay) {
  Session session;
  session.run();
  Recording forged = session.left.recording();
  for (std::uint8_t& byte : forged.random) byte ^= 0x55;
  EXPECT_NE(replay(forged).events, session.events);
}

TEST(Recording, ALineThatCannotBeReadIsNamed) {
  const auto read = Recording::parse("lucid-recording-1 0 0 %\n5 timeout\nnonsense\n");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("Line 3"), std::string::npos);
  EXPECT_FALSE(Recording::parse("something else"));
}

}  // namespace
}  // namespace lucid::peer
