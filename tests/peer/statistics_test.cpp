#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/peer/call.hpp"
#include "tests/peer/frames.hpp"

// docs/statistics.md, held against what a call reports.
namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

enum class Given : std::uint8_t { always, sometimes, never };

// dictionary -> member -> whether it is given
std::map<std::string, std::map<std::string, Given>> table() {
  std::ifstream page{std::string{LUCID_VECTORS} + "/../../docs/statistics.md"};
  std::map<std::string, std::map<std::string, Given>> found;
  std::string dictionary;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) dictionary = line.substr(3);
    if (!line.starts_with("| `")) continue;
    const auto divide = line.find(" | ");
    const std::string told = line.substr(divide + 3);
    const Given given = told == "given |"             ? Given::always
                        : told.starts_with("given, ") ? Given::sometimes
                                                      : Given::never;
    EXPECT_GT(told.size(), 2U) << line;
    std::istringstream names{line.substr(0, divide)};
    for (std::string name; std::getline(names, name, '`');) {
      if (name.find_first_of(" |") != std::string::npos || name.empty()) continue;
      EXPECT_TRUE(found[dictionary].emplace(name, given).second) << dictionary << " " << name;
    }
  }
  return found;
}

core::EncodedFrame sound(std::uint32_t number) {
  core::EncodedFrame frame;
  frame.codec = core::Codec::opus;
  frame.key = true;
  frame.rtp_timestamp = 1440 * number;
  frame.data.assign(100, 0xFC);
  return frame;
}

struct Reporting : testing::Test {
  Reporting() : call{{.delay = 20ms, .loss = 0.02}} {
    (void)call.left->add_track({core::MediaKind::audio, "microphone"}, {"s"});
    (void)call.left->add_track({core::MediaKind::video, "camera"}, {"s"});
    (void)call.left->create_data_channel("d", call.now());
    call.negotiate();
    EXPECT_TRUE(call.run_until([&] { return call.connected(); }));
    for (int i = 0; i < 200; ++i) {
      for (Sender sender : call.left.machine.get_senders()) {
        const bool audio = sender.track()->kind == core::MediaKind::audio;
        const auto number = static_cast<std::uint32_t>(i);
        sender.send(audio ? sound(number) : vp8_frame(i % 50 == 0, 3000, 3000 * number),
                    call.now());
      }
      (void)call.left->next_timeout();
      call.wait(30ms);
    }
  }

  Call call;
};

TEST_F(Reporting, GivesWhatItsPageSaysAndNothingElse) {
  auto members = table();
  ASSERT_GT(members.size(), 10U);
  std::map<std::string, std::set<std::string>> seen;
  for (const auto* machine : {&call.left.machine, &call.right.machine}) {
    for (const Stats& entry : machine->get_stats(call.now()).entries) {
      ASSERT_TRUE(members.contains(entry.type)) << entry.type;
      for (const auto& [name, value] : entry.members) {
        const auto told = members[entry.type].find(std::string{name});
        ASSERT_NE(told, members[entry.type].end()) << entry.type << " " << name;
        EXPECT_NE(told->second, Given::never) << entry.type << " " << name;
        seen[entry.type].insert(std::string{name});
      }
      for (const auto& [name, given] : members[entry.type]) {
        if (given == Given::always) {
          EXPECT_NE(entry.find(name), nullptr) << entry.type << " " << name;
        }
      }
    }
  }
  for (const auto& [type, names] : members) EXPECT_TRUE(seen.contains(type)) << type;
  for (const auto* late : {"remoteId", "rtxSsrc"}) {
    EXPECT_TRUE(seen["outbound-rtp"].contains(late) && seen["inbound-rtp"].contains(late)) << late;
  }
  EXPECT_TRUE(seen["codec"].contains("channels") && seen["codec"].contains("sdpFmtpLine"));
  EXPECT_TRUE(seen["transport"].contains("srtpCipher"));
  EXPECT_TRUE(seen["candidate-pair"].contains("lastPacketSentTimestamp"));
}

// Every id that one entry names is the id of another.
TEST_F(Reporting, IdsLeadToEntries) {
  for (const auto* machine : {&call.left.machine, &call.right.machine}) {
    const StatsReport report = machine->get_stats(call.now());
    for (const Stats& entry : report.entries) {
      for (const auto& [name, value] : entry.members) {
        if (!name.ends_with("Id")) continue;
        EXPECT_NE(report.find(std::get<std::string>(value)), nullptr)
            << entry.type << " " << name << " " << std::get<std::string>(value);
      }
    }
  }
}

}  // namespace
}  // namespace lucid::peer
